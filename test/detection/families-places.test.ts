import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { ModelManifest } from '../../services/detection/model-manifest.ts';
import type { Placed } from '../../services/domain/finding.ts';
import { patientPoint, toPatient, type VolumeGeometry, voxelPoint } from '../../services/domain/geometry.ts';
import type { Volume } from '../../services/domain/volume.ts';
import { lpsGrid } from '../../services/imaging/grid.ts';
import { gridAround } from '../imaging/chest-volume.ts';
import { axialGrid, ballVolume, type Fixture, lesionsOf, openFixture } from './families/family-fixture.ts';

const [heatmap, slices, anchors, segmentation, yolo] = await Promise.all(
  ['heatmap-3d', 'heatmap-25d', 'anchors-3d', 'segmentation-3d', 'yolo-v8'].map(openFixture),
);
if (!heatmap || !slices || !anchors || !segmentation || !yolo) throw new Error('five fixtures');
afterAll(() => Promise.all([heatmap, slices, anchors, segmentation, yolo].map(({ session }) => session.release())));

const gap = (a: readonly number[], b: readonly number[]) => Math.hypot(...b.map((mm, n) => mm - (a[n] ?? Number.NaN)));
const nearest = (found: readonly Placed[], point: readonly number[]) =>
  Math.min(...found.map(({ center }) => gap(center, point)));

/** The same matter in the same places, stored with its axes in another order and direction. */
function stored({ geometry, voxels }: Volume, order: readonly number[], signs: readonly number[]): Volume {
  const pick = <T>(values: readonly T[]) => order.map((from) => values[from] as T) as [T, T, T];
  const shape = pick(geometry.shape);
  const first = [0, 1, 2].map((a) => (signs[order.indexOf(a)] === -1 ? (geometry.shape[a] ?? 1) - 1 : 0));
  const axes = pick(geometry.axes).map((axis, n) => axis.map((part) => part * (signs[n] ?? 1)));
  const steps = [1, geometry.shape[0], geometry.shape[0] * geometry.shape[1]];
  const start = first.reduce((sum, index, a) => sum + index * (steps[a] ?? 0), 0);
  const [di = 0, dj = 0, dk = 0] = order.map((from, n) => (steps[from] ?? 0) * (signs[n] ?? 1));
  const out = new Float32Array(voxels.length);
  for (let k = 0, at = 0; k < shape[2]; k++)
    for (let j = 0; j < shape[1]; j++)
      for (let i = 0; i < shape[0]; i++, at++) out[at] = voxels[start + i * di + j * dj + k * dk] as number;
  const turned: VolumeGeometry = {
    shape,
    spacingMm: pick(geometry.spacingMm),
    axes: axes as unknown as VolumeGeometry['axes'],
    origin: toPatient(geometry, voxelPoint(first[0] ?? 0, first[1] ?? 0, first[2] ?? 0)),
  };
  return { geometry: turned, voxels: out };
}

// biome-ignore format: a table
const STORED: readonly [string, number[], number[]][] = [
  ['from the feet', [0, 1, 2], [-1, 1, -1]],
  ['prone', [0, 1, 2], [-1, -1, 1]],
  ['with rows and columns exchanged', [1, 0, 2], [1, 1, -1]],
  ['coronal', [0, 2, 1], [1, -1, 1]],
  ['sagittal', [1, 2, 0], [1, -1, -1]],
];

describe.each([['heatmap-3d', heatmap] as const, ['heatmap-25d', slices] as const, ['anchors-3d', anchors] as const])(
  'what %s finds',
  (_name, fixture) => {
    const { volume } = fixture.golden;
    if (!volume) throw new Error('a volume');
    const axial = ballVolume(axialGrid(volume), volume.spots);

    it.each(STORED)('stays where it is in a series stored %s', async (_how, order, signs) => {
      const found = await lesionsOf(fixture, stored(axial, order, signs));
      expect(found).toHaveLength(fixture.golden.findings.length);
      for (const { center = [] } of fixture.golden.findings) expect(nearest(found, center)).toBeLessThan(0.01);
    });
  },
);

