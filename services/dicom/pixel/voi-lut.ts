import type { Attributes } from '../dataset/attributes.ts';
import { TAG } from '../dataset/tags.ts';
import { groupOfFrame } from './functional-groups.ts';
import { type LookUpTable, lookUp } from './look-up-table.ts';
import { readTable, type ValueRange } from './modality-lut.ts';

/** How a window's edges are drawn (PS3.3 §C.11.2.1.2, §C.11.2.1.3). */
export type VoiFunction = 'LINEAR' | 'LINEAR_EXACT' | 'SIGMOID';

/** A window over values of the modality. */
export interface VoiWindow {
  readonly center: number;
  readonly width: number;
  readonly function: VoiFunction;
  /** What the writer calls it; `''` where it has no name. */
  readonly explanation: string;
}

/** A curve over values of the modality, as a table. */
export interface VoiTable {
  readonly table: LookUpTable;
  readonly explanation: string;
}

/** What the object offers to view it with, in its own order; one of them is to be used, never two. */
export interface VoiLut {
  readonly windows: readonly VoiWindow[];
  readonly tables: readonly VoiTable[];
}

const FUNCTIONS: readonly string[] = ['LINEAR', 'LINEAR_EXACT', 'SIGMOID'];
/** A LINEAR window has at least the width of one value (§C.11.2.1.2.1); the others need only be wider than 0. */
const MIN_LINEAR_WIDTH = 1;

/**
 * Reads all windows and tables for one frame (0-based). `range` is that of the values they are applied to: a table's first
 * input is signed where those can be negative. A window that is not allowed, or a center without a width, is left out: it
 * is advice how to look, and there are others.
 *
 * @throws {AppError} DATASET_UNREADABLE when a table is cut or its descriptor is none.
 */
export function readVoiLut(attributes: Attributes, range: ValueRange, frame = 0): VoiLut {
  const group = groupOfFrame(attributes, TAG.FrameVOILUTSequence, frame);
  const tables = attributes.sequence(TAG.VOILUTSequence).map((item) => ({
    table: readTable(item, range.low < 0),
    explanation: item.string(TAG.LUTExplanation),
  }));
  return { windows: readWindows(group), tables };
}

function readWindows(attributes: Attributes): readonly VoiWindow[] {
  const said = attributes.string(TAG.VOILUTFunction).toUpperCase();
  const name = (FUNCTIONS.includes(said) ? said : 'LINEAR') as VoiFunction;
  const centers = attributes.numbers(TAG.WindowCenter);
  const widths = attributes.numbers(TAG.WindowWidth);
  const explanations = attributes.strings(TAG.WindowCenterWidthExplanation);
  return centers.flatMap((center, at) => {
    const width = widths[at] ?? 0;
    const isAllowed = name === 'LINEAR' ? width >= MIN_LINEAR_WIDTH : width > 0;
    return isAllowed ? [{ center, width, function: name, explanation: explanations[at] ?? '' }] : [];
  });
}

/** A value of the modality as a share of the brightest grey, 0 to 1. */
export function windowed({ center, width, function: name }: VoiWindow, value: number): number {
  if (name === 'SIGMOID') return 1 / (1 + Math.exp((-4 * (value - center)) / width));
  if (name === 'LINEAR_EXACT') return clamped((value - center) / width + 0.5);
  // A window of width 1 is a step between its two neighbours (§C.11.2.1.2.1).
  if (width === MIN_LINEAR_WIDTH) return value <= center - 0.5 ? 0 : 1;
  return clamped((value - (center - 0.5)) / (width - 1) + 0.5);
}

/** The same through a table. */
export function tabled({ table }: VoiTable, value: number): number {
  return lookUp(table, value) / (2 ** table.bits - 1);
}

const clamped = (share: number): number => Math.min(1, Math.max(0, share));
