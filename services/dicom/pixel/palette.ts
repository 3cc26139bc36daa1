import type { Attributes } from '../dataset/attributes.ts';
import { TAG } from '../dataset/tags.ts';
import { type LookUpTable, lookUp, readDescriptor, readEntries } from './look-up-table.ts';
import type { PixelArray } from './pixel-array.ts';
import { expandSegments } from './segmented-palette.ts';

/** The colour of each stored value (PS3.3 §C.7.6.3.1.5); each table has its own first input and length. */
export interface Palette {
  readonly red: LookUpTable;
  readonly green: LookUpTable;
  readonly blue: LookUpTable;
}

type Colour = 'Blue' | 'Green' | 'Red';

/**
 * Reads the three tables, plain or segmented (§C.7.9.2). `signed` is that of the stored values.
 *
 * @throws {AppError} DATASET_UNREADABLE with the attribute, when a table is absent, cut, or its segments do not fill it.
 */
export function readPalette(attributes: Attributes, signed: boolean): Palette {
  const table = (colour: Colour) => readColour(attributes, colour, signed);
  return { red: table('Red'), green: table('Green'), blue: table('Blue') };
}

function readColour(attributes: Attributes, colour: Colour, signed: boolean): LookUpTable {
  const name = `${colour}PaletteColorLookupTableDescriptor` as const;
  const descriptor = readDescriptor(attributes.numbers(TAG[name]), signed, name);
  const { first, bits } = descriptor;
  const segmented = `Segmented${colour}PaletteColorLookupTableData` as const;
  if (attributes.hasValue(TAG[segmented])) {
    return { first, bits, entries: expandSegments(attributes, TAG[segmented], descriptor, segmented) };
  }
  const plain = `${colour}PaletteColorLookupTableData` as const;
  return { first, bits, entries: readEntries(attributes, TAG[plain], descriptor, plain) };
}

/** Colours of 8 bits, red, green and blue of each pixel; entries of more bits lose their lowest. */
export function paletteColours(indices: PixelArray, palette: Palette): Uint8Array {
  const tables = [palette.red, palette.green, palette.blue].map(eightBits);
  const count = indices.length;
  const out = new Uint8Array(count * 3);
  for (const [channel, table] of tables.entries()) {
    for (let at = 0, to = channel; at < count; at++, to += 3) out[to] = lookUp(table, indices[at] as number);
  }
  return out;
}

function eightBits(table: LookUpTable): LookUpTable {
  if (table.bits === 8) return table;
  const top = 2 ** table.bits - 1;
  return { ...table, bits: 8, entries: Uint8Array.from(table.entries, (entry) => scaled(entry, top)) };
}

const scaled = (entry: number, top: number): number => Math.min(255, Math.floor((entry * 256) / (top + 1)));
