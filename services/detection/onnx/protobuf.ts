import { AppError } from '../../domain/errors.ts';

/** One field of a message. `bytes` is a view of a length-delimited field or of a fixed number, else empty. */
export interface Field {
  readonly number: number;
  readonly bytes: Uint8Array;
  /** Of a varint: exact up to 2^53, negative int64 as such. */
  readonly value: number;
}

const EMPTY = new Uint8Array(0);
const MAX_VARINT_BYTES = 10;

/**
 * The fields of a Protocol Buffers message in the order of the wire, nothing copied. Every length is held against the
 * message that it lies in, so reading takes time linear in the bytes, whatever they say.
 *
 * @throws {AppError} MODEL_INVALID when the bytes are no message.
 */
export function* fields(message: Uint8Array): Generator<Field> {
  for (let at = 0; at < message.length; ) {
    const key = varint(message, at);
    at = key.next;
    const number = Math.floor(key.value / 8);
    if (number < 1 || number > 0x1fffffff) throw malformed('a field number that is none');
    const wireType = key.value % 8;
    if (wireType === 0) {
      const { value, next } = varint(message, at);
      at = next;
      yield { number, bytes: EMPTY, value };
      continue;
    }
    const { length, start } = extent(message, at, wireType);
    if (length > message.length - start) throw malformed('a field that is longer than its message');
    at = start + length;
    yield { number, bytes: message.subarray(start, at), value: 0 };
  }
}

function extent(message: Uint8Array, at: number, wireType: number): { length: number; start: number } {
  if (wireType === 1) return { length: 8, start: at };
  if (wireType === 5) return { length: 4, start: at };
  if (wireType !== 2) throw malformed('a field of a type that ONNX does not use');
  const { value, next } = varint(message, at);
  if (value < 0) throw malformed('a negative length');
  return { length: value, start: next };
}

/** Numbers of a repeated field, which is packed or one field each. */
export function* numbers({ bytes, value }: Field): Generator<number> {
  if (bytes === EMPTY) yield value;
  for (let at = 0; at < bytes.length; ) {
    const one = varint(bytes, at);
    at = one.next;
    yield one.value;
  }
}

/** Text of a field, cut after `maxBytes`. */
export const text = ({ bytes }: Field, maxBytes: number): string =>
  new TextDecoder('utf-8').decode(bytes.subarray(0, maxBytes));

function varint(message: Uint8Array, from: number): { value: number; next: number } {
  let low = 0;
  let high = 0;
  for (let i = 0; i < MAX_VARINT_BYTES; i++) {
    const byte = message[from + i];
    if (byte === undefined) throw malformed('a message that ends in the middle of a number');
    // Four groups of seven bits below 2^28, the rest above.
    if (i < 4) low += (byte & 0x7f) * 2 ** (7 * i);
    else high += (byte & 0x7f) * 2 ** (7 * (i - 4));
    if (byte < 0x80) return { value: signed(low + (high % 2 ** 36) * 2 ** 28), next: from + i + 1 };
  }
  throw malformed('a number of more than 64 bits');
}

const signed = (value: number): number => (value >= 2 ** 63 ? value - 2 ** 64 : value);

export const malformed = (what: string): AppError =>
  new AppError('MODEL_INVALID', `the file is no ONNX model: ${what}`);
