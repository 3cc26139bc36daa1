import { modalityValues } from '../../services/dicom/pixel/modality-lut.ts';
import { type FrameMeaning, picture } from '../../services/dicom/pixel/picture.ts';
import type { PixelArray } from '../../services/dicom/pixel/pixel-array.ts';
import type { PixelInfo } from '../../services/dicom/pixel/pixel-info.ts';
import type { PixelPadding } from '../../services/dicom/pixel/pixel-padding.ts';
import { tabled, type VoiTable, type VoiWindow, windowed } from '../../services/dicom/pixel/voi-lut.ts';
import { HIGHEST, LOWEST, type ValueScale, type ValueSpread, valueScale } from '../series/value-scale.ts';
import type { GreyWindow } from '../slice.ts';

/** One frame as the image engine takes it: grey of 16 bits with a scale, or colours of 8 bits. */
export type DrawnFrame = DrawnGrey | DrawnColour;

export interface DrawnGrey {
  readonly kind: 'grey';
  readonly values: Int16Array<ArrayBuffer>;
  readonly scale: ValueScale;
  /** The lowest and the highest number that is no padding. */
  readonly low: number;
  readonly high: number;
  /** How the object wants to be seen, else all of it: the two ends of the greys, and what the screen calls them. */
  readonly range: readonly [dark: number, bright: number];
  readonly window: GreyWindow;
  /** The numbers stand for greys of a curve, not for values. */
  readonly isCurved?: true;
}

export interface DrawnColour {
  readonly kind: 'colour';
  /** Red, green and blue of each pixel. */
  readonly values: Uint8Array<ArrayBuffer>;
}

/** A curve that is no window is drawn in as many greys; windows then lie over these. */
const CURVE_BITS = 12;

/** Decoded pixels to what is drawn. `spread` is that of the series, `undefined` when the pixels themselves must tell. */
export function drawnFrame(
  pixels: PixelArray,
  info: PixelInfo,
  meaning: FrameMeaning,
  spread: ValueSpread | undefined,
): DrawnFrame {
  if (meaning.kind !== 'grey') {
    return { kind: 'colour', values: new Uint8Array(picture(pixels, info, meaning).samples) };
  }
  const values = modalityValues(pixels, meaning.modality, info);
  const outside = outsideOf(pixels, values, meaning.padding);
  const stored = meaning.voi.windows[0] ?? meaning.voi.tables[0];
  if (stored && ('table' in stored || stored.function === 'SIGMOID')) {
    return curved(values, outside, stored, meaning.isInverted);
  }
  const ends = spread && stored ? undefined : extremes(values, outside);
  const scale = valueScale(spread ?? { low: 0, high: 0, ...ends, step: isWhole(values) ? 1 : 0 }, meaning.isInverted);
  const shown = stored ? windowOf(stored) : wholeRange(info.bitsAllocated === 1 || !ends ? { low: 0, high: 1 } : ends);
  return { ...numbered(values, outside, scale), scale, ...shown };
}

/** 1 for each pixel that is no image: padding, or without a value; `undefined` when all are image. */
function outsideOf(pixels: PixelArray, values: PixelArray, padding: PixelPadding | undefined): Uint8Array | undefined {
  const isFloat = !isWhole(values);
  if (!padding && !isFloat) return undefined;
  const outside = new Uint8Array(values.length);
  const { first = Number.NaN, last = Number.NaN } = padding ?? {};
  for (let at = 0, end = values.length; at < end; at += 1) {
    const sample = pixels[at] as number;
    if (sample >= first && sample <= last) outside[at] = 1;
    else if (isFloat && !Number.isFinite(values[at] as number)) outside[at] = 1;
  }
  return outside;
}

function isWhole(values: PixelArray): boolean {
  return !(values instanceof Float32Array || values instanceof Float64Array);
}

function extremes(values: PixelArray, outside: Uint8Array | undefined): { low: number; high: number } {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let at = 0, end = values.length; at < end; at += 1) {
    if (outside && outside[at] === 1) continue;
    const value = values[at] as number;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? { low, high } : { low: 0, high: 0 };
}

/** The numbers of the values; what is no image is one darker than the darkest. */
function numbered(values: PixelArray, outside: Uint8Array | undefined, scale: ValueScale) {
  const numbers = numbersOf(values, scale);
  const hasImage = outside?.includes(0) ?? true;
  const { low, high } = hasImage ? extremes(numbers, outside) : { low: LOWEST, high: LOWEST };
  const darker = Math.max(LOWEST, low - 1);
  if (outside) for (let at = 0, end = numbers.length; at < end; at += 1) if (outside[at] === 1) numbers[at] = darker;
  return { kind: 'grey', values: numbers, low, high } as const;
}

function numbersOf(values: PixelArray, { zero, unit }: ValueScale): Int16Array<ArrayBuffer> {
  if (zero === 0 && unit === 1 && values instanceof Int16Array) return new Int16Array(values);
  const numbers = new Int16Array(values.length);
  for (let at = 0, end = values.length; at < end; at += 1) {
    const number = Math.round(((values[at] as number) - zero) / unit);
    numbers[at] = Math.min(HIGHEST, Math.max(LOWEST, number));
  }
  return numbers;
}

/** Values through a curve of the object (PS3.3 §C.11.2.1.1, §C.11.2.1.3.1): what is drawn are its greys. */
function curved(
  values: PixelArray,
  outside: Uint8Array | undefined,
  curve: VoiWindow | VoiTable,
  isInverted: boolean,
): DrawnGrey {
  const share = 'table' in curve ? (value: number) => tabled(curve, value) : (value: number) => windowed(curve, value);
  const top = 2 ** ('table' in curve ? curve.table.bits : CURVE_BITS) - 1;
  const greys = new Uint16Array(values.length);
  for (let at = 0, end = greys.length; at < end; at += 1) greys[at] = Math.round(share(values[at] as number) * top);
  const scale = valueScale({ low: 0, high: top, step: 1 }, isInverted);
  return { ...numbered(greys, outside, scale), scale, ...wholeRange({ low: 0, high: top }), isCurved: true };
}

/** Where black and white begin. A LINEAR window of width 1 is a step (PS3.3 §C.11.2.1.2.1): its ends lie close together. */
function edgesOf({ center, width, function: name }: VoiWindow): readonly [number, number] {
  if (name === 'LINEAR_EXACT') return [center - width / 2, center + width / 2];
  const half = Math.max(width - 1, 1e-3) / 2;
  return width > 1 ? [center - 0.5 - half, center - 0.5 + half] : [center - 0.5, center - 0.5 + 2 * half];
}

function windowOf(window: VoiWindow) {
  const { center, width } = window;
  return { range: edgesOf(window), window: { center, width } } as const;
}

/** From the lowest to the highest value; an image of one value is seen against 0. */
function wholeRange({ low, high }: { readonly low: number; readonly high: number }) {
  const [dark, bright] = high > low ? [low, high] : [Math.min(0, low), Math.max(0, high)];
  const width = bright > dark ? bright - dark : 1;
  return { range: [dark, dark + width], window: { center: dark + width / 2, width } } as const;
}
