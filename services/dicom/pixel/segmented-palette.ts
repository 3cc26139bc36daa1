import type { Attributes } from '../dataset/attributes.ts';
import { readWords, type TableDescriptor, unusable } from './look-up-table.ts';

const DISCRETE = 0;
const LINEAR = 1;
const INDIRECT = 2;

interface Expansion {
  readonly words: ArrayLike<number>;
  readonly out: Uint16Array;
  readonly name: string;
  /** How many entries are written. */
  filled: number;
}

/**
 * Expands the segments of a palette (PS3.3 §C.7.9.2): discrete ones are entries, linear ones end at an entry, indirect ones
 * repeat segments that stand before them. Work is bounded by the number of entries.
 *
 * @throws {AppError} DATASET_UNREADABLE when a segment is unknown, cut, or together they are not the entries announced.
 */
export function expandSegments(
  attributes: Attributes,
  tag: number,
  { count, bits }: TableDescriptor,
  name: string,
): Uint16Array {
  const bytes = attributes.bytes(tag) ?? new Uint8Array(0);
  // Entries of 8 bits make segments of bytes, in words of two (§C.7.9.2.1).
  const words = bits > 8 ? readWords(bytes, attributes.isLittleEndian(tag)) : inOrder(bytes, attributes, tag);
  const expansion: Expansion = { words, out: new Uint16Array(count), name, filled: 0 };
  for (let at = 0; at + 1 < words.length && expansion.filled < count; ) at = expand(expansion, at, bits);
  if (expansion.filled !== count) throw unusable(name, `expands to ${expansion.filled} entries, ${count} are needed`);
  return expansion.out;
}

function inOrder(bytes: Uint8Array, attributes: Attributes, tag: number): Uint8Array {
  return attributes.isLittleEndian(tag) ? bytes : bytes.map((_, at) => bytes[at ^ 1] ?? 0);
}

/** Expands the segment at `at`; answers where the next one begins. */
function expand(expansion: Expansion, at: number, bits: number): number {
  const { words, name } = expansion;
  const opcode = words[at];
  if (opcode === INDIRECT) return repeat(expansion, at, bits);
  if (opcode !== DISCRETE && opcode !== LINEAR) throw unusable(name, `has a segment of kind ${opcode}`);
  return expandPlain(expansion, at, opcode);
}

function expandPlain(expansion: Expansion, at: number, opcode: number): number {
  const { words, out, name, filled } = expansion;
  const length = words[at + 1] ?? 0;
  const next = at + 2 + (opcode === DISCRETE ? length : 1);
  if (next > words.length) throw unusable(name, 'has a segment that is cut');
  if (length === 0 || filled + length > out.length) throw unusable(name, `has a segment of ${length} entries`);
  if (opcode === DISCRETE)
    for (let entry = 0; entry < length; entry++) out[filled + entry] = words[at + 2 + entry] ?? 0;
  else ramp(expansion, length, words[at + 2] ?? 0);
  expansion.filled += length;
  return next;
}

/** From the entry before, which is not repeated, to `end`, which is the last one. */
function ramp({ out, name, filled }: Expansion, length: number, end: number): void {
  const start = out[filled - 1];
  if (start === undefined) throw unusable(name, 'begins with a linear segment');
  for (let entry = 1; entry <= length; entry++) {
    out[filled + entry - 1] = Math.round(start + ((end - start) * entry) / length);
  }
}

/** The number of segments, and where in bytes the first of them begins, as two words or four bytes (§C.7.9.2.2.3). */
function repeat(expansion: Expansion, at: number, bits: number): number {
  const { words, name } = expansion;
  const next = at + (bits > 8 ? 4 : 6);
  if (next > words.length) throw unusable(name, 'has a segment that is cut');
  let from = target(words, at, bits);
  for (let segment = words[at + 1] ?? 0; segment > 0; segment--) {
    const opcode = words[from];
    if (from >= at || (opcode !== DISCRETE && opcode !== LINEAR)) throw unusable(name, 'repeats what is no segment');
    from = expandPlain(expansion, from, opcode);
  }
  return next;
}

function target(words: ArrayLike<number>, at: number, bits: number): number {
  const word = (index: number) => words[at + 2 + index] ?? 0;
  if (bits > 8) return (word(0) + word(1) * 0x10000) / 2;
  return word(0) + word(1) * 0x100 + word(2) * 0x10000 + word(3) * 0x1000000;
}
