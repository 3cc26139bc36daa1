import { AppError } from '../domain/errors.ts';
import { refusal } from '../imaging/refusal.ts';
import type { StageClock } from '../imaging/stage-clock.ts';
import { isFiniteThroughout } from './finite.ts';
import type { PreprocessOp } from './manifest/preprocess.ts';
import type { ModelManifest } from './model-manifest.ts';
import type { OnnxSession } from './onnx-session.ts';
import { planTiles, shapeOf } from './plan-tiles.ts';
import type { PreparedInput } from './preprocess/working-image.ts';
import { readTile, type Tile } from './sliding-window.ts';
import { type Block, type Tensor, toTensor } from './tensor-layout.ts';

/** Called after each piece of work. */
export type Progress = (stage: string, done: number, total: number) => void;

/** What the graph answers to one block of the image: a tensor for each output of the manifest, in its order. */
export type AskGraph = (block: Block) => Promise<readonly Tensor[]>;

/** Takes what the graph answers to one tile; tensors of one image. */
export type TakeAnswer = (tile: Tile, answer: readonly Tensor[]) => void;

/**
 * Cuts the image, asks the graph about each tile, several slices at once where the manifest allows it, and hands on each
 * answer.
 *
 * @throws {AppError} MODEL_INVALID when an answer has another batch size; NOT_ANALYSABLE with the reason
 *   INVALID_MODEL_OUTPUT when it holds NaN or infinite values.
 */
export async function runTiles(
  input: PreparedInput,
  manifest: ModelManifest,
  ask: AskGraph,
  take: TakeAnswer,
  progress: Progress,
): Promise<void> {
  const { tiling } = manifest;
  const all = planTiles(input, manifest);
  const batch = tiling.mode === 'slices' ? tiling.batch : 1;
  for (let first = 0; first < all.length; first += batch) {
    const some = all.slice(first, first + batch);
    const answers = await ask(blockOf(some, input, manifest));
    for (const [n, tile] of some.entries())
      take(tile, some.length === 1 ? answers : answers.map(imageOf(n, some.length)));
    progress('graph', first + some.length, all.length);
  }
}

/** Asks a session in the layout of the manifest, and looks at what comes back. */
export function asker({ inputs, outputs }: ModelManifest, session: OnnxSession, clock: StageClock): AskGraph {
  const [{ layout }] = inputs;
  return async (block) => {
    const { data, dims } = toTensor(block, layout);
    const answers = await clock.timeAsync('graph', () => session.run(data, dims));
    for (const [n, { data: values }] of answers.entries())
      if (!isFiniteThroughout(values))
        throw refusal('INVALID_MODEL_OUTPUT', {
          detail: `output ${outputs[n]?.name ?? n} holds NaN or infinite values`,
        });
    return answers;
  };
}

const imageOf =
  (n: number, batch: number) =>
  ({ data, dims: [count, ...rest] }: Tensor): Tensor => {
    if (count !== batch)
      throw new AppError('MODEL_INVALID', `the graph answered ${count} images for ${batch}`, { detail: 'batch' });
    const length = data.length / batch;
    return { data: data.subarray(n * length, (n + 1) * length), dims: [1, ...rest] };
  };

/** Tiles of one size, one after the other, with their channels: those of the image, or the slices around each. */
function blockOf(some: readonly Tile[], input: PreparedInput, { preprocess, inputs }: ModelManifest): Block {
  const shape = shapeOf(input.geometry);
  const pad = inputs[0].pad?.mode === 'constant' ? inputs[0].pad.value : undefined;
  const stack = preprocess.find((op): op is PreprocessOp<'stack'> => op.op === 'stack');
  const planes = some.flatMap((tile) =>
    stack
      ? stackedTiles(tile, stack, input).map((slice) => readTile(input.channels[0] ?? EMPTY, shape, slice, pad))
      : input.channels.map((values) => readTile(values, shape, tile, pad)),
  );
  const [first = EMPTY] = planes;
  const data = planes.length === 1 ? first : new Float32Array(first.length * planes.length);
  if (planes.length > 1) for (const [n, plane] of planes.entries()) data.set(plane, n * first.length);
  const size = some[0]?.map((span) => span.size) ?? [];
  return {
    count: some.length,
    channels: planes.length / some.length,
    shape: [size[0] ?? 1, size[1] ?? 1, size[2] ?? 1],
    data,
  };
}

const EMPTY = new Float32Array();

/** The slices that make up the channels of one; beyond the volume its last slice is repeated. */
function stackedTiles([z, y, x]: Tile, stack: PreprocessOp<'stack'>, { geometry }: PreparedInput): readonly Tile[] {
  const last = geometry.shape[2] - 1;
  const stride = Math.max(1, Math.round(stack.strideMm / geometry.spacingMm[2]));
  return Array.from({ length: stack.slices }, (_, c): Tile => {
    const k = Math.min(Math.max(z.start + (c - stack.center) * stride, 0), last);
    return [{ ...z, start: k }, y, x];
  });
}
