import type { Code } from '../../domain/report-source.ts';

/** Coded concepts of PS3.16 by the designators of its table 8-1; each line: value, scheme, meaning. */
const dcm = (value: string, meaning: string): Code => ({ value, scheme: 'DCM', meaning });
const sct = (value: string, meaning: string): Code => ({ value, scheme: 'SCT', meaning });
const ucum = (value: string, meaning: string): Code => ({ value, scheme: 'UCUM', meaning });

/** Our own codes: reasons why a study was not analysed, density of lesions, verdicts of readers. Every report that uses one identifies the scheme. */
export const PRIVATE_SCHEME = '99OVERREAD';

// biome-ignore format: a table
export const CONCEPT = {
  // document and its context: TID 1500, 1204, 1002, 1003, 1004, 1005, 1006
  imagingMeasurementReport:  dcm('126000', 'Imaging Measurement Report'),
  language:                  dcm('121049', 'Language of Content Item and Descendants'),
  countryOfLanguage:         dcm('121046', 'Country of Language'),
  observerType:              dcm('121005', 'Observer Type'),
  deviceObserverUID:         dcm('121012', 'Device Observer UID'),
  deviceObserverName:        dcm('121013', 'Device Observer Name'),
  deviceObserverManufacturer: dcm('121014', 'Device Observer Manufacturer'),
  deviceObserverModelName:   dcm('121015', 'Device Observer Model Name'),
  deviceObserverSerialNumber: dcm('121016', 'Device Observer Serial Number'),
  personObserverName:        dcm('121008', 'Person Observer Name'),
  personObserverOrganization: dcm('121009', "Person Observer's Organization Name"),
  procedureStudyInstanceUID: dcm('121018', 'Procedure Study Instance UID'),
  accessionNumber:           dcm('121022', 'Accession Number'),
  subjectClass:              dcm('121024', 'Subject Class'),
  procedureReported:         dcm('121058', 'Procedure reported'),
  imagingMeasurements:       dcm('126010', 'Imaging Measurements'),
  qualitativeEvaluations:    { value: 'C0034375', scheme: 'UMLS', meaning: 'Qualitative Evaluations' },
  // image library: TID 1600, 1602, 1604
  imageLibrary:              dcm('111028', 'Image Library'),
  imageLibraryGroup:         dcm('126200', 'Image Library Group'),
  modality:                  dcm('121139', 'Modality'),
  frameOfReferenceUID:       dcm('112227', 'Frame of Reference UID'),
  pixelDataRows:             dcm('110910', 'Pixel Data Rows'),
  pixelDataColumns:          dcm('110911', 'Pixel Data Columns'),
  horizontalPixelSpacing:    dcm('111026', 'Horizontal Pixel Spacing'),
  verticalPixelSpacing:      dcm('111066', 'Vertical Pixel Spacing'),
  spacingBetweenSlices:      dcm('112226', 'Spacing between slices'),
  // algorithm: TID 4019
  algorithmName:             dcm('111001', 'Algorithm Name'),
  algorithmVersion:          dcm('111003', 'Algorithm Version'),
  algorithmParameters:       dcm('111002', 'Algorithm Parameters'),
  // a finding: TID 1501, 300, 320
  measurementGroup:          dcm('125007', 'Measurement Group'),
  trackingIdentifier:        dcm('112039', 'Tracking Identifier'),
  trackingUniqueIdentifier:  dcm('112040', 'Tracking Unique Identifier'),
  finding:                   dcm('121071', 'Finding'),
  findingSite:               sct('363698007', 'Finding Site'),
  laterality:                sct('272741003', 'Laterality'),
  imageRegion:               dcm('111030', 'Image Region'),
  longAxis:                  sct('103339001', 'Long Axis'),
  shortAxis:                 sct('103340004', 'Short Axis'),
  diameter:                  sct('81827009', 'Diameter'),
  volume:                    sct('118565006', 'Volume'),
  attenuation:               dcm('112031', 'Attenuation Coefficient'),
  distance:                  dcm('121206', 'Distance'),
  derivation:                dcm('121401', 'Derivation'),
  lesionDensity:             { value: 'LESION_DENSITY', scheme: PRIVATE_SCHEME, meaning: 'Density of the lesion' },
  certaintyOfFinding:        dcm('111012', 'Certainty of Finding'),
  equivalentMeaning:         dcm('121050', 'Equivalent Meaning of Concept Name'),
  comment:                   dcm('121106', 'Comment'),
  // text for a reader: a section of CID 7001 with elements of CID 7002
  summary:                   dcm('121111', 'Summary'),
  conclusion:                dcm('121077', 'Conclusion'),
  recommendation:            dcm('121075', 'Recommendation'),
  // what the analysis came to; the concepts of CAD reports (TID 4000)
  summaryOfDetections:       dcm('111064', 'Summary of Detections'),
  processingSummary:         dcm('111017', 'CAD Processing and Findings Summary'),
  // what a reader said of each finding of a model
  verdict:                   { value: 'VERDICT', scheme: PRIVATE_SCHEME, meaning: 'Verdict of the reader on a finding' },
  rejectReason:              { value: 'REJECT_REASON', scheme: PRIVATE_SCHEME, meaning: 'Why the finding was rejected' },
  reasonNotAnalysed:         { value: 'NOT_ANALYSABLE', scheme: PRIVATE_SCHEME, meaning: 'Reason the study was not analysed' },
} as const satisfies Record<string, Code>;

