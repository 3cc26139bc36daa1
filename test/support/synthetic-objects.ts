import { type Element, syntheticUid } from './dicom-bytes.ts';

/** Objects of a study that are not slices; `synthetic-series.ts` gives them their study and their bytes. */
type Make = (study: readonly Element[], seed: string) => Element[];

/** A scout view: CT Image Storage with Image Type value 3 LOCALIZER (PS3.3 §C.8.2.1.1.1), coronal, one image. */
export const localizer: Make = (study, seed) => {
  const [rows, columns] = [128, 96];
  const shades = Int16Array.from({ length: rows * columns }, (_, at) => 1024 + ((at % columns) - columns / 2) * 2);
  return [
    ...study,
    ...identity('1.2.840.10008.5.1.4.1.1.2', 'localizer', seed, 'CT'),
    [0x00080008, 'CS', 'ORIGINAL\\PRIMARY\\LOCALIZER'],
    [0x0008103e, 'LO', 'Scout'],
    [0x00180015, 'CS', 'CHEST'],
    [0x00180050, 'DS', '0.6'],
    [0x00180060, 'DS', '120'],
    [0x00185100, 'CS', 'HFS'],
    [0x00200012, 'IS', '1'],
    [0x00200032, 'DS', '-168\\0\\240'],
    [0x00200037, 'DS', '1\\0\\0\\0\\0\\-1'],
    [0x00200052, 'UI', syntheticUid('frame-of-reference', seed)],
    [0x00201040, 'LO', ''],
    [0x00280002, 'US', [1]],
    [0x00280004, 'CS', 'MONOCHROME2'],
    [0x00280010, 'US', [rows]],
    [0x00280011, 'US', [columns]],
    [0x00280030, 'DS', '3.5\\3.5'],
    [0x00280100, 'US', [16]],
    [0x00280101, 'US', [16]],
    [0x00280102, 'US', [15]],
    [0x00280103, 'US', [1]],
    [0x00281052, 'DS', '-1024'],
    [0x00281053, 'DS', '1'],
    [0x00281054, 'LO', 'HU'],
    [0x7fe00010, 'OW', shades],
  ];
};

/** A Basic Text SR with one sentence (PS3.3 §A.35.1). */
export const textReport: Make = (study, seed) => [
  ...study,
  ...identity('1.2.840.10008.5.1.4.1.1.88.11', 'sr', seed, 'SR'),
  [0x00080023, 'DA', '20240102'],
  [0x00080033, 'TM', '040506'],
  [0x00081111, 'SQ', []],
  [0x0040a040, 'CS', 'CONTAINER'],
  [0x0040a043, 'SQ', [code('18748-4', 'LN', 'Diagnostic imaging report')]],
  [0x0040a050, 'CS', 'SEPARATE'],
  [0x0040a372, 'SQ', []],
  [0x0040a491, 'CS', 'COMPLETE'],
  [0x0040a493, 'CS', 'UNVERIFIED'],
  [
    0x0040a730,
    'SQ',
    [
      [
        [0x0040a010, 'CS', 'CONTAINS'],
        [0x0040a040, 'CS', 'TEXT'],
        [0x0040a043, 'SQ', [code('121071', 'DCM', 'Finding')]],
        [0x0040a160, 'UT', 'A report of somebody else.'],
      ],
    ],
  ],
];

/** An Encapsulated PDF (PS3.3 §A.45.1) around the smallest page a reader opens. */
export const encapsulatedPdf: Make = (study, seed) => {
  const pdf = Buffer.from(
    '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n' +
      '3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n',
  );
  return [
    ...study,
    ...identity('1.2.840.10008.5.1.4.1.1.104.1', 'pdf', seed, 'DOC'),
    [0x00080023, 'DA', '20240102'],
    [0x0008002a, 'DT', '20240102030405'],
    [0x00080033, 'TM', '040506'],
    [0x00080064, 'CS', 'WSD'],
    [0x00280301, 'CS', 'NO'],
    [0x0040a043, 'SQ', []],
    [0x00420010, 'ST', 'A page'],
    [0x00420011, 'OB', pdf],
    [0x00420012, 'LO', 'application/pdf'],
    [0x00420015, 'UL', [pdf.length]],
  ];
};

function identity(sopClass: string, kind: string, seed: string, modality: string): Element[] {
  return [
    [0x00080016, 'UI', sopClass],
    [0x00080018, 'UI', syntheticUid('instance', seed, kind)],
    [0x00080060, 'CS', modality],
    [0x0020000e, 'UI', syntheticUid('series', seed, kind)],
    [0x00200011, 'IS', '90'],
    [0x00200013, 'IS', '1'],
  ];
}

const code = (value: string, scheme: string, meaning: string): Element[] => [
  [0x00080100, 'SH', value],
  [0x00080102, 'SH', scheme],
  [0x00080104, 'LO', meaning],
];
