import { datasetBytes, type Element, part10Bytes, syntheticUid } from '../../test/support/dicom-bytes.ts';
import { CT_IMAGE_STORAGE } from '../../test/support/load-client.ts';

const SIDE = 512;

export const STUDY = syntheticUid('dicomweb-benchmark', 'study');
export const SERIES = syntheticUid('dicomweb-benchmark', 'series');
export const instanceUid = (slice: number): string => syntheticUid('dicomweb-benchmark', slice);

/** A slice of 512 x 512, 12 bits in 16, with as many attributes as a scanner writes. No model reads it: it says MR. */
export function slice(number: number): {
  SOPClassUID: string;
  SOPInstanceUID: string;
  TransferSyntaxUID: string;
  dataset: Uint8Array;
} {
  return {
    SOPClassUID: CT_IMAGE_STORAGE,
    SOPInstanceUID: instanceUid(number),
    TransferSyntaxUID: '1.2.840.10008.1.2.1',
    dataset: datasetBytes(elements(number)),
  };
}

export const sliceFile = (number: number): Uint8Array => part10Bytes(elements(number), 'explicit');

function elements(number: number): Element[] {
  const code = (value: string, meaning: string): Element[] => [
    [0x00080100, 'SH', value],
    [0x00080102, 'SH', 'SCT'],
    [0x00080104, 'LO', meaning],
  ];
  const private_: Element[] = [0x0019, 0x0021, 0x0043].flatMap((group): Element[] => [
    [group * 0x10000 + 0x10, 'LO', `BENCHMARK ${group}`],
    ...Array.from({ length: 20 }, (_, at): Element => [group * 0x10000 + 0x1001 + at, 'DS', `${at}.${number}`]),
    [group * 0x10000 + 0x1080, 'OB', new Uint8Array(2048).fill(number)],
  ]);
  const all: Element[] = [
    [0x00080005, 'CS', 'ISO_IR 100'],
    [0x00080008, 'CS', 'ORIGINAL\\PRIMARY\\AXIAL'],
    [0x00080016, 'UI', CT_IMAGE_STORAGE],
    [0x00080018, 'UI', instanceUid(number)],
    [0x00080020, 'DA', '20260101'],
    [0x00080021, 'DA', '20260101'],
    [0x00080022, 'DA', '20260101'],
    [0x00080023, 'DA', '20260101'],
    [0x00080030, 'TM', '101500'],
    [0x00080031, 'TM', '101530'],
    [0x00080032, 'TM', '101531.250000'],
    [0x00080033, 'TM', '101531.250000'],
    [0x00080050, 'SH', 'A-1'],
    [0x00080060, 'CS', 'MR'],
    [0x00080070, 'LO', 'Benchmark'],
    [0x00080080, 'LO', 'Hospital of the Benchmark'],
    [0x00080090, 'PN', 'Referring^Physician'],
    [0x00081010, 'SH', 'STATION'],
    [0x00081030, 'LO', 'Thorax'],
    [0x0008103e, 'LO', '1.0mm'],
    [0x00081090, 'LO', 'Model'],
    [0x00081032, 'SQ', [code('41806', 'Imaging')]],
    [
      0x00081140,
      'SQ',
      Array.from({ length: 3 }, (_, at): Element[] => [
        [0x00081150, 'UI', CT_IMAGE_STORAGE],
        [0x00081155, 'UI', instanceUid(at)],
      ]),
    ],
    [0x00100010, 'PN', 'Benchmark^Müller'],
    [0x00100020, 'LO', 'BENCH'],
    [0x00100030, 'DA', '19600101'],
    [0x00100040, 'CS', 'O'],
    [0x00101010, 'AS', '066Y'],
    [0x00180015, 'CS', 'CHEST'],
    [0x00180050, 'DS', '1.0'],
    [0x00180060, 'DS', '120'],
    [0x00180090, 'DS', '500'],
    [0x00181020, 'LO', 'v1'],
    [0x00181030, 'LO', 'Chest routine'],
    [0x00181100, 'DS', '360'],
    [0x00181110, 'DS', '1085.6'],
    [0x00181111, 'DS', '595'],
    [0x00181120, 'DS', '0'],
    [0x00181130, 'DS', '144'],
    [0x00181140, 'CS', 'CW'],
    [0x00181150, 'IS', '500'],
    [0x00181151, 'IS', '280'],
    [0x00181152, 'IS', '140'],
    [0x00181160, 'SH', 'BODY'],
    [0x00181210, 'SH', 'B60f'],
    [0x00185100, 'CS', 'HFS'],
    [0x0020000d, 'UI', STUDY],
    [0x0020000e, 'UI', SERIES],
    [0x00200010, 'SH', '1'],
    [0x00200011, 'IS', '2'],
    [0x00200012, 'IS', '1'],
    [0x00200013, 'IS', String(number + 1)],
    [0x00200032, 'DS', `-180.000000\\-180.000000\\${number}.500000`],
    [0x00200037, 'DS', '1.000000\\0.000000\\0.000000\\0.000000\\1.000000\\0.000000'],
    [0x00200052, 'UI', syntheticUid('dicomweb-benchmark', 'frame of reference')],
    [0x00201040, 'LO', ''],
    [0x00201041, 'DS', String(number)],
    [0x00280002, 'US', [1]],
    [0x00280004, 'CS', 'MONOCHROME2'],
    [0x00280010, 'US', [SIDE]],
    [0x00280011, 'US', [SIDE]],
    [0x00280030, 'DS', '0.703125\\0.703125'],
    [0x00280100, 'US', [16]],
    [0x00280101, 'US', [12]],
    [0x00280102, 'US', [11]],
    [0x00280103, 'US', [0]],
    [0x00281050, 'DS', '-600'],
    [0x00281051, 'DS', '1500'],
    [0x00281052, 'DS', '-1024'],
    [0x00281053, 'DS', '1'],
    [0x7fe00010, 'OW', PIXELS],
    ...private_,
  ];
  return all.sort(([a], [b]) => a - b);
}

/** A gradient with noise of a small generator; the same in each slice, for nobody looks at it. */
const PIXELS = (() => {
  let state = 1;
  return Uint16Array.from({ length: SIDE * SIDE }, (_, at) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return ((at >>> 9) * 4 + (state >>> 28)) & 0xfff;
  });
})();
