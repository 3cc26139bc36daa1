/**
 * The attributes of a data set by tag, wherever they come from: a file (`Dataset`), or the DICOM JSON model in the viewer.
 * An absent attribute, an empty one and one that is not what was asked for answer with nothing: `''`, `undefined`, `[]`.
 */
export interface Attributes {
  /** Is it there, and not empty? */
  hasValue(tag: number): boolean;
  string(tag: number): string;
  strings(tag: number): readonly string[];
  number(tag: number): number | undefined;
  numbers(tag: number): readonly number[];
  /** The items of a sequence. */
  sequence(tag: number): readonly Attributes[];
  /** The value as it was sent: of a binary value the numbers are little endian if `isLittleEndian`. */
  bytes(tag: number): Uint8Array | undefined;
  isLittleEndian(tag: number): boolean;
}
