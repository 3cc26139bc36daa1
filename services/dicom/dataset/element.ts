/** One data element (PS3.5 §7.1): where its value lies, and the data sets of its items if it is a sequence. */
export interface Element {
  readonly tag: number;
  /** As sent; by the registry where the data set does not say; `XS` for "US or SS" in implicit VR. */
  readonly vr: string;
  readonly littleEndian: boolean;
  /** Where its header begins, and its value, in the bytes that were read. */
  readonly start: number;
  readonly offset: number;
  /** A view of the value, not a copy; empty for a sequence, the run of fragments for encapsulated Pixel Data. */
  readonly value: Uint8Array;
  readonly items: readonly Elements[] | undefined;
}

/** The elements of one data set by tag, in the order they were sent. */
export type Elements = ReadonlyMap<number, Element>;

/** Tag, VR and length of an element, before its value; `length` is `undefined` when a delimiter ends it. */
export interface ElementHeader {
  readonly tag: number;
  readonly vr: string;
  /** Of the header, and of the value. */
  readonly start: number;
  readonly offset: number;
  readonly length: number | undefined;
}

export const ITEM = 0xfffee000;
export const ITEM_DELIMITER = 0xfffee00d;
export const SEQUENCE_DELIMITER = 0xfffee0dd;
export const UNDEFINED_LENGTH = 0xffffffff;

/** VRs with a 16-bit length field (PS3.5 Table 7.1-2); all others, also those not invented yet, have 32 bits. */
export const SHORT_VRS: ReadonlySet<string> = new Set(
  'AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US'.split(' '),
);
export const LONG_VRS: ReadonlySet<string> = new Set('OB OD OF OL OV OW SQ SV UC UN UR UT UV'.split(' '));

/** `(0010,0010)`, the way the standard writes a tag. */
export function tagName(tag: number): string {
  const hex = tag.toString(16).padStart(8, '0');
  return `(${hex.slice(0, 4)},${hex.slice(4)})`;
}
