/** Bounds of what is read of a data set, whatever it claims; `docs/limits.md` is made from them. */

/** Sequences within sequences. */
export const MAX_DEPTH = 32;
export const MAX_ELEMENTS = 100_000;
export const MAX_ITEMS = 100_000;

/** Headers of elements, items and fragments that are followed while an instance arrives. */
export const MAX_FOLLOWED_HEADERS = 2_000_000;

/** Attributes before Pixel Data: Enhanced CT of 1000 frames has some MB of them. */
export const MAX_HEAD_BYTES = 64 * 2 ** 20;

/** What a 16-bit length can say (PS3.5 §7.1.2): text of a VR that has one is not longer, however it was sent. */
export const MAX_SHORT_TEXT_BYTES = 64 * 1024;
/** Text of a VR with a 32-bit length (LT, ST, UC, UR, UT). A longer one is not decoded. */
export const MAX_LONG_TEXT_BYTES = 2 ** 20;
/** Numbers of one attribute that are read: an offset for each frame of the longest object. */
export const MAX_NUMBERS = 1_000_000;
/** Values of SpecificCharacterSet that are looked at, and its bytes: CS is 16 at most. */
export const MAX_CHARACTER_SETS = 16;
export const MAX_CHARACTER_SET_BYTES = 1024;
/** Characters of one attribute that the index keeps; no VR of an indexed attribute allows a fifth of it. */
export const MAX_INDEXED_CHARACTERS = 1024;

/** Values and bytes that the metadata of one instance show in line; what goes beyond is bulk data, or too much. */
export const MAX_JSON_VALUES = 500_000;
export const MAX_JSON_BYTES = 16 * 2 ** 20;

/** A deflated data set may grow so much, above the bytes that are free. */
export const MAX_INFLATE_RATIO = 100;
/** Below this no ratio is asked: an empty slice of 0.5 MB deflates to almost nothing. */
export const FREE_INFLATED_BYTES = 16 * 2 ** 20;
/** Longest deflated data set, inflated. */
export const MAX_INFLATED_BYTES = 2 * 2 ** 30;
