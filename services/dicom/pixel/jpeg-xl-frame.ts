import { damaged } from './damaged.ts';

const RATIOS: readonly (readonly [number, number])[] = [
  [0, 0],
  [1, 1],
  [12, 10],
  [4, 3],
  [3, 2],
  [16, 9],
  [5, 4],
  [2, 1],
];
const SIZE_BITS: readonly number[] = [9, 13, 18, 30];
const SIGNATURE = 0xff0a;
/** First box of the container, "JXL " (ISO/IEC 18181-2 §9.1). */
const CONTAINER = [0, 0, 0, 0x0c, 0x4a, 0x58, 0x4c, 0x20, 0x0d, 0x0a, 0x87, 0x0a];

/**
 * The size that a JPEG XL image announces (ISO/IEC 18181-1 §D.2), read before it is decoded.
 *
 * @throws {AppError} DATASET_UNREADABLE when it is no JPEG XL or cut.
 */
export function jpegXlSize(frame: Uint8Array): { readonly rows: number; readonly columns: number } {
  const stream = codestreamOf(frame);
  if (stream.length < 12 || stream[0] !== SIGNATURE >> 8 || stream[1] !== (SIGNATURE & 0xff)) {
    throw damaged('no JPEG XL signature');
  }
  let at = 16;
  const take = (bits: number): number => {
    let value = 0;
    for (let bit = 0; bit < bits; bit++, at++) value += (((stream[at >> 3] ?? 0) >> (at & 7)) & 1) * 2 ** bit;
    return value;
  };
  const isSmall = take(1) === 1;
  const side = () => (isSmall ? (take(5) + 1) * 8 : take(SIZE_BITS[take(2)] ?? 9) + 1);
  const rows = side();
  const [across = 0, down = 1] = RATIOS[take(3)] ?? [];
  return { rows, columns: across === 0 ? side() : Math.floor((rows * across) / down) };
}

/** The codestream, or the beginning of it: it may lie in boxes "jxlc", or "jxlp" with a number before it. */
function codestreamOf(frame: Uint8Array): Uint8Array {
  if (!CONTAINER.every((byte, at) => frame[at] === byte)) return frame;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  for (let at = 0; at + 8 <= frame.length; ) {
    const type = String.fromCharCode(...frame.subarray(at + 4, at + 8));
    const length = view.getUint32(at);
    const header = length === 1 ? 16 : 8;
    if (type === 'jxlc') return frame.subarray(at + header);
    if (type === 'jxlp') return frame.subarray(at + header + 4);
    if (length < 8) break;
    at += length;
  }
  throw damaged('no codestream in the JPEG XL boxes');
}