const angle = fc.double({ min: -20, max: 20, noNaN: true });
const part = fc.double({ min: -0.25, max: 0.25, noNaN: true });
const spacing = fc.double({ min: 0.7, max: 1.3, noNaN: true });

/** One ball somewhere in the middle half of a block that lies somehow, larger than a tile along every axis. */
const planted = fc
  .record({
    spacingMm: fc.tuple(spacing, spacing, spacing),
    tiltDeg: fc.tuple(angle, angle, angle),
    centerMm: fc.tuple(angle, angle, fc.integer({ min: -900, max: 900 })),
    at: fc.tuple(part, part, part),
    diameter: fc.double({ min: 5, max: 7, noNaN: true }),
  })
  .map(({ at, diameter, ...options }) => {
    const extentMm = [62, 56, 60] as const;
    const grid = gridAround({ ...options, extentMm });
    const [i, j, k] = grid.shape.map((count, a) => (0.5 + (at[a] ?? 0)) * (count - 1));
    return { grid, diameter, center: toPatient(grid, voxelPoint(i ?? 0, j ?? 0, k ?? 0)) };
  });

describe('a ball anywhere, in a series that lies anyhow', () => {
  const check = (fixture: Fixture, toleranceMm: number, shiftOf: (grid: VolumeGeometry) => readonly number[]) =>
    fc.assert(
      fc.asyncProperty(planted, async ({ grid, diameter, center }) => {
        const shift = shiftOf(grid);
        const expected = center.map((mm, a) => mm + (shift[a] ?? 0));
        const found = await lesionsOf(fixture, ballVolume(grid, [{ center, diameter }]));
        expect(nearest(found.slice(0, 1), expected)).toBeLessThan(toleranceMm);
        expect(Math.abs((found[0]?.diameterMm ?? 0) - diameter)).toBeLessThan(0.5);
      }),
      { numRuns: 8 },
    );
  const still = () => [0, 0, 0];

  it('is found by heatmap-3d within a quarter of a voxel', () => check(heatmap, 0.25, still), 60_000);

  it('is found by anchors-3d within a quarter of a voxel of where its graph, made crooked, puts it', () => {
    // One voxel of 0.8 mm along x of the tensor, which runs to the right of the patient.
    const crooked = (grid: VolumeGeometry) => lpsGrid(grid, [1, 1, 1]).axes[0].map((part) => -0.8 * part);
    return check(anchors, 0.25, crooked);
  }, 60_000);
});

/** The manifest of a fixture with one block changed, held against the schema again. */
const changed = (fixture: Fixture, change: (manifest: ModelManifest) => object): Fixture => ({
  ...fixture,
  manifest: ModelManifest.parse({ ...fixture.manifest, ...change(fixture.manifest) }),
});

