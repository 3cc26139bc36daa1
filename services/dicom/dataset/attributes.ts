/**
 * What a reader of attributes asks of a data set, by tag. `Dataset` answers it from the bytes of a file, `jsonAttributes`
 * from the DICOM JSON model.
 *
 * What is absent, empty, or not what was asked for answers with nothing: `''`, `undefined` or `[]`.
 */
export interface Attributes {
  has(tag: number): boolean;
  /** The first value as text. */
  string(tag: number): string;
  strings(tag: number): readonly string[];
  /** The first value as a number. */
  number(tag: number): number | undefined;
  numbers(tag: number): readonly number[];
  /** The value as it was sent. */
  bytes(tag: number): Uint8Array | undefined;
  /** False where the words of `bytes` would need swapping. */
  isLittleEndian(tag: number): boolean;
  /** The items of a sequence. */
  sequence(tag: number): readonly Attributes[];
}
