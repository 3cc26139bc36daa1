import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { detect } from '../../services/detection/detector.ts';
import { openModel } from '../../services/detection/load-model.ts';
import type { ModelManifest } from '../../services/detection/model-manifest.ts';
import { openSession } from '../../services/detection/onnx-session.ts';
import type { Lesion, Placed } from '../../services/domain/finding.ts';
import { toPatient, voxelPoint } from '../../services/domain/geometry.ts';
import type { AnalysedSeries } from '../../services/domain/run.ts';
import type { Volume } from '../../services/domain/volume.ts';
import { planesOf } from '../../services/imaging/image-stack.ts';
import { StageClock } from '../../services/imaging/stage-clock.ts';
import { AXIAL_TURNS, type Ball, chestVolume, type GridOptions, gridAround } from '../imaging/chest-volume.ts';

const { manifest: shipped, graph } = await openModel(join(import.meta.dirname, '../../models/blob-log-ct'));
/** Sizes as the graph answers them; what a segmentation makes of them is measured in its own test. */
const manifest: ModelManifest = { ...shipped, report: { ...shipped.report, sizes: 'model' } };
const session = await openSession(graph, {
  input: 'image',
  outputs: ['heat', 'lnDiameter'],

  threads: 2,
});
afterAll(() => session.release());

function seriesOf({ geometry }: Volume): AnalysedSeries {
  return {
    SeriesInstanceUID: '1.2.3',
    FrameOfReferenceUID: '1.2.9',
    Modality: 'CT',
    shape: [...geometry.shape],
    spacingMm: [...geometry.spacingMm],
    images: Array.from({ length: geometry.shape[2] }, (_, k) => ({ SOPClassUID: '1.2', SOPInstanceUID: `1.2.3.${k}` })),
    warnings: [],
  };
}

async function marks(volume: Volume): Promise<(Lesion & Placed)[]> {
  return detect(volume, planesOf(volume.geometry), seriesOf(volume), manifest, session, new StageClock(), () => {});
}

const BALLS: readonly Ball[] = [
  { center: [62.3, -11.7, 8.2], diameterMm: 9 },
  { center: [-58.6, 20.4, -21.9], diameterMm: 13 },
  { center: [71.1, 30.2, 33.4], diameterMm: 6 },
];
const gap = (a: readonly number[], b: readonly number[]) =>
  Math.hypot(...a.map((value, i) => value - (b[i] ?? Number.NaN)));

// biome-ignore format: a table
const GRIDS: [string, GridOptions][] = [
  ['axial', { spacingMm: [0.9, 0.9, 1.25] }],
  ['prone, feet first', { spacingMm: [0.9, 0.9, 1.25], axes: AXIAL_TURNS[1] ?? [[1, 0, 0], [0, 1, 0], [0, 0, 1]] }],
  ['rows along y', { spacingMm: [1.1, 0.8, 1.5], axes: AXIAL_TURNS[2] ?? [[1, 0, 0], [0, 1, 0], [0, 0, 1]] }],
  ['mirrored, slices down', { spacingMm: [1, 1, 1.5], axes: AXIAL_TURNS[4] ?? [[1, 0, 0], [0, 1, 0], [0, 0, 1]] }],
  ['oblique', { spacingMm: [0.8, 0.8, 1.5], tiltDeg: [6, -4, 8], extentMm: [310, 220, 185] }],
];

describe.each(GRIDS)('balls in a chest that was scanned %s', { timeout: 300_000 }, (_name, grid) => {
  it('are found within 0.5 mm, at their size, on their side, on their image', async () => {
    const volume = chestVolume(gridAround(grid), { balls: BALLS });
    const found = await marks(volume);
    for (const ball of BALLS) {
      const lesion = found.toSorted((a, b) => gap(a.center, ball.center) - gap(b.center, ball.center))[0];
      if (!lesion) throw new Error('no mark');
      expect(gap(lesion.center, ball.center)).toBeLessThan(0.5);
      expect(lesion.diameterMm).toBeCloseTo(ball.diameterMm, 3);
      expect(lesion.volumeMm3).toBeCloseTo((Math.PI / 6) * ball.diameterMm ** 3, 1);
      expect(lesion.laterality).toBe(ball.center[0] > 0 ? 'left' : 'right');
      expect(lesion.score).toBeGreaterThan(0.9);
      // The middle of the box is the centre of the ball: pixel centres are at +0.5 in image coordinates.
      const { region } = lesion;
      const slice = Number(region.SOPInstanceUID.split('.').at(-1));
      const [i, j] = [(region.left + region.right) / 2 - 0.5, (region.top + region.bottom) / 2 - 0.5];
      const { spacingMm } = volume.geometry;
      expect(gap(toPatient(volume.geometry, voxelPoint(i, j, slice)), ball.center)).toBeLessThan(
        0.5 + spacingMm[2] / 2,
      );
      const widthMm = (region.right - region.left) * spacingMm[0];
      expect(widthMm).toBeLessThanOrEqual(ball.diameterMm + 0.01);
      expect(widthMm).toBeGreaterThan(ball.diameterMm * 0.8);
    }
    // The three best are the three balls: nothing else in this chest looks like one.
    const best = found.slice(0, 3).map(({ center }) => BALLS.findIndex((ball) => gap(ball.center, center) < 1));
    expect(new Set(best)).toEqual(new Set([0, 1, 2]));
  });
});

