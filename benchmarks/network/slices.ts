import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { part10Header, readPart10Meta } from '../../services/dicom/dataset/part10.ts';
import { datasetBytes, type Element, syntheticUid } from '../../test/support/dicom-bytes.ts';
import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, type LoadInstance } from '../../test/support/load-client.ts';

const SIDE = 512;

/** Writes CT slices of 512 x 512, 12 bits in 16, as Part 10 files; the file name is the SOP Instance UID. */
export function writeSlices(folder: string, count: number, first = 0): void {
  mkdirSync(folder, { recursive: true });
  for (let slice = first; slice < first + count; slice++) {
    const SOPInstanceUID = syntheticUid('benchmark', slice);
    const syntax = { SOPClassUID: CT_IMAGE_STORAGE, TransferSyntaxUID: EXPLICIT_VR_LITTLE_ENDIAN };
    const header = part10Header({ ...syntax, SOPInstanceUID, sourceAETitle: 'BENCH' });
    writeFileSync(join(folder, SOPInstanceUID), Buffer.concat([header, datasetBytes(elements(SOPInstanceUID, slice))]));
  }
}

export function readSlices(folder: string): LoadInstance[] {
  return readdirSync(folder).map((name) => readSlice(join(folder, name)));
}

/** The data set of a Part 10 file, byte for byte. */
export function readSlice(path: string): LoadInstance {
  const file = readFileSync(path);
  const { SOPInstanceUID, datasetOffset } = readPart10Meta(file.subarray(0, 4096));
  return { SOPInstanceUID, dataset: file.subarray(datasetOffset) };
}

/** With private blocks, as scanners write them: they stand before what is indexed. */
function elements(uid: string, slice: number): Element[] {
  return [
    [0x00080005, 'CS', 'ISO_IR 192'],
    [0x00080008, 'CS', 'ORIGINAL\\PRIMARY\\AXIAL'],
    [0x00080016, 'UI', CT_IMAGE_STORAGE],
    [0x00080018, 'UI', uid],
    [0x00080020, 'DA', '20260101'],
    [0x00080060, 'CS', 'CT'],
    [0x0008103e, 'LO', '1.0mm'],
    [0x00100010, 'PN', 'Benchmark'],
    [0x00100020, 'LO', 'BENCH'],
    [0x0020000d, 'UI', syntheticUid('benchmark', 'study')],
    [0x0020000e, 'UI', syntheticUid('benchmark', 'series')],
    [0x00200013, 'IS', String(slice + 1)],
    [0x00200032, 'DS', `-180\\-180\\${slice}`],
    [0x00280002, 'US', [1]],
    [0x00280004, 'CS', 'MONOCHROME2'],
    [0x00280010, 'US', [SIDE]],
    [0x00280011, 'US', [SIDE]],
    [0x00280100, 'US', [16]],
    [0x00280101, 'US', [12]],
    [0x00280102, 'US', [11]],
    [0x00280103, 'US', [0]],
    [0x00290010, 'LO', 'BENCHMARK HEADER'],
    [0x00291010, 'OB', new Uint8Array(2048).fill(slice)],
    [0x7fe00010, 'OW', pixels(slice)],
  ];
}

/** A gradient with noise of a small generator: neither zeros nor the same twice. */
function pixels(slice: number): Uint16Array {
  let state = slice + 1;
  return Uint16Array.from({ length: SIDE * SIDE }, (_, at) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return ((at >>> 9) * 4 + (state >>> 24)) & 0xfff;
  });
}
