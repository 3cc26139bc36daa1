import { AppError } from '../domain/errors.ts';
import type { Lesion } from '../domain/finding.ts';
import { toPatient, type VolumeGeometry, voxelPoint } from '../domain/geometry.ts';
import type { AnalysedSeries } from '../domain/run.ts';
import type { Volume } from '../domain/volume.ts';
import { axisMaps } from '../imaging/grid.ts';
import { type ImageStack, isWithin } from '../imaging/image-stack.ts';
import { distanceToLung, type LungMask } from '../imaging/lung-mask.ts';
import type { StageClock } from '../imaging/stage-clock.ts';
import { byScore, type Candidate } from './candidate.ts';
import { decodeHeatmap, type HeadMaps } from './decode-heatmap.ts';
import { describeLesion } from './describe-lesion.ts';
import type { Postprocess } from './manifest/postprocess.ts';
import { lungRuler } from './measure-lesion.ts';
import type { ModelManifest } from './model-manifest.ts';
import { suppressNeighbours } from './non-maximum-suppression.ts';
import type { OnnxSession } from './onnx-session.ts';
import { type PreparedInput, prepareInput } from './prepare-input.ts';
import { readTile, type Tile, tiles, writeCore } from './sliding-window.ts';

/** Called after each piece of work. */
export type Progress = (stage: string, done: number, total: number) => void;

/**
 * A volume in, lesions out, by falling score: every step that the manifest names, in its order. `stack` is where the images
 * of the series lie; what is found beyond them, in voxels that were only repeated, is dropped.
 */
export async function detect(
  volume: Volume,
  stack: ImageStack,
  series: AnalysedSeries,
  manifest: ModelManifest,
  session: OnnxSession,
  clock: StageClock,
  progress: Progress,
): Promise<Lesion[]> {
  const input = prepareInput(volume, manifest, clock);
  progress('resample', 1, 1);
  const maps = await runGraph(input, manifest, session, clock, progress);
  const candidates = clock.time('postprocess', () => {
    const peaks = decodeHeatmap(maps, manifest.decode, manifest.outputs[0].activation);
    const found = peaks
      .map(
        ({ at: [z, y, x], score, diameterMm }): Candidate => ({
          center: toPatient(input.geometry, voxelPoint(x, y, z)),
          diameterMm: Math.min(500, Math.max(0.1, diameterMm)),
          score,
        }),
      )
      .filter(({ center }) => isWithin(stack, center));
    return manifest.postprocess.reduce((list, op) => postprocess(list, op, input.mask), found).sort(byScore);
  });
  return clock.time('measure', () => {
    const [{ name }] = manifest.classes;
    const ruler = manifest.report.sizes === 'lungSegmentation' ? lungRuler(volume, input.mask) : undefined;
    const least = Math.min(...manifest.operatingPoints.map(({ threshold }) => threshold));
    return candidates.map((candidate) => {
      const measurement = candidate.score >= least ? ruler?.(candidate) : undefined;
      return describeLesion(candidate, name, series, stack, input.mask, measurement);
    });
  });
}

async function runGraph(
  input: PreparedInput,
  { tiling, inputs, decode }: ModelManifest,
  session: OnnxSession,
  clock: StageClock,
  progress: Progress,
): Promise<HeadMaps> {
  const [width, height, depth] = input.geometry.shape;
  const shape = [depth, height, width] as const;
  const all = tiles(shape, tiling.roi, tiling.overlap, inputs[0].multipleOf);
  const wanted = tiling.skipOutsideMask && input.mask ? tilesWithMask(all, input.geometry, input.mask) : all;
  const { stride } = decode;
  const cells = [Math.ceil(depth / stride[0]), Math.ceil(height / stride[1]), Math.ceil(width / stride[2])] as const;
  const heat = new Float32Array(cells[0] * cells[1] * cells[2]).fill(Number.NEGATIVE_INFINITY);
  const channels = [...new Set([...(decode.offset?.channels ?? []), ...decode.size.channels])];
  const regression = Array.from({ length: Math.max(...channels) + 1 }, (_, c) =>
    channels.includes(c) ? new Float32Array(heat.length) : new Float32Array(0),
  );
  for (const [done, tile] of wanted.entries()) {
    const dims = [1, 1, tile[0].size, tile[1].size, tile[2].size];
    const [heatTile, regressionTile] = await clock.timeAsync('graph', () =>
      session.run(readTile(input.image, shape, tile), dims),
    );
    if (!heatTile || !regressionTile) throw new AppError('MODEL_INVALID', 'the graph has two outputs');
    expectDims(heatTile.dims, 1, tile, stride);
    expectDims(regressionTile.dims, regression.length, tile, stride);
    writeCore(heat, cells, heatTile.data, 0, tile, stride);
    for (const c of channels) {
      const map = regression[c];
      if (map) writeCore(map, cells, regressionTile.data, c, tile, stride);
    }
    progress('graph', done + 1, wanted.length);
  }
  return { shape: cells, heat, regression };
}

function expectDims(dims: readonly number[], least: number, tile: Tile, stride: readonly number[]): void {
  const spatial = tile.map(({ size }, a) => size / (stride[a] ?? 1));
  if (dims.length === 5 && (dims[1] ?? 0) >= least && spatial.every((size, a) => dims[a + 2] === size)) return;
  throw new AppError('MODEL_INVALID', `the graph answered ${dims.join('x')} for ${spatial.join('x')} cells`);
}

/** Tiles whose counting part holds a voxel of the lungs. */
function tilesWithMask(all: readonly Tile[], grid: VolumeGeometry, mask: LungMask): Tile[] {
  const maps = axisMaps(mask.geometry, grid);
  const [mx, my, mz] = mask.geometry.shape;
  const range = (a: 0 | 1 | 2, span: Tile[number], limit: number) => {
    const { start, step } = maps[a] ?? { start: 0, step: 1 };
    const [one, other] = [start + span.from * step, start + span.to * step];
    return [
      Math.max(0, Math.floor(Math.min(one, other))),
      Math.min(limit - 1, Math.ceil(Math.max(one, other))),
    ] as const;
  };
  return all.filter(([z, y, x]) => {
    const [[x0, x1], [y0, y1], [z0, z1]] = [range(0, x, mx), range(1, y, my), range(2, z, mz)];
    for (let k = z0; k <= z1; k++) {
      for (let j = y0; j <= y1; j++) {
        const row = (k * my + j) * mx;
        if (mask.sides.subarray(row + x0, row + x1 + 1).some((side) => side !== 0)) return true;
      }
    }
    return false;
  });
}

function postprocess(list: Candidate[], op: Postprocess, mask: LungMask | undefined): Candidate[] {
  switch (op.op) {
    case 'scoreFilter':
      return list.filter(({ score }) => score >= op.min);
    case 'calibrate':
      return list.map((candidate) => ({ ...candidate, score: platt(candidate.score, op.a, op.b) }));
    case 'nms':
      return suppressNeighbours(list, op.threshold);
    case 'insideMask':
      return mask ? list.filter(({ center }) => distanceToLung(mask, center) <= op.toleranceMm) : list;
    case 'sizeFilter':
      return list.filter(({ diameterMm }) => diameterMm >= op.minMm && diameterMm <= op.maxMm);
    case 'limit':
      return list.toSorted(byScore).slice(0, op.max);
  }
}

const platt = (score: number, a: number, b: number): number => {
  const p = Math.min(1 - 1e-7, Math.max(1e-7, score));
  return 1 / (1 + Math.exp(-(a * Math.log(p / (1 - p)) + b)));
};
