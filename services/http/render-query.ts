import type { Request } from 'express';
import { AppError } from '../domain/errors.ts';
import { type PictureType, RenderOptions } from '../domain/render-options.ts';

/** Little that an eye could miss. */
const DEFAULT_QUALITY = 90;
const THUMBNAIL_SIDE = 128;
const FUNCTIONS: Readonly<Record<string, string>> = {
  linear: 'LINEAR',
  'linear-exact': 'LINEAR_EXACT',
  sigmoid: 'SIGMOID',
};
/** Known to the standard, not to us: they are left out and the client is told. */
const UNSUPPORTED = ['annotation', 'charset', 'iccprofile', 'presentationSeriesUID', 'presentationUID'];

/**
 * The query parameters of rendered resources (PS3.18 §8.3.5.1): window, viewport and quality.
 *
 * @throws {AppError} BAD_REQUEST that names the parameter.
 */
export function renderOptions({ query }: Request, mediaType: PictureType): RenderOptions {
  return RenderOptions.parse({
    mediaType,
    quality: query.quality === undefined ? DEFAULT_QUALITY : qualityOf(query.quality),
    ...(query.window !== undefined && { window: windowOf(query.window) }),
    ...(query.viewport !== undefined && viewportOf(query.viewport, true)),
  });
}

/** Of thumbnails only `viewport` counts, without a region (§10.4.1.2.3). */
export function thumbnailOptions({ query }: Request, mediaType: PictureType): RenderOptions {
  const side = { viewport: { width: THUMBNAIL_SIDE, height: THUMBNAIL_SIDE } };
  return RenderOptions.parse({
    mediaType,
    quality: DEFAULT_QUALITY,
    ...(query.viewport === undefined ? side : viewportOf(query.viewport, false)),
  });
}

/** What was asked for and is not done, for the Warning header. */
export const unsupported = ({ query }: Request): readonly string[] =>
  UNSUPPORTED.filter((name) => query[name] !== undefined && query[name] !== 'no');

function qualityOf(text: unknown): number {
  const quality = typeof text === 'string' && /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (quality < 1 || quality > 100) throw refused('quality', 'a whole number from 1 to 100');
  return quality;
}

function windowOf(text: unknown) {
  const [center, width, name = 'linear', ...more] = parts(text);
  const values = { center: numberOf(center), width: numberOf(width), function: FUNCTIONS[name.toLowerCase()] };
  const { success, data } = RenderOptions.shape.window.safeParse(values);
  const isTooNarrow = data?.function === 'LINEAR' && data.width < 1;
  if (!success || isTooNarrow || more.length > 0)
    throw refused('window', 'center,width,function with a function of linear, linear-exact or sigmoid');
  return data;
}

function viewportOf(text: unknown, mayCrop: boolean) {
  const values = parts(text);
  const [width, height] = values.map(numberOf);
  const { success, data: viewport } = RenderOptions.shape.viewport.safeParse({ width, height });
  const count = mayCrop ? [2, 4, 6] : [2];
  if (!success || !count.includes(values.length))
    throw refused('viewport', mayCrop ? 'vw,vh or vw,vh,sx,sy,sw,sh' : 'vw,vh');
  return values.length === 2 ? { viewport } : { viewport, region: regionOf(values.slice(2)) };
}

/** A negative size turns the region over (§8.3.5.1.3); an empty number is its default. */
function regionOf([x = '', y = '', w = '', h = '']: readonly string[]) {
  const [left, top] = [x, y].map((each) => (each === '' ? 0 : numberOf(each)));
  const [width, height] = [w, h].map((each) => (each === '' ? undefined : numberOf(each)));
  const { success, data } = RenderOptions.shape.region.safeParse({
    ...{ left, top, flipX: (width ?? 0) < 0, flipY: (height ?? 0) < 0 },
    ...(width !== undefined && { width: Math.abs(width) }),
    ...(height !== undefined && { height: Math.abs(height) }),
  });
  if (!success) throw refused('viewport', 'vw,vh,sx,sy,sw,sh in pixels');
  return data;
}

const parts = (text: unknown): readonly string[] =>
  typeof text === 'string' ? text.split(',').map((p) => p.trim()) : [];

const numberOf = (text: string | undefined): number => (text === undefined || text === '' ? Number.NaN : Number(text));

const refused = (name: string, expected: string): AppError => new AppError('BAD_REQUEST', `${name}: ${expected}`);
