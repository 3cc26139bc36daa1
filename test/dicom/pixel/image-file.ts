import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { part10Header } from '../../../services/dicom/dataset/part10.ts';
import { openImage } from '../../../services/dicom/dataset/read-file.ts';
import { type PlainDataset, writeDataset } from '../../../services/dicom/dataset/write-dataset.ts';
import { decodeFrame } from '../../../services/dicom/pixel/codecs.ts';
import { readFrame } from '../../../services/dicom/pixel/frames.ts';
import { type PixelInfo, pixelInfo } from '../../../services/dicom/pixel/pixel-info.ts';

const EXPLICIT = '1.2.840.10008.1.2.1';
export const JPEG_LS = '1.2.840.10008.1.2.4.80';
export const RLE = '1.2.840.10008.1.2.5';

/** A folder that is gone when the file's tests are over. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pixel-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export const CT_16: PlainDataset = {
  SOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
  SOPInstanceUID: '1.2.3.4',
  StudyInstanceUID: '1.2.3',
  SeriesInstanceUID: '1.2.3.5',
  Modality: 'CT',
  SamplesPerPixel: 1,
  PhotometricInterpretation: 'MONOCHROME2',
  Rows: 64,
  Columns: 48,
  BitsAllocated: 16,
  BitsStored: 12,
  HighBit: 11,
  PixelRepresentation: 0,
};

/** Writes a Part 10 file; `pixelData` is an element with its header, as it is in the file. */
export function writeImage(file: string, attributes: PlainDataset, pixelData: Uint8Array, syntax = EXPLICIT): string {
  const meta = { SOPClassUID: '1.2.840.10008.5.1.4.1.1.2', SOPInstanceUID: '1.2.3.4', TransferSyntaxUID: syntax };
  const header = part10Header({ ...meta, sourceAETitle: 'TEST' });
  writeFileSync(file, Buffer.concat([header, writeDataset(attributes), pixelData]));
  return file;
}

/** A slope with noise: compresses, but not to nothing; the same each time. */
export function synthetic(count: number, bits: number): Uint16Array {
  let state = 1;
  return Uint16Array.from({ length: count }, (_, at) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return (at + (state >>> 20)) % 2 ** bits;
  });
}

export const bytesOf = (array: ArrayBufferView): Buffer =>
  Buffer.from(array.buffer, array.byteOffset, array.byteLength);

/** All of a frame: file to numbers. */
export async function decodeFile(file: string, frame = 0) {
  const image = await openImage(file);
  try {
    return await decodeFrame(await readFrame(image, frame), pixelInfo(image.dataset, image.meta.TransferSyntaxUID));
  } finally {
    await image.close();
  }
}

/** One frame as it was sent, and what describes it. */
export async function rawFrame(file: string, frame = 0): Promise<{ bytes: Uint8Array; info: PixelInfo }> {
  const image = await openImage(file);
  try {
    return { bytes: await readFrame(image, frame), info: pixelInfo(image.dataset, image.meta.TransferSyntaxUID) };
  } finally {
    await image.close();
  }
}
