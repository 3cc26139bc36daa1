import { AppError } from '../../domain/errors.ts';
import { openDataset } from './dataset.ts';
import { concatBytes, elementBytes, textBytes } from './element-bytes.ts';
import { type ReadElements, readElements } from './read-elements.ts';
import { TAG } from './tags.ts';
import { EXPLICIT_LITTLE } from './transfer-syntax.ts';

/** Names this software to its peers, in files and in associations (PS3.7 §D.3.3.2). Made once, from a random UUID. */
export const IMPLEMENTATION_CLASS_UID = '2.25.207856331410273674877556485432878445846';
export const IMPLEMENTATION_VERSION_NAME = 'OVERREAD_0_1';

const PREAMBLE_BYTES = 128;
const META_OFFSET = PREAMBLE_BYTES + 4;
const FIRST_TAG_OF_DATASET = 0x00030000;
/** (0002,0000): tag, VR, length and value. */
const GROUP_LENGTH_BYTES = 12;

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
  const read = readGroup2(head.subarray(META_OFFSET));
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

/**
 * As many elements as the group length announces (PS3.10 §7.1): a damaged data set may begin with what looks like more of
 * them. Where the elements do not end there, the tags decide.
 */
function readGroup2(bytes: Uint8Array): ReadElements {
  const announced = announcedLength(bytes);
  const read =
    announced !== undefined && announced < bytes.length ? tryElements(bytes.subarray(0, announced)) : undefined;
  if (read && !read.cut && read.end === announced) return read;
  return readElements(bytes, EXPLICIT_LITTLE, {
    stopBefore: FIRST_TAG_OF_DATASET,
    totalBytes: Number.POSITIVE_INFINITY,
  });
}

function tryElements(bytes: Uint8Array): ReadElements | undefined {
  try {
    return readElements(bytes, EXPLICIT_LITTLE, { stopBefore: FIRST_TAG_OF_DATASET, totalBytes: bytes.length });
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

/** Bytes of the group from its first element on; `undefined` when that is not (0002,0000). */
function announcedLength(bytes: Uint8Array): number | undefined {
  if (bytes.length < GROUP_LENGTH_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, GROUP_LENGTH_BYTES);
  const isGroupLength = view.getUint32(0, true) === 0x00000002 && view.getUint16(6, true) === 4;
  return isGroupLength ? GROUP_LENGTH_BYTES + view.getUint32(8, true) : undefined;
}