describe('tiles', () => {
  const volume = (fixture: Fixture) => {
    if (!fixture.golden.volume) throw new Error('a volume');
    return ballVolume(axialGrid(fixture.golden.volume), fixture.golden.volume.spots);
  };
  const same = async (fixture: Fixture, tiling: object, toleranceMm = 0.01) => {
    const other = changed(fixture, ({ tiling: own }) => ({
      tiling: 'mode' in tiling ? tiling : { ...own, ...tiling },
    }));
    const [one, two] = [await lesionsOf(fixture, volume(fixture)), await lesionsOf(other, volume(fixture))];
    expect(two).toHaveLength(one.length);
    for (const { center } of one) expect(nearest(two, center)).toBeLessThan(toleranceMm);
  };

  it('leave no seam: the same in one piece, for maps and for heads of anchors', async () => {
    await same(heatmap, { mode: 'none' });
    await same(anchors, { mode: 'none' });
  });

  it('leave no seam whatever the blend', async () => {
    await same(segmentation, { blend: 'center', sigmaScale: undefined });
    await same(segmentation, { overlap: [3, 5, 7] });
    // Here the voxels at the edge of a tile, which the graph cannot know, count as much as all others.
    await same(segmentation, { blend: 'constant', sigmaScale: undefined }, 0.9);
  });

  it('may be decoded one by one: marks seen twice are one', async () => {
    const inBoxes = changed(anchors, ({ tiling }) => ({ tiling: { ...tiling, stage: 'boxes', blend: undefined } }));
    const found = await lesionsOf(inBoxes, volume(anchors));
    for (const { center, score } of found.filter((lesion) => lesion.score > 0.8))
      expect([score, Math.min(...anchors.golden.findings.map((own) => gap(own.center ?? [], center)))]).toEqual([
        score,
        expect.closeTo(0, 0),
      ]);
    for (const { center = [], score } of anchors.golden.findings.slice(0, 3)) {
      expect(nearest(found, center)).toBeLessThan(0.1);
      expect(found.filter((lesion) => gap(lesion.center, center) < 2 && lesion.score > score - 0.01)).toHaveLength(1);
    }
  });

  it('of slices give the same one by one as four at once', async () => {
    const found = await lesionsOf(
      changed(slices, () => ({ tiling: { mode: 'slices', step: 1, batch: 1 } })),
      volume(slices),
    );
    for (const { center = [] } of slices.golden.findings) expect(nearest(found, center)).toBeLessThan(1e-5);
  });
});

describe('a graph for single frames on the slices of a volume', () => {
  const onSlices = changed(yolo, ({ preprocess }) => ({
    dims: '2.5d',
    accepts: slices.manifest.accepts,
    preprocess: [{ op: 'modalityLut' }, { op: 'reorient', axes: 'LPS' }, ...preprocess.slice(2)],
    tiling: { mode: 'slices', step: 1, batch: 1 },
    postprocess: [
      { op: 'scoreFilter', min: 0.3 },
      { op: 'nms', metric: 'iou', threshold: 0.4, classAgnostic: true },
      { op: 'linkSlices', metric: 'iou', threshold: 0.2, maxGapMm: 3, minSlices: 3, score: 'max', z: 'scoreWeighted' },
      { op: 'limit', max: 100 },
    ],
  }));

  it('finds balls where they are: letterboxed, slice by slice, linked again', async () => {
    const grid = gridAround({
      spacingMm: [1, 1, 2],
      extentMm: [58, 44, 60],
      centerMm: [5, -9, 400],
      tiltDeg: [4, 0, 9],
    });
    const spots = [
      { center: toPatient(grid, voxelPoint(17, 14, 8.5)), diameter: 11 },
      { center: toPatient(grid, voxelPoint(40, 29, 21)), diameter: 12 },
    ];
    const found = await lesionsOf(onSlices, ballVolume(grid, spots));
    // Other answers are those of windows that hold a part of a ball.
    for (const { center } of spots) expect(nearest(found.slice(0, 2), center)).toBeLessThan(0.5);
  });
});

describe('passes over the mirrored image', () => {
  it('take back what a graph has of one side: without them every lesion lies a voxel off', async () => {
    if (!segmentation.golden.volume) throw new Error('a volume');
    const { spots } = segmentation.golden.volume;
    const volume = ballVolume(axialGrid(segmentation.golden.volume), spots);
    const once = await lesionsOf(
      changed(segmentation, () => ({ tta: undefined })),
      volume,
    );
    const twice = await lesionsOf(segmentation, volume);
    for (const { center } of spots) {
      expect(nearest(twice, center)).toBeLessThan(0.25);
      expect(nearest(once, center.with(0, (center[0] ?? 0) - 0.9))).toBeLessThan(0.25);
    }
  });
});

