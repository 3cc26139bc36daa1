import { AppError } from '../../domain/errors.ts';
import type { Attributes } from '../dataset/attributes.ts';

/** A table from whole numbers to whole numbers (PS3.3 §C.11.1.1.1). */
export interface LookUpTable {
  /** The input of the first entry; all below it get the first entry, all above the last input the last entry. */
  readonly first: number;
  readonly entries: Uint8Array | Uint16Array;
  /** Bits of an entry: 0 to 2^bits - 1, never negative. */
  readonly bits: number;
}

/** Number of entries, first input and bits of an entry. */
export interface TableDescriptor {
  readonly count: number;
  readonly first: number;
  readonly bits: number;
}

const MAX_ENTRIES = 65_536;
const MAX_BITS = 16;

export function lookUp({ first, entries }: LookUpTable, value: number): number {
  const last = entries.length - 1;
  const at = Math.min(last, Math.max(0, Math.round(value) - first));
  return entries[at] ?? 0;
}

/**
 * Three numbers (§C.11.1.1.1). 0 entries are 65536; the first input has the sign of what goes in, whatever VR the writer
 * chose; entries are never signed, so neither is their number.
 *
 * @throws {AppError} DATASET_UNREADABLE with the attribute's name, when they are not there or no such numbers.
 */
export function readDescriptor(numbers: readonly number[], hasSignedInput: boolean, name: string): TableDescriptor {
  const [count, first, bits] = numbers;
  if (numbers.length !== 3 || count === undefined || first === undefined || bits === undefined) {
    throw unusable(name, `holds ${numbers.length} numbers, 3 are needed`);
  }
  if (bits < 1 || bits > MAX_BITS) throw unusable(name, `says ${bits} bits`);
  const isWrapped = hasSignedInput && first > 0x7fff;
  return { count: count & 0xffff || MAX_ENTRIES, first: isWrapped ? first - 0x10000 : first, bits };
}

/**
 * The entries of a table: words of 16 bits, or bytes where they have 8 bits or fewer and the value is too short for words,
 * as writers pack them into OW.
 *
 * @throws {AppError} DATASET_UNREADABLE with the attribute's name, when there are fewer than the descriptor says.
 */
export function readEntries(
  attributes: Attributes,
  tag: number,
  { count, bits }: TableDescriptor,
  name: string,
): Uint8Array | Uint16Array {
  const bytes = attributes.bytes(tag) ?? new Uint8Array(0);
  const isLittle = attributes.isLittleEndian(tag);
  if (bytes.length >= count * 2) return readWords(bytes, isLittle, count);
  if (bits <= 8 && bytes.length >= count) return packedBytes(bytes, isLittle).subarray(0, count);
  throw unusable(name, `holds ${bytes.length} bytes, ${count} entries are needed`);
}

/** 16-bit words in the byte order they were sent in. */
export function readWords(bytes: Uint8Array, isLittle: boolean, count = Math.floor(bytes.length / 2)): Uint16Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Uint16Array.from({ length: count }, (_, at) => view.getUint16(at * 2, isLittle));
}

/** Bytes that travel as pairs in big endian words come in the wrong order. */
function packedBytes(bytes: Uint8Array, isLittle: boolean): Uint8Array {
  return isLittle ? Uint8Array.from(bytes) : bytes.map((_, at) => bytes[at ^ 1] ?? 0);
}

export function unusable(name: string, what: string): AppError {
  return new AppError('DATASET_UNREADABLE', `${name} ${what}`, { attribute: name });
}
