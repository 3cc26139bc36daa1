import { activate } from './activate.ts';
import type { Output } from './manifest/tensors.ts';
import type { ModelManifest } from './model-manifest.ts';
import { mirrored } from './preprocess/placement.ts';
import type { AskGraph } from './run-tiles.ts';
import { type Block, fromTensor, type Tensor, toTensor } from './tensor-layout.ts';

/**
 * Asks again for each entry of `tta.flips` with the image mirrored, mirrors the maps back and answers with their mean:
 * before the activation, or of the probabilities.
 */
export function withMirrored(ask: AskGraph, { tta, inputs, outputs }: ModelManifest): AskGraph {
  if (!tta || tta.flips.length === 0) return ask;
  const [{ layout }] = inputs;
  const read = async (block: Block, flip: string): Promise<readonly Block[]> => {
    const answers = await ask(turned(block, flip));
    return answers.map((answer, n) => {
      const map = turned(fromTensor(answer, layout, outputs[n]?.name ?? ''), flip);
      if (tta.merge === 'meanProbability') activateBlock(map, outputs[n]?.activation ?? 'none');
      return map;
    });
  };
  return async (block) => {
    const sums = (await read(block, '')).map((map) => ({ ...map, data: map.data.slice() }));
    for (const flip of tta.flips) {
      for (const [n, map] of (await read(block, flip)).entries()) add(sums[n]?.data ?? map.data, map.data);
    }
    const passes = tta.flips.length + 1;
    return sums.map((sum): Tensor => toTensor({ ...sum, data: sum.data.map((value) => value / passes) }, layout));
  };
}

/** What is left to do: nothing where the mean was that of probabilities. */
export const activationLeft = ({ tta }: ModelManifest, { activation }: Output): Output['activation'] =>
  tta && tta.flips.length > 0 && tta.merge === 'meanProbability' ? 'none' : activation;

function turned(block: Block, flip: string): Block {
  const over = [flip.includes('z'), flip.includes('y'), flip.includes('x')] as const;
  return flip === '' ? block : { ...block, data: mirrored(block.data, block.shape, over) };
}

function activateBlock({ count, channels, data }: Block, activation: Output['activation']): void {
  const length = data.length / count / channels;
  for (let n = 0; n < count; n++) {
    const own = Array.from({ length: channels }, (_, c) =>
      data.subarray((n * channels + c) * length, (n * channels + c + 1) * length),
    );
    activate(own, activation);
  }
}

function add(sum: Float32Array, values: Float32Array): void {
  for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (values[i] as number);
}
