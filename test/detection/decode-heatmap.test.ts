import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeHeatmap, type HeadMaps } from '../../services/detection/decode-heatmap.ts';
import type { DecodeOf } from '../../services/detection/manifest/decode.ts';

type Decode = DecodeOf<'heatmap'>;
const decode: Decode = {
  family: 'heatmap',
  stride: [1, 1, 1],
  cellOrigin: [0, 0, 0],
  peak: { kernel: 3, minScore: 0.5, refine: 'none' },
  size: { channels: [0], encoding: 'ln', unit: 'mm', shape: 'sphere' },
};
const SHAPE = [8, 9, 10] as const;
const CELLS = 8 * 9 * 10;
const at = (z: number, y: number, x: number) => (z * 9 + y) * 10 + x;

function maps(heat: Float32Array, ...regression: Float32Array[]): HeadMaps {
  const channels = regression.length ? regression : [new Float32Array(CELLS)];
  return { shape: SHAPE, heat, offset: channels, size: channels };
}

describe('peaks of a heat map', () => {
  it('are its local maxima above the least score, with the size in mm', () => {
    const heat = new Float32Array(CELLS).fill(-9);
    heat[at(2, 3, 4)] = 2;
    heat[at(2, 3, 5)] = 1;
    heat[at(6, 6, 6)] = -0.1;
    const ln = new Float32Array(CELLS).fill(Math.log(7));
    expect(decodeHeatmap(maps(heat, ln), decode, 'NCDHW', 'sigmoid')).toEqual([
      { at: [2, 3, 4], score: expect.closeTo(1 / (1 + Math.exp(-2)), 6), classId: 0, diameterMm: expect.closeTo(7, 5) },
    ]);
  });

  it('lie on a plateau once, and at the border too', () => {
    const heat = new Float32Array(CELLS).fill(-9);
    for (const [z, y, x] of [
      [0, 0, 0],
      [0, 0, 1],
      [0, 1, 0],
      [7, 8, 9],
    ] as const)
      heat[at(z, y, x)] = 3;
    expect(decodeHeatmap(maps(heat), decode, 'NCDHW', 'sigmoid').map((peak) => peak.at)).toEqual([
      [0, 0, 0],
      [7, 8, 9],
    ]);
  });

  it('move by stride, origin and learned offset', () => {
    const heat = new Float32Array(CELLS).fill(-9);
    heat[at(2, 3, 4)] = 2;
    const channel = (value: number) => new Float32Array(CELLS).fill(value);
    const learned: Decode = {
      ...decode,
      stride: [4, 4, 4],
      cellOrigin: [1.5, 1.5, 1.5],
      offset: { channels: [0, 1, 2], order: 'zyx', unit: 'cells' },
      size: { ...decode.size, channels: [3], encoding: 'linear' },
    };
    const [peak] = decodeHeatmap(
      maps(heat, channel(0.25), channel(-0.5), channel(0), channel(12)),
      learned,
      'NCDHW',
      'sigmoid',
    );
    expect(peak?.at).toEqual([10.5, 11.5, 17.5]);
    expect(peak?.diameterMm).toBe(12);
  });

  it('are found between cells by a parabola', () => {
    const offset = fc.double({ min: -0.45, max: 0.45, noNaN: true });
    fc.assert(
      fc.property(offset, offset, offset, (dz, dy, dx) => {
        const heat = Float32Array.from({ length: CELLS }, (_, i) => {
          const [x, y, z] = [i % 10, Math.floor(i / 10) % 9, Math.floor(i / 90)];
          return 5 - (z - 4 - dz) ** 2 - (y - 4 - dy) ** 2 - (x - 5 - dx) ** 2;
        });
        const refined: Decode = { ...decode, peak: { ...decode.peak, kernel: 5, refine: 'parabola' } };
        const peaks = decodeHeatmap(maps(heat), refined, 'NCDHW', 'sigmoid');
        expect(peaks).toHaveLength(1);
        for (const [a, expected] of [4 + dz, 4 + dy, 5 + dx].entries())
          expect(peaks[0]?.at[a]).toBeCloseTo(expected, 4);
      }),
    );
  });

  it('do not depend on the activation, which is monotone, and never come from NaN', () => {
    const heat = Float32Array.from({ length: CELLS }, (_, i) => Math.sin(i * 12.9898) * 3);
    const half: Decode = { ...decode, peak: { ...decode.peak, minScore: 0.5 } };
    const before = decodeHeatmap(maps(heat), half, 'NCDHW', 'sigmoid').map((peak) => peak.at);
    const after = decodeHeatmap(maps(heat.map((x) => 1 / (1 + Math.exp(-x)))), half, 'NCDHW', 'none').map(
      (peak) => peak.at,
    );
    expect(after).toEqual(before);
    expect(before.length).toBeGreaterThan(3);
    expect(decodeHeatmap(maps(new Float32Array(CELLS).fill(Number.NaN)), half, 'NCDHW', 'sigmoid')).toEqual([]);
  });
});
