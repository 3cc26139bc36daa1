import { modalityValues } from '../../services/dicom/pixel/modality-lut.ts';
import { type FrameMeaning, picture } from '../../services/dicom/pixel/picture.ts';
import type { PixelArray } from '../../services/dicom/pixel/pixel-array.ts';
import type { PixelInfo } from '../../services/dicom/pixel/pixel-info.ts';
import { isPadding } from '../../services/dicom/pixel/pixel-padding.ts';
import { tabled, type VoiTable, type VoiWindow, windowed } from '../../services/dicom/pixel/voi-lut.ts';
import { LOWEST, type ValueScale, type ValueSpread, valueScale } from '../series/value-scale.ts';
import type { GreyWindow } from '../slice.ts';

type GreyMeaning = Extract<FrameMeaning, { kind: 'grey' }>;

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
  const isImage = imageMask(pixels, values, meaning);
  const stored = meaning.voi.windows[0] ?? meaning.voi.tables[0];
  if (stored && ('table' in stored || stored.function === 'SIGMOID')) {
    return curved(values, isImage, stored, meaning.isInverted);
  }
  const ends = extremes(values, isImage);
  const scale = valueScale(spread ?? { ...ends, step: isWhole(values) ? 1 : 0 }, meaning.isInverted);
  const shown = stored ? { range: edgesOf(stored), window: stored } : wholeRange(ends);
  return { ...numbered(values, isImage, scale), scale, ...shown };
}

/** Which pixels are image: neither padding nor without a value. */
function imageMask(pixels: PixelArray, values: PixelArray, { padding }: GreyMeaning): (at: number) => boolean {
  const isFloat = values instanceof Float32Array || values instanceof Float64Array;
  if (!padding && !isFloat) return () => true;
  return (at) =>
    !(padding && isPadding(padding, pixels[at] as number)) && (!isFloat || Number.isFinite(values[at] as number));
}

function isWhole(values: PixelArray): boolean {
  return !(values instanceof Float32Array || values instanceof Float64Array);
}

function extremes(values: PixelArray, isImage: (at: number) => boolean): { low: number; high: number } {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < values.length; at += 1) {
    if (!isImage(at)) continue;
    const value = values[at] as number;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? { low, high } : { low: 0, high: 0 };
}

/** The numbers of the values; what is no image is one darker than the darkest. */
function numbered(values: PixelArray, isImage: (at: number) => boolean, { zero, unit }: ValueScale) {
  const numbers = new Int16Array(values.length);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < values.length; at += 1) {
    if (!isImage(at)) continue;
    const number = Math.min(32767, Math.max(-32768, Math.round(((values[at] as number) - zero) / unit)));
    numbers[at] = number;
    if (number < low) low = number;
    if (number > high) high = number;
  }
  if (low > high) [low, high] = [LOWEST, LOWEST];
  const outside = Math.max(LOWEST, low - 1);
  for (let at = 0; at < values.length; at += 1) if (!isImage(at)) numbers[at] = outside;
  return { kind: 'grey', values: numbers, low, high } as const;
}

/** Values through a curve of the object (PS3.3 §C.11.2.1.1, §C.11.2.1.3.1): what is drawn are its greys. */
function curved(
  values: PixelArray,
  isImage: (at: number) => boolean,
  curve: VoiWindow | VoiTable,
  isInverted: boolean,
): DrawnGrey {
  const share = 'table' in curve ? (value: number) => tabled(curve, value) : (value: number) => windowed(curve, value);
  const top = 2 ** ('table' in curve ? curve.table.bits : CURVE_BITS) - 1;
  const greys = new Uint16Array(values.length);
  for (let at = 0; at < greys.length; at += 1) greys[at] = Math.round(share(values[at] as number) * top);
  const scale = valueScale({ low: 0, high: top, step: 1 }, isInverted);
  return { ...numbered(greys, isImage, scale), scale, ...wholeRange({ low: 0, high: top }) };
}

/** Where black and white begin. A LINEAR window of width 1 is a step (PS3.3 §C.11.2.1.2.1): its ends lie close together. */
function edgesOf({ center, width, function: name }: VoiWindow): readonly [number, number] {
  if (name === 'LINEAR_EXACT') return [center - width / 2, center + width / 2];
  const half = Math.max(width - 1, 1e-3) / 2;
  return width > 1 ? [center - 0.5 - half, center - 0.5 + half] : [center - 0.5, center - 0.5 + 2 * half];
}

function wholeRange({ low, high }: { readonly low: number; readonly high: number }) {
  const width = high > low ? high - low : 1;
  return { range: [low, low + width], window: { center: low + width / 2, width } } as const;
}
