import { AppError } from '../../domain/errors.ts';
import { openDataset } from './dataset.ts';
import { concatBytes, elementBytes, textBytes } from './element-bytes.ts';
import { readElements } from './read-elements.ts';
import { TAG } from './tags.ts';
import { EXPLICIT_LITTLE } from './transfer-syntax.ts';

/** Names this software to its peers, in files and in associations (PS3.7 §D.3.3.2). Made once, from a random UUID. */
export const IMPLEMENTATION_CLASS_UID = '2.25.207856331410273674877556485432878445846';
export const IMPLEMENTATION_VERSION_NAME = 'OVERREAD_0_1';

const PREAMBLE_BYTES = 128;
const META_OFFSET = PREAMBLE_BYTES + 4;
const FIRST_TAG_OF_DATASET = 0x00030000;

export interface FileMeta {
  readonly SOPClassUID: string;
  readonly SOPInstanceUID: string;
  readonly TransferSyntaxUID: string;
}

/**
 * Preamble, prefix and file meta information of a file of ours (PS3.10 §7.1). The preamble is always zero, so that no
 * file we write is also something else.
 */
export function part10Header(meta: FileMeta & { readonly sourceAETitle: string }): Uint8Array {
  const text = (tag: number, vr: string, value: string) => elementBytes(tag, vr, textBytes(vr, value));
  const elements = concatBytes([
    elementBytes(0x00020001, 'OB', Uint8Array.of(0, 1)),
    text(TAG.MediaStorageSOPClassUID, 'UI', meta.SOPClassUID),
    text(TAG.MediaStorageSOPInstanceUID, 'UI', meta.SOPInstanceUID),
    text(TAG.TransferSyntaxUID, 'UI', meta.TransferSyntaxUID),
    text(0x00020012, 'UI', IMPLEMENTATION_CLASS_UID),
    text(0x00020013, 'SH', IMPLEMENTATION_VERSION_NAME),
    text(0x00020016, 'AE', meta.sourceAETitle),
  ]);
  const groupLength = new Uint8Array(4);
  new DataView(groupLength.buffer).setUint32(0, elements.length, true);
  const prefix = new TextEncoder().encode('DICM');
  return concatBytes([new Uint8Array(PREAMBLE_BYTES), prefix, elementBytes(0x00020000, 'UL', groupLength), elements]);
}

/**
 * Reads the file meta information from the head of a Part 10 file; `datasetOffset` is where the data set begins.
 *
 * @throws {AppError} DATASET_UNREADABLE when `head` is no Part 10 file, names no transfer syntax or ends inside group 0002.
 */
export function readPart10Meta(head: Uint8Array): FileMeta & { readonly datasetOffset: number } {
  const prefix = String.fromCharCode(...head.subarray(PREAMBLE_BYTES, META_OFFSET));
  if (prefix !== 'DICM') throw new AppError('DATASET_UNREADABLE', 'no DICM prefix at offset 128: not a DICOM file');
  const read = readElements(head.subarray(META_OFFSET), EXPLICIT_LITTLE, {
    stopBefore: FIRST_TAG_OF_DATASET,
    totalBytes: Number.POSITIVE_INFINITY,
  });
  if (read.cut) throw new AppError('DATASET_UNREADABLE', 'ends inside the file meta information');
  const { dataset } = openDataset(read.elements, read.tolerated);
  const TransferSyntaxUID = dataset.string(TAG.TransferSyntaxUID);
  if (TransferSyntaxUID === '') {
    throw new AppError('DATASET_UNREADABLE', 'the file meta information names no transfer syntax');
  }
  return {
    SOPClassUID: dataset.string(TAG.MediaStorageSOPClassUID),
    SOPInstanceUID: dataset.string(TAG.MediaStorageSOPInstanceUID),
    TransferSyntaxUID,
    datasetOffset: META_OFFSET + read.end,
  };
}
