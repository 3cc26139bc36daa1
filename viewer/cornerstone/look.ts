import type { GreyWindow } from '../slice.ts';
import { greyRange } from '../study/window-presets.ts';
import type { DrawnGrey } from './drawn-frame.ts';

/** How an image looks: all that is drawn of it but the pixels. */
export type Look = { readonly kind: 'colour' } | Omit<DrawnGrey, 'values'>;

/** Numbers at the two ends of the greys, lower first. */
function numberRange(
  [dark, bright]: readonly [number, number],
  { scale: { zero, unit } }: Pick<DrawnGrey, 'scale'>,
): { readonly lower: number; readonly upper: number } {
  const [one, other] = [(dark - zero) / unit, (bright - zero) / unit];
  return { lower: Math.min(one, other), upper: Math.max(one, other) };
}

const COLOUR_RANGE = { lower: 0, upper: 255 } as const;

/** Numbers between black and white: those of `window`, or as the image wants to be seen. Colours are always whole. */
export function rangeOf(
  look: Look,
  window: GreyWindow | undefined,
): { readonly lower: number; readonly upper: number } {
  if (look.kind === 'colour') return COLOUR_RANGE;
  if (!window) return numberRange(look.range, look);
  const { lower, upper } = greyRange(window);
  return numberRange([lower, upper], look);
}

/** What the screen says of the range. */
export const windowOf = (look: Look | undefined, window: GreyWindow | undefined): GreyWindow | undefined =>
  look?.kind === 'grey' ? (window ?? look.window) : undefined;

/** One look for planes that are cut through all images: that of the middle one, over all that any of them shows. */
export function lookOfAll(looks: readonly Look[], isStored: boolean): Look | undefined {
  const all = looks.filter((look) => look.kind === 'grey' && look.range[0] !== look.range[1]) as DrawnGrey[];
  // An image of one value says little of how the others should look.
  const greys = all.some(isVaried) ? all.filter(isVaried) : all;
  const middle = greys[Math.floor(greys.length / 2)];
  if (!middle || isStored) return middle;
  const low = Math.min(...greys.map(({ range }) => range[0]));
  const high = Math.max(...greys.map(({ range }) => range[1]));
  return { ...middle, range: [low, high], window: { center: (low + high) / 2, width: high - low } };
}

const isVaried = ({ low, high }: DrawnGrey): boolean => high > low;

/** Numbers of one volume must mean the same everywhere. Images without a picture have no say. */
export function areAlike(looks: readonly Look[]): boolean {
  const scales = looks.flatMap((look) => (look.kind === 'grey' && look.range[0] !== look.range[1] ? [look.scale] : []));
  return scales.every(({ zero, unit }) => zero === scales[0]?.zero && unit === scales[0]?.unit);
}
