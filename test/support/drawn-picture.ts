import type { Locator } from 'playwright-core';
import { decodePng, type Picture } from './png.ts';

/** A bright disc around a point of a picture, measured at half of its height: CSS pixels. */
export interface Disc {
  readonly width: number;
  readonly height: number;
  readonly centerX: number;
  readonly centerY: number;
}

/** Measures a disc in the pixels an engine has drawn, without anything that lies over them. */
export async function grayProfile(canvases: Locator, at: readonly [number, number], backend: string): Promise<Disc> {
  const { width, rgb } = await drawnPicture(canvases, backend);
  const [x, y] = at.map(Math.round) as [number, number];
  const value = (column: number, row: number) => rgb[(row * width + column) * 3] ?? 0;
  const middle = value(x, y);
  const across = (along: (step: number) => number) => {
    const outside = Math.min(...[-1, 1].map((side) => lowest((step) => along(side * step))));
    const half = (middle + outside) / 2;
    return { before: edge((step) => along(-step), half), after: edge(along, half) };
  };
  const row = across((step) => value(x + step, y));
  const column = across((step) => value(x, y + step));
  // Pixel indices are centres; coordinates count from the edge of the first pixel.
  return {
    width: row.before + row.after,
    height: column.before + column.after,
    centerX: x + 0.5 + (row.after - row.before) / 2,
    centerY: y + 0.5 + (column.after - column.before) / 2,
  };
}

const REACH_PX = 90;

const lowest = (along: (step: number) => number): number =>
  Math.min(...Array.from({ length: REACH_PX }, (_none, step) => along(step)));

/** Distance from the start at which the values first fall through `level`, between two pixels. */
function edge(along: (step: number) => number, level: number): number {
  for (let step = 1; step < REACH_PX; step += 1) {
    const [inner, outer] = [along(step - 1), along(step)];
    if (outer < level) return step - 1 + (inner - level) / (inner - outer);
  }
  return REACH_PX;
}

/** What an engine has drawn, without anything that lies over it, as the `data:` URL of a PNG: equal for equal pictures. */
export async function drawnUrl(canvases: Locator, backend: string): Promise<string> {
  // Cornerstone has a canvas for the graphics card, and behind it one for its own drawing.
  const canvas = canvases.nth(backend === 'gpu' ? 0 : 1);
  return canvas.evaluate((element) => (element as unknown as { toDataURL(): string }).toDataURL());
}

export async function drawnPicture(canvases: Locator, backend: string): Promise<Picture> {
  const url = await drawnUrl(canvases, backend);
  return decodePng(Buffer.from(url.slice(url.indexOf(',') + 1), 'base64'));
}