describe('passes over mirrored maps', () => {
  it('of heat and size change nothing where the graph knows no side', async () => {
    if (!heatmap.golden.volume) throw new Error('a volume');
    const volume = ballVolume(axialGrid(heatmap.golden.volume), heatmap.golden.volume.spots);
    const cells = ({ decode }: ModelManifest) => ({ decode: { ...decode, offset: undefined } });
    const tta = { flips: ['z', 'y', 'x', 'zyx'], merge: 'mean' };
    const [once, often] = [changed(heatmap, cells), changed(heatmap, (manifest) => ({ ...cells(manifest), tta }))];
    const [one, two] = [await lesionsOf(once, volume), await lesionsOf(often, volume)];
    expect(two).toHaveLength(one.length);
    for (const { center, score, diameterMm } of one) {
      const same = two.find((lesion) => gap(lesion.center, center) < 1e-6);
      expect([same?.score, same?.diameterMm]).toEqual([score, diameterMm].map((value) => expect.closeTo(value, 4)));
    }
  });
});

describe('what a manifest says wrongly', () => {
  const distance = async (fixture: Fixture, change: (manifest: ModelManifest) => object) => {
    if (!fixture.golden.volume) throw new Error('a volume');
    const { spots } = fixture.golden.volume;
    const found = await lesionsOf(changed(fixture, change), ballVolume(axialGrid(fixture.golden.volume), spots));
    return Math.max(...spots.map(({ center }) => nearest(found, center)));
  };
  const decodeWith = (more: object) => (manifest: ModelManifest) => ({ decode: { ...manifest.decode, ...more } });

  it('shows: these fixtures notice an exchanged axis, a lost half voxel, another stride', async () => {
    expect(await distance(heatmap, () => ({}))).toBeLessThan(0.1);
    const offset = { channels: [0, 1, 2], order: 'xyz', unit: 'cells' };
    expect(await distance(heatmap, decodeWith({ offset }))).toBeGreaterThan(0.5);
    expect(await distance(heatmap, decodeWith({ cellOrigin: [1, 1.5, 1.5] }))).toBeGreaterThan(0.4);
    expect(await distance(anchors, decodeWith({ origin: 'voxelEdge' }))).toBeGreaterThan(0.8);
    expect(await distance(anchors, decodeWith({ anchorCenter: '(index+0.5)*stride' }))).toBeGreaterThan(1);
    const xy = { channels: [0, 1], order: 'yx', unit: 'cells' };
    expect(await distance(slices, decodeWith({ offset: xy }))).toBeGreaterThan(0.5);
    const stack = { op: 'stack', slices: 3, strideMm: 1, center: 0, pad: 'edge' };
    expect(
      await distance(slices, ({ preprocess }) => ({ preprocess: preprocess.with(-1, stack as never) })),
    ).toBeGreaterThan(1.5);
  });
});

describe('values that are no numbers', () => {
  const volume = ballVolume(gridAround({ spacingMm: [1, 1, 1], extentMm: [20, 20, 20] }), []);

  it('are told apart from findings: in the answer of the graph by its output, in the image before it runs', async () => {
    const broken: Fixture = {
      ...heatmap,
      session: {
        ...heatmap.session,
        run: async (input, dims) => {
          const [heat, reg] = await heatmap.session.run(input, dims);
          if (!heat || !reg) throw new Error('two outputs');
          return [heat, { ...reg, data: reg.data.with(3, Number.POSITIVE_INFINITY) }];
        },
      },
    };
    await expect(lesionsOf(broken, volume)).rejects.toMatchObject({
      detail: { reason: 'INVALID_MODEL_OUTPUT', detail: 'output reg holds NaN or infinite values' },
    });
    const holes = { ...volume, voxels: Float32Array.from(volume.voxels).with(7, Number.NaN) };
    await expect(lesionsOf(heatmap, holes)).rejects.toMatchObject({ detail: { reason: 'NO_SCALE' } });
  });

  it('and a class that the manifest does not name is an error, not a finding', async () => {
    const spots = [{ center: patientPoint(0, 0, 0), diameter: 6 }];
    const seen = ballVolume(volume.geometry, spots);
    const two = changed(heatmap, ({ classes }) => ({ classes: [...classes, { ...classes[0], id: 1, name: 'other' }] }));
    await expect(lesionsOf(two, seen)).rejects.toMatchObject({ code: 'MODEL_INVALID' });
  });
});
