import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTile, type Tile, tileSpans, tiles, writeCore } from '../../services/detection/sliding-window.ts';

const axis = fc.record({
  length: fc.integer({ min: 1, max: 700 }),
  multiple: fc.constantFrom(1, 2, 4, 16),
  rois: fc.integer({ min: 2, max: 12 }),
  part: fc.double({ min: 0, max: 0.5, noNaN: true }),
});

describe('tiles along an axis', () => {
  it('cover it once, stay inside, overlap enough, and start on a cell', () => {
    fc.assert(
      fc.property(axis, ({ length, multiple, rois, part }) => {
        const roi = rois * 16;
        const overlap = Math.floor(roi * part);
        const spans = tileSpans(length, roi, overlap, multiple);
        const padded = Math.ceil(length / multiple) * multiple;
        expect(spans[0]?.from).toBe(0);
        expect(spans.at(-1)?.to).toBe(padded);
        for (const [t, { start, size, from, to }] of spans.entries()) {
          expect([start % multiple, size % multiple, from % multiple, to % multiple]).toEqual([0, 0, 0, 0]);
          expect(size).toBeLessThanOrEqual(roi);
          expect(start >= 0 && start <= from && from < to && to <= start + size && to <= padded).toBe(true);
          const next = spans[t + 1];
          if (!next) continue;
          expect(next.from).toBe(to);
          // What counts keeps half of the overlap away from the edge of its tile, to the multiple.
          expect(start + size - to).toBeGreaterThanOrEqual(Math.floor(overlap / 2) - multiple);
          expect(next.from - next.start).toBeGreaterThanOrEqual(Math.floor(overlap / 2) - multiple);
        }
      }),
    );
  });

  it('have the one size that a graph takes, where it takes no other', () => {
    expect(tileSpans(10, 24, 12, 1, true)).toEqual([{ start: 0, size: 24, from: 0, to: 24 }]);
    expect(tileSpans(30, 24, 4, 1, true).map(({ start, size }) => [start, size])).toEqual([
      [0, 24],
      [6, 24],
    ]);
    expect(tileSpans(30, 24, 4, 1).map(({ size }) => size)).toEqual([17, 17]);
  });

  it('take a short axis whole', () => {
    expect(tileSpans(30, 64, 16, 16)).toEqual([{ start: 0, size: 32, from: 0, to: 32 }]);
  });
});

/** A model that answers each cell with its first voxel. */
function firstVoxels(read: Float32Array, [z, y, x]: Tile, stride: number): Float32Array {
  const [cy, cx] = [y.size / stride, x.size / stride];
  return Float32Array.from({ length: (z.size / stride) * cy * cx }, (_, at) => {
    const [i, j, k] = [at % cx, Math.floor(at / cx) % cy, Math.floor(at / cx / cy)];
    return read[(k * stride * y.size + j * stride) * x.size + i * stride] ?? 0;
  });
}

describe('tiles of a volume', () => {
  it('put together what they were cut from, whatever the tiling', () => {
    const side = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(side, side, side, fc.constantFrom(1, 2, 4), (d, h, w, stride) => {
        const shape = [d, h, w] as const;
        const image = Float32Array.from({ length: d * h * w }, (_, i) => i);
        const cells = shape.map((n) => Math.ceil(n / stride)) as unknown as readonly [number, number, number];
        const map = new Float32Array(cells[0] * cells[1] * cells[2]).fill(-1);
        const all = tiles(shape, [16, 16, 16], [4, 4, 4], [stride, stride, stride]);
        for (const tile of all) {
          const answer = firstVoxels(readTile(image, shape, tile), tile, stride);
          writeCore(map, cells, answer, 0, tile, [stride, stride, stride]);
        }
        const expected = Float32Array.from({ length: map.length }, (_, at) => {
          const [i, j] = [at % cells[2], Math.floor(at / cells[2]) % cells[1]];
          const k = Math.floor(at / cells[2] / cells[1]);
          return image[(k * stride * h + j * stride) * w + i * stride] ?? 0;
        });
        expect(map).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });

  it('hold a value beyond the image, where one is given', () => {
    const [tile] = tiles([1, 2, 3], [4, 4, 4], [0, 0, 0], [1, 4, 4]);
    if (!tile) throw new Error('one tile');
    const read = [...readTile(Float32Array.of(1, 2, 3, 4, 5, 6), [1, 2, 3], tile, 9)];
    expect(read).toEqual([1, 2, 3, 9, 4, 5, 6, 9, 9, 9, 9, 9, 9, 9, 9, 9]);
  });

  it('repeat the edge beyond the image', () => {
    const [tile] = tiles([1, 1, 3], [4, 4, 4], [0, 0, 0], [2, 2, 4]);
    if (!tile) throw new Error('one tile');
    expect([...readTile(Float32Array.of(1, 2, 3), [1, 1, 3], tile)].slice(0, 4)).toEqual([1, 2, 3, 3]);
    expect(readTile(Float32Array.of(1, 2, 3), [1, 1, 3], tile)).toHaveLength(16);
  });
});
