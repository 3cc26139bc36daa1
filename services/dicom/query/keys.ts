import type { QueryLevel } from '../../domain/query.ts';
import { registeredKeyword } from '../dataset/dictionary.ts';

/** How a key is supported: matched and answered, or answered only. */
type Support = 'unique' | 'matched' | 'answered';

export interface QueryKey {
  readonly keyword: string;
  readonly tag: number;
  readonly vr: string;
  readonly level: QueryLevel;
  readonly support: Support;
}

/** THE keys of PS3.4 §C.6.1.1 and §C.6.2.1 that are held; the Conformance Statement is made from them. */
// biome-ignore format: a table
const KEYS: readonly (readonly [level: QueryLevel, keyword: string, support: Support])[] = [
  ['PATIENT', 'PatientID',                       'unique'],
  ['PATIENT', 'PatientName',                     'matched'],
  ['PATIENT', 'IssuerOfPatientID',               'matched'],
  ['PATIENT', 'PatientBirthDate',                'matched'],
  ['PATIENT', 'PatientSex',                      'matched'],
  ['PATIENT', 'NumberOfPatientRelatedStudies',   'answered'],
  ['PATIENT', 'NumberOfPatientRelatedSeries',    'answered'],
  ['PATIENT', 'NumberOfPatientRelatedInstances', 'answered'],
  ['STUDY',   'StudyInstanceUID',                'unique'],
  ['STUDY',   'StudyDate',                       'matched'],
  ['STUDY',   'StudyTime',                       'matched'],
  ['STUDY',   'AccessionNumber',                 'matched'],
  ['STUDY',   'StudyID',                         'matched'],
  ['STUDY',   'ReferringPhysicianName',          'matched'],
  ['STUDY',   'StudyDescription',                'matched'],
  ['STUDY',   'ModalitiesInStudy',               'matched'],
  ['STUDY',   'PatientAge',                      'answered'],
  ['STUDY',   'NumberOfStudyRelatedSeries',      'answered'],
  ['STUDY',   'NumberOfStudyRelatedInstances',   'answered'],
  ['SERIES',  'SeriesInstanceUID',               'unique'],
  ['SERIES',  'Modality',                        'matched'],
  ['SERIES',  'SeriesNumber',                    'matched'],
  ['SERIES',  'SeriesDescription',               'matched'],
  ['SERIES',  'BodyPartExamined',                'matched'],
  ['SERIES',  'FrameOfReferenceUID',             'answered'],
  ['SERIES',  'NumberOfSeriesRelatedInstances',  'answered'],
  ['IMAGE',   'SOPInstanceUID',                  'unique'],
  ['IMAGE',   'SOPClassUID',                     'matched'],
  ['IMAGE',   'InstanceNumber',                  'matched'],
  ['IMAGE',   'AvailableTransferSyntaxUID',      'answered'],
  ['IMAGE',   'NumberOfFrames',                  'answered'],
  ['IMAGE',   'Rows',                            'answered'],
  ['IMAGE',   'Columns',                         'answered'],
];

export const QUERY_KEYS: readonly QueryKey[] = KEYS.map(([level, keyword, support]) => {
  const entry = registeredKeyword(keyword);
  if (entry === undefined) throw new Error(`${keyword} is not in the dictionary`);
  return { keyword, level, support, ...entry };
});

export const KEY_BY_TAG: ReadonlyMap<number, QueryKey> = new Map(QUERY_KEYS.map((key) => [key.tag, key]));

/** The key that names an entity of a level. */
// biome-ignore format: a table
export const UNIQUE_KEY: Readonly<Record<QueryLevel, string>> = {
  PATIENT: 'PatientID', STUDY: 'StudyInstanceUID', SERIES: 'SeriesInstanceUID', IMAGE: 'SOPInstanceUID',
};
