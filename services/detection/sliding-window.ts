/** One tile along one axis: what is read (`start`, `size`) and which part of its answer counts (`from` … `to`, exclusive). */
export interface TileSpan {
  readonly start: number;
  readonly size: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Cuts an axis of `length` voxels into tiles of at most `roi`, overlapping by at least `overlap`. The blend is "center":
 * of two overlapping tiles each gives the half that lies nearer to its own centre, so nothing is averaged and no answer
 * comes from the edge of a tile. Tiles shrink to what is needed, unless the graph takes one size only (`isFixed`); starts and
 * sizes are multiples of `multiple`.
 */
export function tileSpans(length: number, roi: number, overlap: number, multiple: number, isFixed = false): TileSpan[] {
  const up = (n: number) => Math.ceil(n / multiple) * multiple;
  const padded = isFixed ? Math.max(roi, up(length)) : up(length);
  if (padded <= roi) return [{ start: 0, size: padded, from: 0, to: padded }];
  const count = Math.ceil((padded - overlap) / (roi - overlap));
  const size = isFixed ? roi : Math.min(roi, up(Math.ceil((padded + (count - 1) * overlap) / count)));
  const starts = Array.from({ length: count }, (_, t) => {
    const even = ((padded - size) * t) / (count - 1);
    return Math.floor(even / multiple) * multiple;
  });
  const cutAfter = (t: number) => {
    const middle = ((starts[t] ?? 0) + size + (starts[t + 1] ?? 0)) / 2;
    return Math.round(middle / multiple) * multiple;
  };
  return starts.map((start, t) => ({
    start,
    size,
    from: t === 0 ? 0 : cutAfter(t - 1),
    to: t === count - 1 ? padded : cutAfter(t),
  }));
}

/** One tile of a volume, axes z, y, x. */
export type Tile = readonly [z: TileSpan, y: TileSpan, x: TileSpan];

/** Every tile, in z, y, x order. */
export function tiles(
  shape: readonly [z: number, y: number, x: number],
  roi: readonly [number, number, number],
  overlap: readonly [number, number, number],
  multiple: readonly [number, number, number],
  isFixed = false,
): Tile[] {
  const spans = (a: 0 | 1 | 2) => tileSpans(shape[a], roi[a], overlap[a], multiple[a], isFixed);
  return spans(0).flatMap((z) => spans(1).flatMap((y) => spans(2).map((x): Tile => [z, y, x])));
}

/** Copies a tile out of an image (x fastest); beyond the image lies `fill`, or its edge repeated. */
export function readTile(
  image: Float32Array,
  shape: readonly [z: number, y: number, x: number],
  [z, y, x]: Tile,
  fill?: number,
): Float32Array<ArrayBuffer> {
  const [depth, height, width] = shape;
  const out = new Float32Array(z.size * y.size * x.size);
  if (fill !== undefined) out.fill(fill);
  const inside = Math.max(0, Math.min(x.size, width - x.start));
  for (let k = 0; k < z.size; k++) {
    const sourceK = Math.min(z.start + k, depth - 1);
    for (let j = 0; j < y.size; j++) {
      if (fill !== undefined && (z.start + k >= depth || y.start + j >= height)) continue;
      const sourceJ = Math.min(y.start + j, height - 1);
      const source = (sourceK * height + sourceJ) * width;
      const target = (k * y.size + j) * x.size;
      out.set(image.subarray(source + x.start, source + x.start + inside), target);
      if (inside < x.size && fill === undefined)
        out.fill(image[source + width - 1] as number, target + inside, target + x.size);
    }
  }
  return out;
}

/** Puts the part of a tile's answer that counts into the whole map; `stride` input voxels make a cell. */
export function writeCore(
  map: Float32Array,
  mapShape: readonly [z: number, y: number, x: number],
  answer: Float32Array,
  channel: number,
  [z, y, x]: Tile,
  stride: readonly [number, number, number],
): void {
  const cells = [z.size / stride[0], y.size / stride[1], x.size / stride[2]] as const;
  const offset = channel * cells[0] * cells[1] * cells[2];
  const end = (span: TileSpan, a: 0 | 1 | 2) => Math.min(span.to / stride[a], mapShape[a]);
  const fromX = x.from / stride[2];
  const toX = end(x, 2);
  for (let k = z.from / stride[0]; k < end(z, 0); k++) {
    for (let j = y.from / stride[1]; j < end(y, 1); j++) {
      const row = offset + ((k - z.start / stride[0]) * cells[1] + j - y.start / stride[1]) * cells[2];
      const source = row - x.start / stride[2];
      map.set(answer.subarray(source + fromX, source + toX), (k * mapShape[1] + j) * mapShape[2] + fromX);
    }
  }
}

/** Weights of a tile's cells along one axis. */
export type AxisWeights = readonly [z: Float32Array, y: Float32Array, x: Float32Array];

/** Adds a tile's answer to a map, weighted along each axis; where both end, the rest is left out. */
export function addWeighted(
  map: Float32Array,
  mapShape: readonly [z: number, y: number, x: number],
  answer: Float32Array,
  start: readonly [z: number, y: number, x: number],
  [wz, wy, wx]: AxisWeights,
): void {
  const end = (weights: Float32Array, a: 0 | 1 | 2) => Math.min(weights.length, mapShape[a] - start[a]);
  const [depth, height, width] = [end(wz, 0), end(wy, 1), end(wx, 2)];
  for (let k = 0; k < depth; k++) {
    for (let j = 0; j < height; j++) {
      const weight = (wz[k] as number) * (wy[j] as number);
      const source = (k * wy.length + j) * wx.length;
      const target = ((start[0] + k) * mapShape[1] + start[1] + j) * mapShape[2] + start[2];
      for (let i = 0; i < width; i++) {
        map[target + i] = (map[target + i] as number) + weight * (wx[i] as number) * (answer[source + i] as number);
      }
    }
  }
}
