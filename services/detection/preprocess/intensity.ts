import { refusal } from '../../imaging/refusal.ts';
import type { PreprocessOp } from '../manifest/preprocess.ts';
import type { WorkingImage } from './working-image.ts';

/** Steps that change values and not places; each works in place on every channel. */

export function clip(image: WorkingImage, low: number, high: number): void {
  for (const values of image.channels) {
    for (let i = 0; i < values.length; i++) values[i] = Math.min(Math.max(values[i] as number, low), high);
  }
}

/** value * factor + offset, channel by channel. */
function linear(values: Float32Array, factor: number, offset: number): void {
  for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) * factor + offset;
}

/** An image of one value has no range: it becomes the lower end. */
export function scale(image: WorkingImage, { from, to }: PreprocessOp<'scale'>): void {
  const [low, high] = from === 'minmax' ? extremes(image) : from === 'window' ? (image.window ?? [0, 1]) : from;
  const factor = high === low ? 0 : (to[1] - to[0]) / (high - low);
  for (const values of image.channels) {
    for (let i = 0; i < values.length; i++) values[i] = ((values[i] as number) - low) * factor + to[0];
  }
}

/** Of a flat image the deviation counts as 1. */
export function zscore(image: WorkingImage, { mean, std }: PreprocessOp<'zscore'>): void {
  const of = (value: number | number[] | undefined, c: number) => (Array.isArray(value) ? value[c] : value);
  for (const [c, values] of image.channels.entries()) {
    const own = mean === undefined ? moments(values) : undefined;
    const center = own?.mean ?? of(mean, c) ?? 0;
    const deviation = own?.std ?? of(std, c) ?? 1;
    linear(values, 1 / deviation, -center / deviation);
  }
}

function moments(values: Float32Array): { mean: number; std: number } {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return { mean, std: Math.sqrt(squares / values.length) || 1 };
}

export function percentileClip(image: WorkingImage, percentiles: readonly [number, number]): void {
  const [low, high] = percentileRange(image, percentiles);
  clip(image, low, high);
}

/**
 * As given, `center - width / 2` to `center + width / 2`; that of the image, whose ends are those of its linear function
 * (PS3.3 §C.11.2.1.2.1); or by percentiles.
 *
 * @throws {AppError} NOT_ANALYSABLE with the reason NO_SCALE when it must be that of the image and there is none.
 */
export function window(image: WorkingImage, { center, width, source, percentiles }: PreprocessOp<'window'>): void {
  const own = source === 'percentile' ? undefined : image.frame?.window;
  const given = center !== undefined && width !== undefined && ([center - width / 2, center + width / 2] as const);
  const range = given || own || (percentiles && percentileRange(image, percentiles));
  if (!range) throw refusal('NO_SCALE', { detail: 'the image has no window' });
  const [low, high] = range;
  image.window = [low, high];
  clip(image, low, high);
}

function extremes({ channels }: WorkingImage): readonly [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const values of channels) {
    for (const value of values) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return [low, high];
}

/** Between two values linearly, as NumPy does by default. All channels are the same image here. */
function percentileRange(
  { channels }: WorkingImage,
  [low, high]: readonly [number, number],
): readonly [number, number] {
  const sorted = Float32Array.from(channels[0] ?? []).sort();
  const at = (percent: number) => {
    const place = ((sorted.length - 1) * percent) / 100;
    const below = Math.floor(place);
    const [one, other] = [sorted[below] ?? 0, sorted[Math.min(below + 1, sorted.length - 1)] ?? 0];
    return one + (other - one) * (place - below);
  };
  return [at(low), at(high)];
}

/** MONOCHROME1 shows the least value white (PS3.3 §C.7.6.3.1.2): turned over about the middle of its values. */
export function monochrome(image: WorkingImage): WorkingImage {
  if (!image.frame?.isInverted) return image;
  const [low, high] = extremes(image);
  for (const values of image.channels) linear(values, -1, low + high);
  const { window: own } = image.frame;
  const turned = own && ([low + high - own[1], low + high - own[0]] as const);
  return { ...image, frame: { ...image.frame, isInverted: false, window: turned } };
}
