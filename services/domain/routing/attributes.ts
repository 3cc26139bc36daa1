/** How the values of an attribute are compared. */
export type AttributeKind = 'text' | 'name' | 'number' | 'date' | 'time' | 'age';

export interface RoutingAttribute {
  /** Keyword of PS3.6, or a name of ours in camelCase. */
  readonly keyword: string;
  /** `ggggeeee`; `''` for what is ours. */
  readonly tag: string;
  readonly level: 'study' | 'series';
  readonly kind: AttributeKind;
}

type Row = readonly [keyword: string, tag: string, level: RoutingAttribute['level'], kind: AttributeKind];

/** THE attributes that a condition may ask for: what the index holds. Docs and error texts are made from them. */
// biome-ignore format: a table
const ROWS: readonly Row[] = [
  ['StudyInstanceUID',               '0020000D', 'study',  'text'],
  ['StudyDate',                      '00080020', 'study',  'date'],
  ['StudyTime',                      '00080030', 'study',  'time'],
  ['StudyID',                        '00200010', 'study',  'text'],
  ['StudyDescription',               '00081030', 'study',  'text'],
  ['AccessionNumber',                '00080050', 'study',  'text'],
  ['ReferringPhysicianName',         '00080090', 'study',  'name'],
  ['PatientName',                    '00100010', 'study',  'name'],
  ['PatientID',                      '00100020', 'study',  'text'],
  ['IssuerOfPatientID',              '00100021', 'study',  'text'],
  ['PatientBirthDate',               '00100030', 'study',  'date'],
  ['PatientSex',                     '00100040', 'study',  'text'],
  ['PatientAge',                     '00101010', 'study',  'age'],
  ['RequestedProcedurePriority',     '00401003', 'study',  'text'],
  ['ModalitiesInStudy',              '00080061', 'study',  'text'],
  ['NumberOfStudyRelatedSeries',     '00201206', 'study',  'number'],
  ['NumberOfStudyRelatedInstances',  '00201208', 'study',  'number'],
  ['SeriesInstanceUID',              '0020000E', 'series', 'text'],
  ['Modality',                       '00080060', 'series', 'text'],
  ['SeriesNumber',                   '00200011', 'series', 'number'],
  ['SeriesDescription',              '0008103E', 'series', 'text'],
  ['BodyPartExamined',               '00180015', 'series', 'text'],
  ['NumberOfSeriesRelatedInstances', '00201209', 'series', 'number'],
  ['SOPClassUID',                    '00080016', 'series', 'text'],
  ['ImageType',                      '00080008', 'series', 'text'],
  ['Rows',                           '00280010', 'series', 'number'],
  ['Columns',                        '00280011', 'series', 'number'],
  ['NumberOfFrames',                 '00280008', 'series', 'number'],
  ['PresentationIntentType',         '00080068', 'series', 'text'],
  ['Manufacturer',                   '00080070', 'series', 'text'],
  ['InstitutionName',                '00080080', 'series', 'text'],
  ['StationName',                    '00081010', 'series', 'text'],
  ['InstitutionalDepartmentName',    '00081040', 'series', 'text'],
  ['ManufacturerModelName',          '00081090', 'series', 'text'],
  ['ContrastBolusAgent',             '00180010', 'series', 'text'],
  ['SliceThickness',                 '00180050', 'series', 'number'],
  ['KVP',                            '00180060', 'series', 'number'],
  ['SpacingBetweenSlices',           '00180088', 'series', 'number'],
  ['ProtocolName',                   '00181030', 'series', 'text'],
  ['ConvolutionKernel',              '00181210', 'series', 'text'],
  ['PatientPosition',                '00185100', 'series', 'text'],
  ['ViewPosition',                   '00185101', 'series', 'text'],
  ['Laterality',                     '00200060', 'series', 'text'],
  ['ImageLaterality',                '00200062', 'series', 'text'],
  ['sourceAETitle',                  '',         'series', 'text'],
];

export const ROUTING_ATTRIBUTES: readonly RoutingAttribute[] = ROWS.map(([keyword, tag, level, kind]) => ({
  ...{ keyword, tag, level, kind },
}));

const BY_WORD: ReadonlyMap<string, RoutingAttribute> = new Map(
  ROUTING_ATTRIBUTES.flatMap((attribute) => [
    [attribute.keyword, attribute],
    ...(attribute.tag === '' ? [] : [[attribute.tag, attribute] as const]),
  ]),
);

/** By keyword, or by tag in any of its forms: `00180050`, `0018,0050`, `(0018,0050)`. */
export function routingAttribute(word: string): RoutingAttribute | undefined {
  return BY_WORD.get(word) ?? BY_WORD.get(word.replace(/[(),\s]/g, '').toUpperCase());
}

/** Attributes of the first image of a series that are indexed for nothing else, as keywords. */
export const TECHNIQUE_KEYWORDS = [
  'PresentationIntentType',
  'Manufacturer',
  'InstitutionName',
  'StationName',
  'InstitutionalDepartmentName',
  'ManufacturerModelName',
  'ContrastBolusAgent',
  'SliceThickness',
  'KVP',
  'SpacingBetweenSlices',
  'ProtocolName',
  'ConvolutionKernel',
  'PatientPosition',
  'ViewPosition',
  'Laterality',
  'ImageLaterality',
] as const;
