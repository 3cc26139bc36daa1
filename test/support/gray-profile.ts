import { inflateSync } from 'node:zlib';
import type { Locator } from 'playwright-core';

/** A bright disc around a point of a picture, measured at half of its height: CSS pixels. */
export interface Disc {
  readonly width: number;
  readonly height: number;
  readonly centerX: number;
  readonly centerY: number;
}

/** Measures a disc in the pixels an engine has drawn, without anything that lies over them. */
export async function grayProfile(canvases: Locator, at: readonly [number, number], backend: string): Promise<Disc> {
  // Cornerstone has a canvas for the graphics card, and behind it one for its own drawing.
  const canvas = canvases.nth(backend === 'gpu' ? 0 : 1);
  const url = await canvas.evaluate((element) => (element as unknown as { toDataURL(): string }).toDataURL());
  const { width, gray } = decodePng(Buffer.from(url.slice(url.indexOf(',') + 1), 'base64'));
  const [x, y] = at.map(Math.round) as [number, number];
  const value = (column: number, row: number) => gray[row * width + column] ?? 0;
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

/** Eight-bit RGB or RGBA PNG (ISO/IEC 15948) to its red values: the pictures are gray. */
function decodePng(png: Buffer): { readonly width: number; readonly gray: Uint8Array } {
  const width = png.readUInt32BE(16);
  const height = png.readUInt32BE(20);
  const channels = png[25] === 6 ? 4 : 3;
  const parts: Buffer[] = [];
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') parts.push(png.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  const lines = inflateSync(Buffer.concat(parts));
  const stride = width * channels;
  const rows = new Uint8Array(height * stride);
  for (let row = 0; row < height; row += 1) unfilter(lines, rows, row, stride, channels);
  return { width, gray: Uint8Array.from({ length: width * height }, (_none, pixel) => rows[pixel * channels] ?? 0) };
}

/** PNG filters (ISO/IEC 15948 §9.2). */
function unfilter(lines: Uint8Array, rows: Uint8Array, row: number, stride: number, channels: number): void {
  const type = lines[row * (stride + 1)];
  for (let at = 0; at < stride; at += 1) {
    const here = row * stride + at;
    const left = at >= channels ? (rows[here - channels] ?? 0) : 0;
    const up = row > 0 ? (rows[here - stride] ?? 0) : 0;
    const corner = at >= channels && row > 0 ? (rows[here - stride - channels] ?? 0) : 0;
    const predicted = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][type ?? 0] ?? 0;
    rows[here] = (lines[row * (stride + 1) + 1 + at] ?? 0) + predicted;
  }
}

function paeth(left: number, up: number, corner: number): number {
  const estimate = left + up - corner;
  const [a, b, c] = [left, up, corner].map((value) => Math.abs(estimate - value)) as [number, number, number];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}
