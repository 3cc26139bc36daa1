import { AppError } from '../domain/errors.ts';
import { bySize, connectedComponents } from '../imaging/connected-components.ts';
import { boundingBox, where } from '../imaging/voxel-mask.ts';
import { activate } from './activate.ts';
import type { Mark } from './candidate.ts';
import type { ReadSize } from './decode-boxes.ts';
import type { DecodeOf } from './manifest/decode.ts';
import type { Output } from './manifest/tensors.ts';
import type { Block, Tensor } from './tensor-layout.ts';

type Decode = DecodeOf<'classificationCam'>;

export interface CamTensors {
  /** (1, C). */
  readonly logits: Tensor;
  readonly activation: Output['activation'];
  /** The last maps before they are averaged: K channels. */
  readonly features: Block;
  /** (C, K): what the last layer makes of them. */
  readonly weights: Tensor;
}

/**
 * Where the score of a class comes from (Zhou et al., Learning Deep Features for Discriminative Localization, 2016): the
 * features weighted as the last layer weights them, what is negative left out. Regions that reach a part of the maximum
 * become boxes with the score of the class, the strongest first; a class without any region marks the whole image. Only
 * approximate: a cell is as large as the input divided by the map.
 *
 * @throws {AppError} MODEL_INVALID when logits, features and weights do not agree.
 */
export function decodeCam(tensors: CamTensors, decode: Decode, classCount: number, size: ReadSize): Mark[] {
  const { logits, features, weights, activation } = tensors;
  const [classes, depth] = weights.dims;
  if (classes !== classCount || logits.data.length !== classCount || depth !== features.channels)
    throw new AppError(
      'MODEL_INVALID',
      `${logits.data.length} logits and ${weights.dims.join(' x ')} weights for ${classCount} classes and ${features.channels} features`,
      { detail: 'camWeights' },
    );
  const scores = Array.from(logits.data, (value) => Float32Array.of(value));
  activate(scores, activation);
  return scores.flatMap(([score = 0], classId) =>
    score < decode.minScore
      ? []
      : regionsOf(mapOf(features, weights, classId), features.shape, decode, size).map((box) => ({
          ...box,
          score,
          classId,
        })),
  );
}

/** Of one class, without what speaks against it. */
function mapOf({ data, channels, shape }: Block, weights: Tensor, classId: number): Float32Array {
  const cells = shape[1] * shape[2];
  const map = new Float32Array(cells);
  for (let k = 0; k < channels; k++) {
    const weight = weights.data[classId * channels + k] as number;
    for (let i = 0; i < cells; i++) map[i] = (map[i] as number) + weight * (data[k * cells + i] as number);
  }
  return map.map((value) => Math.max(0, value));
}

type Box = Required<Pick<Mark, 'at' | 'sides'>>;

function regionsOf(
  map: Float32Array,
  [, rows, columns]: Block['shape'],
  decode: Decode,
  size: ReadSize,
): readonly Box[] {
  const cell = { width: size.width / columns, height: size.height / rows };
  const most = map.reduce((top, value) => Math.max(top, value), 0);
  const whole = { from: [0, 0], to: [columns - 1, rows - 1] } as const;
  if (most === 0) return [boxOf(whole, cell)];
  const shape = [columns, rows, 1] as const;
  const components = connectedComponents(
    where(map, (value) => value >= decode.regionThreshold * most),
    shape,
  );
  const peak = (label: number) =>
    map.reduce((top, value, at) => (components.labels[at] === label ? Math.max(top, value) : top), 0);
  return bySize(components)
    .map((label) => ({ label, peak: peak(label) }))
    .sort((a, b) => b.peak - a.peak)
    .slice(0, decode.maxRegions)
    .map(({ label }) =>
      boxOf(
        boundingBox(components.labels, shape, 0, (own) => own === label),
        cell,
      ),
    );
}

/** Cells, both ends included, to the pixels that they cover; pixel edges to centres is half a pixel less. */
function boxOf(
  { from, to }: { readonly from: readonly number[]; readonly to: readonly number[] },
  { width, height }: ReadSize,
): Box {
  const [x0 = 0, y0 = 0] = from;
  const [x1 = 0, y1 = 0] = to;
  return {
    at: [0, ((y0 + y1 + 1) / 2) * height - 0.5, ((x0 + x1 + 1) / 2) * width - 0.5],
    sides: [1, (y1 - y0 + 1) * height, (x1 - x0 + 1) * width],
  };
}