// biome-ignore format: a table
export const VALUE = {
  english:             { value: 'en', scheme: 'RFC5646', meaning: 'English' },
  unitedStates:        { value: 'US', scheme: 'ISO3166_1', meaning: 'United States' },
  chinese:             { value: 'zh', scheme: 'RFC5646', meaning: 'Chinese' },
  china:               { value: 'CN', scheme: 'ISO3166_1', meaning: 'China' },
  person:              dcm('121006', 'Person'),
  device:              dcm('121007', 'Device'),
  patient:             dcm('121025', 'Patient'),
  imagingProcedure:    sct('363679005', 'Imaging procedure'),
  left:                sct('7771000', 'Left'),
  right:               sct('24028007', 'Right'),
  lesion:              sct('52988006', 'Lesion'),
  mean:                sct('373098007', 'Mean'),
  solid:               { value: 'SOLID', scheme: PRIVATE_SCHEME, meaning: 'Solid' },
  partSolid:           { value: 'PART_SOLID', scheme: PRIVATE_SCHEME, meaning: 'Part-solid' },
  groundGlass:         { value: 'GROUND_GLASS', scheme: PRIVATE_SCHEME, meaning: 'Ground glass' },
  accepted:            { value: 'ACCEPTED', scheme: PRIVATE_SCHEME, meaning: 'Accepted' },
  modified:            { value: 'MODIFIED', scheme: PRIVATE_SCHEME, meaning: 'Modified' },
  rejected:            { value: 'REJECTED', scheme: PRIVATE_SCHEME, meaning: 'Rejected' },
  present:             sct('52101004', 'Present'),
  absent:              sct('272519000', 'Absent'),
  succeeded:           dcm('111222', 'Succeeded'),
  notAttempted:        dcm('111225', 'Not Attempted'),
  withoutFindings:     dcm('111241', 'All algorithms succeeded; without findings'),
  withFindings:        dcm('111242', 'All algorithms succeeded; with findings'),
} as const satisfies Record<string, Code>;

/** Why a finding was rejected; `rest` of those that were rejected together, none of them judged. */
// biome-ignore format: a table
export const REJECT_REASON = {
  vessel:           { value: 'VESSEL', scheme: PRIVATE_SCHEME, meaning: 'Vessel' },
  scar:             { value: 'SCAR', scheme: PRIVATE_SCHEME, meaning: 'Scar or atelectasis' },
  calcified:        { value: 'CALCIFIED', scheme: PRIVATE_SCHEME, meaning: 'Calcified, benign' },
  artefact:         { value: 'ARTEFACT', scheme: PRIVATE_SCHEME, meaning: 'Artefact or motion' },
  normalStructure:  { value: 'NORMAL_STRUCTURE', scheme: PRIVATE_SCHEME, meaning: 'Normal structure or lymph node' },
  duplicate:        { value: 'DUPLICATE', scheme: PRIVATE_SCHEME, meaning: 'Duplicate of another finding' },
  wrongSizeOrClass: { value: 'WRONG_SIZE_CLASS', scheme: PRIVATE_SCHEME, meaning: 'Wrong size or class' },
  notRelevant:      { value: 'NOT_RELEVANT', scheme: PRIVATE_SCHEME, meaning: 'Real, but not relevant' },
  rest:             { value: 'NOT_JUDGED', scheme: PRIVATE_SCHEME, meaning: 'Rejected with the rest, not judged one by one' },
} as const satisfies Record<string, Code>;

