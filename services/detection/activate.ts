import { sigmoid } from './decode-heatmap.ts';
import type { Output } from './manifest/tensors.ts';

/**
 * Scores of channels at one place after another, activated in place: `softmax` over the channels, `sigmoid` of each, or as
 * they are.
 *
 * @param channels one array for each, of one length.
 */
export function activate(channels: readonly Float32Array[], activation: Output['activation']): void {
  if (activation === 'softmax') softmax(channels);
  if (activation !== 'sigmoid') return;
  for (const values of channels) for (let i = 0; i < values.length; i++) values[i] = sigmoid(values[i] as number);
}

function softmax(channels: readonly Float32Array[]): void {
  const length = channels[0]?.length ?? 0;
  for (let i = 0; i < length; i++) {
    let top = Number.NEGATIVE_INFINITY;
    for (const values of channels) top = Math.max(top, values[i] as number);
    let sum = 0;
    for (const values of channels) sum += Math.exp((values[i] as number) - top);
    for (const values of channels) values[i] = Math.exp((values[i] as number) - top) / sum;
  }
}