describe('sizes from a segmentation', { timeout: 300_000 }, () => {
  it('are axes, volume, density and the way to the pleura; marks below every operating point keep the answer', async () => {
    const volume = chestVolume(gridAround({ spacingMm: [0.9, 0.9, 1.25] }), { balls: BALLS });
    const found = await detect(
      volume,
      planesOf(volume.geometry),
      seriesOf(volume),
      shipped,
      session,
      new StageClock(),
      () => {},
    );
    const least = Math.min(...shipped.operatingPoints.map(({ threshold }) => threshold));
    for (const ball of BALLS) {
      const lesion = found.toSorted((a, b) => gap(a.center, ball.center) - gap(b.center, ball.center))[0];
      const { measurement } = lesion ?? {};
      expect(Math.abs((measurement?.meanDiameterMm ?? 0) - ball.diameterMm)).toBeLessThan(1.1);
      expect(lesion?.diameterMm).toBe(measurement?.meanDiameterMm);
      expect(measurement?.density).toBe('solid');
      expect(measurement?.pleuraMm).not.toBeNull();
    }
    expect(found.filter(({ score }) => score < least).every(({ measurement }) => measurement === undefined)).toBe(true);
  });
});

describe('a chest without balls', () => {
  it('has no mark at the default operating point', async () => {
    const threshold = manifest.operatingPoints.find((point) => point.default)?.threshold ?? 0;
    const found = await marks(chestVolume(gridAround({ spacingMm: [1, 1, 1.5] })));
    expect(found.filter(({ score }) => score >= threshold)).toEqual([]);
  });
});

describe('a ball at the pleura', () => {
  it('is found though half of it lies in the chest wall', async () => {
    const ball: Ball = { center: [65, 57, 0], diameterMm: 9 };
    const found = await marks(chestVolume(gridAround({ spacingMm: [0.9, 0.9, 1.25] }), { balls: [ball] }));
    expect(found.some(({ center }) => gap(center, ball.center) < 4.5)).toBe(true);
  });
});

describe('the answer', () => {
  it('holds what a report holds at most, by falling score, and every box inside its image', async () => {
    const { shape } = gridAround({ spacingMm: [1, 1, 1.5] });
    const noisy = chestVolume(gridAround({ spacingMm: [1, 1, 1.5] }), {
      balls: BALLS,
      extra: (x, y, z) => (Math.sin(x * 1.7) * Math.sin(y * 1.3) * Math.sin(z) > 0.8 ? 0 : undefined),
    });
    const found = await marks(noisy);
    const limit = manifest.postprocess.find(({ op }) => op === 'limit');
    expect(found.length).toBe(limit?.op === 'limit' ? limit.max : undefined);
    expect(found.map(({ score }) => score)).toEqual(found.map(({ score }) => score).toSorted((a, b) => b - a));
    for (const { region } of found) {
      expect(region.left).toBeGreaterThanOrEqual(0);
      expect(region.top).toBeGreaterThanOrEqual(0);
      expect(region.right).toBeLessThanOrEqual(shape[0]);
      expect(region.bottom).toBeLessThanOrEqual(shape[1]);
    }
  });

  it('is the same in small tiles as in large ones', { timeout: 300_000 }, async () => {
    // One lung with two balls: each is read in two ways.
    const balls = BALLS.filter(({ center: [x] }) => x > 0);
    const volume = chestVolume(gridAround({ spacingMm: [1.25, 1.25, 1.5] }), { balls, lungs: ['left'] });
    const small = { ...manifest, tiling: { ...manifest.tiling, roi: [112, 112, 128] as [number, number, number] } };
    const inTiles = await detect(
      volume,
      planesOf(volume.geometry),
      seriesOf(volume),
      small,
      session,
      new StageClock(),
      () => {},
    );
    const whole = await marks(volume);
    expect(whole.length).toBeGreaterThanOrEqual(balls.length);
    expect(inTiles.slice(0, 2).map(({ center }) => center.map(Math.round))).toEqual(
      whole.slice(0, 2).map(({ center }) => center.map(Math.round)),
    );
    for (const [i, lesion] of inTiles.slice(0, 2).entries()) expect(lesion.score).toBeCloseTo(whole[i]?.score ?? 0, 4);
  });
});
