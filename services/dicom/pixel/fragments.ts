import { AppError } from '../../domain/errors.ts';
import { ITEM, SEQUENCE_DELIMITER } from '../dataset/element.ts';
import type { ImageFile, PixelDataPlace } from '../dataset/read-file.ts';
import { TAG } from '../dataset/tags.ts';

/** A run of bytes in the file. */
export interface Fragment {
  readonly offset: number;
  readonly length: number;
}

const ITEM_HEADER_BYTES = 8;
/** Read at once while walking from item to item. */
const WINDOW_BYTES = 4096;
/** A slide has some hundred thousand tiles; more fragments than this are no image. */
const MAX_FRAGMENTS = 1_000_000;

/**
 * The fragments of each frame of encapsulated Pixel Data (PS3.5 §A.4). As many fragments as frames are one each, for a frame
 * has at least one: no table can say otherwise, and writers get tables wrong. Else the extended or the basic offset table
 * tells, and without a table the end markers of the codestreams.
 *
 * @throws {AppError} DATASET_UNREADABLE when items, table and Number of Frames do not agree.
 */
export async function framesOf(
  file: ImageFile,
  place: PixelDataPlace,
  frames: number,
): Promise<readonly (readonly Fragment[])[]> {
  const [table, ...fragments] = (await walk(file, place)).items;
  if (!table) throw unreadable('Pixel Data has no offset table item');
  if (frames === 1) return [fragments];
  if (fragments.length === frames) return fragments.map((fragment) => [fragment]);
  const extended = file.dataset.numbers(TAG.ExtendedOffsetTable);
  const starts = extended.length > 0 ? extended : await basicOffsets(file, table);
  if (starts.length === frames) return byOffsets(fragments, starts);
  if (starts.length === 0 && fragments.length > frames) return byEndMarkers(file, fragments, frames);
  throw unreadable(`${frames} frames in ${fragments.length} fragments, ${starts.length} offsets`);
}

/** Where the next element begins. */
export async function pixelDataEnd(file: ImageFile, place: PixelDataPlace): Promise<number> {
  return place.length === undefined ? (await walk(file, place)).end : place.offset + place.length;
}

interface Walked {
  readonly items: readonly Fragment[];
  readonly end: number;
}

/**
 * All items, the offset table first; the run must end with its delimiter inside the file. Lengths are even, but some writers
 * give the odd one of the codestream, and put a byte behind it all the same.
 */
async function walk(file: ImageFile, place: PixelDataPlace): Promise<Walked> {
  const items: Fragment[] = [];
  const headerAt = itemHeaders(file);
  let at = place.offset;
  for (;;) {
    const isAfterOdd = (items.at(-1)?.length ?? 0) % 2 === 1;
    let header = await headerAt(at);
    if (isAfterOdd && !isItem(header.tag)) header = await headerAt(++at);
    if (header.tag === SEQUENCE_DELIMITER) return { items, end: at + ITEM_HEADER_BYTES };
    if (header.tag !== ITEM) throw unreadable(`no item at offset ${at} of Pixel Data`);
    at += ITEM_HEADER_BYTES;
    if (header.length > file.size - at) {
      throw unreadable(`a fragment claims ${header.length} bytes, ${file.size - at} remain`);
    }
    if (items.length > MAX_FRAGMENTS) throw unreadable(`more than ${MAX_FRAGMENTS} fragments`);
    items.push({ offset: at, length: header.length });
    at += header.length;
  }
}

const isItem = (tag: number): boolean => tag === ITEM || tag === SEQUENCE_DELIMITER;

/** Reads the header of the item at an offset; small items that follow each other are read together. */
function itemHeaders(file: ImageFile): (at: number) => Promise<{ readonly tag: number; readonly length: number }> {
  const window = { start: 0, bytes: new Uint8Array(0) };
  return async (at) => {
    if (at + ITEM_HEADER_BYTES > file.size) throw unreadable('Pixel Data ends without its delimiter');
    if (at < window.start || at + ITEM_HEADER_BYTES > window.start + window.bytes.length) {
      window.start = at;
      window.bytes = new Uint8Array(await file.read(at, Math.min(WINDOW_BYTES, file.size - at)));
    }
    const view = new DataView(window.bytes.buffer, at - window.start, ITEM_HEADER_BYTES);
    return { tag: view.getUint16(0, true) * 0x10000 + view.getUint16(2, true), length: view.getUint32(4, true) };
  };
}

async function basicOffsets(file: ImageFile, table: Fragment): Promise<readonly number[]> {
  const bytes = await file.read(table.offset, table.length - (table.length % 4));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / 4 }, (_, index) => view.getUint32(index * 4, true));
}

/** Offsets count from the first byte of the first item behind the table, and name items (PS3.5 §A.4). */
function byOffsets(fragments: readonly Fragment[], starts: readonly number[]): readonly (readonly Fragment[])[] {
  const base = (fragments[0]?.offset ?? 0) - ITEM_HEADER_BYTES;
  const indexOf = new Map(fragments.map(({ offset }, index) => [offset - ITEM_HEADER_BYTES - base, index]));
  const firsts = starts.map((start, frame) => {
    const first = indexOf.get(start);
    if (first === undefined || (frame === 0 && first !== 0)) throw noFragment(frame);
    return first;
  });
  return firsts.map((first, frame) => {
    const next = firsts[frame + 1] ?? fragments.length;
    if (next <= first) throw noFragment(frame + 1);
    return fragments.slice(first, next);
  });
}

/** All JPEG families end a frame with FFD9, then at most one byte of padding. */
async function byEndMarkers(
  file: ImageFile,
  fragments: readonly Fragment[],
  frames: number,
): Promise<readonly (readonly Fragment[])[]> {
  const found: Fragment[][] = [[]];
  for (const fragment of fragments) {
    found.at(-1)?.push(fragment);
    const tail = await file.read(fragment.offset + Math.max(0, fragment.length - 3), Math.min(3, fragment.length));
    if (/ffd9(00)?$/.test(Buffer.from(tail).toString('hex'))) found.push([]);
  }
  if (found.at(-1)?.length === 0) found.pop();
  if (found.length !== frames) throw unreadable(`${frames} frames, ${found.length} end markers in the fragments`);
  return found;
}

function noFragment(frame: number): AppError {
  return unreadable(`the offset of frame ${frame + 1} names no fragment`);
}

function unreadable(what: string): AppError {
  return new AppError('DATASET_UNREADABLE', what);
}
