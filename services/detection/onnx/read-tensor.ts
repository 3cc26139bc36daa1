import { type Field, fields, malformed, numbers, text } from './protobuf.ts';

/** A weight or constant of a graph, without its values. */
export interface TensorFacts {
  readonly name: string;
  readonly dtypeCode: number;
  readonly values: number;
  /** Its values lie in another file. */
  readonly external: boolean;
  /** Values that are not numbers, or infinite. */
  readonly notFinite: number;
}

const FLOAT32 = 1;
const FLOAT16 = 10;
const FLOAT64 = 11;
const BFLOAT16 = 16;
const MAX_NAME_BYTES = 512;

/** TensorProto. @throws {AppError} MODEL_INVALID when it has negative axes or more values than fit a file. */
export function readTensor(tensor: Uint8Array): TensorFacts {
  const facts: Facts = { name: '', dtypeCode: 0, values: 1, external: false, notFinite: 0 };
  const raw: Field[] = []; // of a type that may only be named behind it
  for (const field of fields(tensor)) {
    if (field.number === 9) raw[0] = field;
    else READERS[field.number]?.(facts, field);
  }
  if (!(facts.values >= 0 && facts.values <= 2 ** 40)) throw malformed('a tensor with impossible axes');
  for (const field of raw) facts.notFinite += countNotFinite(field, facts.dtypeCode);
  return facts;
}

type Facts = { -readonly [Key in keyof TensorFacts]: TensorFacts[Key] };

/** By the number of the field. */
const READERS: Readonly<Record<number, (facts: Facts, field: Field) => void>> = {
  1: (facts, field) => {
    for (const length of numbers(field)) facts.values *= length;
  },
  2: (facts, { value }) => {
    facts.dtypeCode = value;
  },
  4: (facts, field) => {
    facts.notFinite += countNotFinite(field, FLOAT32);
  },
  8: (facts, field) => {
    facts.name = text(field, MAX_NAME_BYTES);
  },
  10: (facts, field) => {
    facts.notFinite += countNotFinite(field, FLOAT64);
  },
  14: (facts, { value }) => {
    facts.external = value === 1;
  },
};

/** `float_data` (4) and `double_data` (10) are packed little endian, and so is `raw_data` (9). */
function countNotFinite({ bytes }: Field, dtypeCode: number): number {
  const exponent = EXPONENTS[dtypeCode];
  if (exponent === undefined) return 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let count = 0;
  for (let at = exponent.offset; at + exponent.size <= bytes.length; at += exponent.step) {
    const bits = exponent.size === 4 ? view.getUint32(at, true) : view.getUint16(at, true);
    if ((bits & exponent.mask) === exponent.mask) count += 1;
  }
  return count;
}

/** Where the exponent of a floating-point type lies: all ones is infinite or no number (IEEE 754 §3.4). */
const EXPONENTS: Record<number, { size: 2 | 4; offset: number; step: number; mask: number }> = {
  [FLOAT32]: { size: 4, offset: 0, step: 4, mask: 0x7f80_0000 },
  [FLOAT16]: { size: 2, offset: 0, step: 2, mask: 0x7c00 },
  [BFLOAT16]: { size: 2, offset: 0, step: 2, mask: 0x7f80 },
  // The upper half of eight bytes.
  [FLOAT64]: { size: 4, offset: 4, step: 8, mask: 0x7ff0_0000 },
};
