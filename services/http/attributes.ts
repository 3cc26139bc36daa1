import type { AttributeRow } from '../domain/ports.ts';

/** Attributes that searches match on and answer with: keyword, tag, VR (PS3.6 Table 6-1). */
// biome-ignore format: a table
const ATTRIBUTES = {
  SpecificCharacterSet:             ['00080005', 'CS'],
  ImageType:                        ['00080008', 'CS'],
  SOPClassUID:                      ['00080016', 'UI'],
  SOPInstanceUID:                   ['00080018', 'UI'],
  StudyDate:                        ['00080020', 'DA'],
  StudyTime:                        ['00080030', 'TM'],
  AccessionNumber:                  ['00080050', 'SH'],
  InstanceAvailability:             ['00080056', 'CS'],
  Modality:                         ['00080060', 'CS'],
  ModalitiesInStudy:                ['00080061', 'CS'],
  SOPClassesInStudy:                ['00080062', 'UI'],
  ReferringPhysicianName:           ['00080090', 'PN'],
  StudyDescription:                 ['00081030', 'LO'],
  SeriesDescription:                ['0008103E', 'LO'],
  RetrieveURL:                      ['00081190', 'UR'],
  AvailableTransferSyntaxUID:       ['00083002', 'UI'],
  PatientName:                      ['00100010', 'PN'],
  PatientID:                        ['00100020', 'LO'],
  IssuerOfPatientID:                ['00100021', 'LO'],
  PatientBirthDate:                 ['00100030', 'DA'],
  PatientSex:                       ['00100040', 'CS'],
  PatientAge:                       ['00101010', 'AS'],
  BodyPartExamined:                 ['00180015', 'CS'],
  StudyInstanceUID:                 ['0020000D', 'UI'],
  SeriesInstanceUID:                ['0020000E', 'UI'],
  StudyID:                          ['00200010', 'SH'],
  SeriesNumber:                     ['00200011', 'IS'],
  InstanceNumber:                   ['00200013', 'IS'],
  FrameOfReferenceUID:              ['00200052', 'UI'],
  NumberOfStudyRelatedSeries:       ['00201206', 'IS'],
  NumberOfStudyRelatedInstances:    ['00201208', 'IS'],
  NumberOfSeriesRelatedInstances:   ['00201209', 'IS'],
  NumberOfFrames:                   ['00280008', 'IS'],
  Rows:                             ['00280010', 'US'],
  Columns:                          ['00280011', 'US'],
  BitsAllocated:                    ['00280100', 'US'],
} as const satisfies Record<string, readonly [tag: string, vr: string]>;

export type Keyword = keyof typeof ATTRIBUTES;
export type Vr = (typeof ATTRIBUTES)[Keyword][1];

const KEYWORD_OF_TAG: ReadonlyMap<string, Keyword> = new Map(
  (Object.keys(ATTRIBUTES) as Keyword[]).map((keyword) => [ATTRIBUTES[keyword][0], keyword]),
);

export const vrOf = (keyword: Keyword): Vr => ATTRIBUTES[keyword][1];

/** The keyword that a name in a query means: a keyword, or a tag as eight hexadecimal digits (PS3.18 §8.3.4.1). */
export function keywordOf(name: string): Keyword | undefined {
  return isKeyword(name) ? name : KEYWORD_OF_TAG.get(name.toUpperCase());
}

const isKeyword = (name: string): name is Keyword => Object.hasOwn(ATTRIBUTES, name);

export interface JsonElement {
  readonly vr: string;
  readonly Value?: readonly unknown[];
}

/** A row as an object of the DICOM JSON Model (PS3.18 §F.2). Keywords not in the table are left out. */
export function dicomJsonOf(row: AttributeRow): Record<string, JsonElement> {
  const elements = Object.entries(row).flatMap(([keyword, value]): [string, JsonElement][] => {
    if (!isKeyword(keyword)) return [];
    const [tag, vr] = ATTRIBUTES[keyword];
    const values = valuesOf(vr, value).map((each) => jsonValue(vr, each));
    // An empty attribute keeps its VR and has no Value (§F.2.5); null keeps the place of an empty value among others.
    return [[tag, values.every((each) => each === null) ? { vr } : { vr, Value: values }]];
  });
  return Object.fromEntries(elements);
}

function valuesOf(vr: Vr, value: AttributeRow[string]): readonly (string | number)[] {
  if (value === null || value === '') return [];
  if (typeof value === 'number') return [value];
  // A backslash separates values in every VR of the table but UR (PS3.5 §6.2).
  if (typeof value === 'string') return vr === 'UR' ? [value] : value.split('\\');
  return value;
}

function jsonValue(vr: Vr, value: string | number): unknown {
  if (vr === 'IS' || vr === 'US') {
    const number = typeof value === 'number' ? value : Number(value.trim() || Number.NaN);
    return Number.isFinite(number) ? number : null;
  }
  const text = String(value);
  if (text === '') return null;
  return vr === 'PN' ? personName(text) : text;
}

/** The three component groups by name, empty ones left out (§F.2.2). */
function personName(text: string): Record<string, string> | null {
  const [Alphabetic = '', Ideographic = '', Phonetic = ''] = text.split('=');
  const groups = Object.entries({ Alphabetic, Ideographic, Phonetic }).filter(([, group]) => group !== '');
  return groups.length === 0 ? null : Object.fromEntries(groups);
}
