import { describe, expect, it } from 'vitest';
import { paletteColours, readPalette } from '../../../services/dicom/pixel/palette.ts';
import { element } from '../dataset/dataset-bytes.ts';
import { bothWays, words } from './attributes-of.ts';

const COLOURS = [0, 1, 2];
const descriptor = (colour: number, ...values: number[]) => element(0x00281101 + colour, 'US', words(values));
const plain = (colour: number, bytes: Uint8Array) => element(0x00281201 + colour, 'OW', bytes);
const segmented = (colour: number, bytes: Uint8Array) => element(0x00281221 + colour, 'OW', bytes);
/** The colour of `indices` by three equal tables. */
const greys = (elements: (colour: number) => Uint8Array[], indices: readonly number[], signed = false) =>
  bothWays(
    COLOURS.map((colour) => elements(colour))
      .flatMap(([head]) => head ?? [])
      .concat(COLOURS.flatMap((colour) => elements(colour).slice(1))),
  ).map((attributes) => {
    const rgb = paletteColours(Int16Array.from(indices), readPalette(attributes, signed));
    return Array.from({ length: indices.length }, (_, at) => rgb[at * 3 + 1]);
  });

describe('PALETTE COLOR (PS3.3 §C.7.6.3.1.5)', () => {
  it('has a table for each colour, of its own length, first input and bits', () => {
    const elements = [
      descriptor(0, 2, 0, 8),
      descriptor(1, 3, 1, 16),
      descriptor(2, 2, 0, 8),
      plain(0, Uint8Array.of(10, 20)),
      plain(1, words([0x0100, 0x8000, 0xffff])),
      plain(2, words([30, 40])),
    ];
    for (const attributes of bothWays(elements)) {
      const rgb = paletteColours(Uint8Array.of(0, 1, 2, 3, 200), readPalette(attributes, false));
      expect([...rgb]).toEqual([10, 1, 30, 20, 1, 40, 20, 128, 40, 20, 255, 40, 20, 255, 40]);
    }
  });

  it('of signed indices begins below zero', () => {
    const elements = (colour: number) => [descriptor(colour, 3, 0xffff, 8), plain(colour, words([1, 2, 3]))];
    for (const values of greys(elements, [-1, 0, 1], true)) expect(values).toEqual([1, 2, 3]);
  });

  it('without a table, or with too short a one, is refused', () => {
    const elements = COLOURS.map((colour) => descriptor(colour, 4, 0, 16));
    for (const attributes of bothWays(elements)) {
      expect(() => readPalette(attributes, false)).toThrow(
        'RedPaletteColorLookupTableData holds 0 bytes, 4 entries are needed',
      );
    }
    for (const attributes of bothWays([element(0x00280010, 'US', words([1]))])) {
      expect(() => readPalette(attributes, false)).toThrow(
        'RedPaletteColorLookupTableDescriptor holds 0 numbers, 3 are needed',
      );
    }
  });
});

describe('segmented tables (PS3.3 §C.7.9.2)', () => {
  const grey = (count: number, bits: number, bytes: Uint8Array) => (colour: number) => [
    descriptor(colour, count, 0, bits),
    segmented(colour, bytes),
  ];
  const all = (count: number) => Array.from({ length: count }, (_, at) => at);

  it('are discrete entries, ramps to an entry, and repetitions, of bytes', () => {
    const bytes = Uint8Array.of(0, 2, 10, 20, 1, 4, 60, 2, 2, 0, 0, 0, 0);
    for (const values of greys(grey(12, 8, bytes), all(12))) {
      expect(values).toEqual([10, 20, 30, 40, 50, 60, 10, 20, 30, 40, 50, 60]);
    }
  });

  it('of words, where a repetition names its first segment by bytes, low word first', () => {
    const bytes = words([0, 1, 0x1000, 0, 1, 0x2000, 1, 2, 0x4000, 2, 2, 6, 0]);
    for (const values of greys(grey(7, 16, bytes), all(7))) {
      expect(values).toEqual([0x10, 0x20, 0x30, 0x40, 0x20, 0x30, 0x40]);
    }
  });

  it.each<[string, number, readonly number[]]>([
    ['expands to 2 entries, 3 are needed', 3, [0, 2, 1, 2]],
    ['has a segment of 3 entries', 2, [0, 3, 1, 2, 3]],
    ['has a segment that is cut', 5, [0, 5, 1, 2]],
    ['has a segment of kind 7', 2, [7, 1, 1]],
    ['begins with a linear segment', 2, [1, 2, 9]],
    ['repeats what is no segment', 4, [0, 1, 1, 2, 1, 8, 0, 0, 0]],
    ['repeats what is no segment', 4, [0, 1, 1, 2, 255, 3, 0, 0, 0]],
    ['has a segment of 0 entries', 4, [0, 0, 0, 0]],
  ])('are refused: %s', (message, count, bytes) => {
    const even = bytes.length % 2 ? [...bytes, 0] : bytes;
    expect(() => greys(grey(count, 8, Uint8Array.from(even)), [0])).toThrow(
      expect.objectContaining({
        code: 'DATASET_UNREADABLE',
        message: `SegmentedRedPaletteColorLookupTableData ${message}`,
      }),
    );
  });
});