// biome-ignore format: a table
export const UNIT = {
  millimeter:      ucum('mm', 'millimeter'),
  cubicMillimeter: ucum('mm3', 'cubic millimeter'),
  hounsfield:      ucum("[hnsf'U]", 'Hounsfield unit'),
  percent:         ucum('%', 'percent'),
  pixels:          ucum('{pixels}', 'pixels'),
} as const satisfies Record<string, Code>;

/** CID 29, the acquisition modalities an image of ours may come from. */
const MODALITY = {
  CT: 'Computed Tomography',
  MR: 'Magnetic Resonance',
  CR: 'Computed Radiography',
  DX: 'Digital Radiography',
  MG: 'Mammography',
  XA: 'X-Ray Angiography',
  RF: 'Radiofluoroscopy',
  US: 'Ultrasound',
  NM: 'Nuclear Medicine',
  PT: 'Positron emission tomography',
} as const;
type Modality = keyof typeof MODALITY;

/** Image Storage SOP Classes (PS3.4 §B.5) by the modality they belong to. */
// biome-ignore format: a table
const IMAGE_SOP_CLASSES: Readonly<Record<string, { modality: Modality; multiFrame: boolean }>> = {
  '1.2.840.10008.5.1.4.1.1.2':        { modality: 'CT', multiFrame: false },
  '1.2.840.10008.5.1.4.1.1.2.1':      { modality: 'CT', multiFrame: true },
  '1.2.840.10008.5.1.4.1.1.2.2':      { modality: 'CT', multiFrame: true },
  '1.2.840.10008.5.1.4.1.1.4':        { modality: 'MR', multiFrame: false },
  '1.2.840.10008.5.1.4.1.1.4.1':      { modality: 'MR', multiFrame: true },
  '1.2.840.10008.5.1.4.1.1.4.4':      { modality: 'MR', multiFrame: true },
  '1.2.840.10008.5.1.4.1.1.1':        { modality: 'CR', multiFrame: false },
  '1.2.840.10008.5.1.4.1.1.1.1':      { modality: 'DX', multiFrame: false },
  '1.2.840.10008.5.1.4.1.1.1.1.1':    { modality: 'DX', multiFrame: false },
  '1.2.840.10008.5.1.4.1.1.1.2':      { modality: 'MG', multiFrame: false },
  '1.2.840.10008.5.1.4.1.1.1.2.1':    { modality: 'MG', multiFrame: false },
  '1.2.840.10008.5.1.4.1.1.13.1.3':   { modality: 'MG', multiFrame: true },
  '1.2.840.10008.5.1.4.1.1.12.1':     { modality: 'XA', multiFrame: true },
  '1.2.840.10008.5.1.4.1.1.12.1.1':   { modality: 'XA', multiFrame: true },
  '1.2.840.10008.5.1.4.1.1.12.2':     { modality: 'RF', multiFrame: true },
  '1.2.840.10008.5.1.4.1.1.6.1':      { modality: 'US', multiFrame: false },
  '1.2.840.10008.5.1.4.1.1.3.1':      { modality: 'US', multiFrame: true },
  '1.2.840.10008.5.1.4.1.1.20':       { modality: 'NM', multiFrame: true },
  '1.2.840.10008.5.1.4.1.1.128':      { modality: 'PT', multiFrame: false },
  '1.2.840.10008.5.1.4.1.1.130':      { modality: 'PT', multiFrame: true },
};

/** The modality of an image, `undefined` for what is no image and may not stand in an IMAGE content item. */
export const imageModality = (SOPClassUID: string): string | undefined => IMAGE_SOP_CLASSES[SOPClassUID]?.modality;

export const isMultiFrame = (SOPClassUID: string): boolean => IMAGE_SOP_CLASSES[SOPClassUID]?.multiFrame ?? false;

export const modalityCode = (modality: string): Code | undefined =>
  Object.hasOwn(MODALITY, modality) ? dcm(modality, MODALITY[modality as Modality]) : undefined;
