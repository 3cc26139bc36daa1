import { inflateSync } from 'node:zlib';

/** A picture as rows of red, green and blue. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

/** Eight-bit RGB or RGBA PNG (ISO/IEC 15948), without its alpha. */
export function decodePng(png: Buffer): Picture {
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
  const rgb = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    for (let channel = 0; channel < 3; channel += 1) rgb[pixel * 3 + channel] = rows[pixel * channels + channel] ?? 0;
  }
  return { width, height, rgb };
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
