import type { Precision } from './manifest/artifact.ts';
import type { ModelManifest } from './model-manifest.ts';
import type { OutputTensor } from './onnx-session.ts';

/** The most by which any value of an answer may differ from that of the processor at full precision. */
const TOLERANCE: Record<Precision, number> = { fp32: 1e-3, fp16: 5e-2, int8: 0.5 };

/**
 * Holds the answers of a provider against those of the processor; `undefined` when they agree, else what differs by how
 * much. What a heat map model answers beside its heat is compared where the heat makes a mark: elsewhere a size may jump
 * by a step for a rounding error, and nobody reads it.
 */
export function outputParity(
  answers: readonly OutputTensor[],
  expected: readonly OutputTensor[],
  manifest: Pick<ModelManifest, 'outputs' | 'decode'>,
  precision: Precision,
): string | undefined {
  const counts = whereItCounts(expected, manifest);
  for (const [index, { name, role }] of manifest.outputs.entries()) {
    const [answer, wanted] = [answers[index], expected[index]];
    if (answer === undefined || wanted === undefined || answer.data.length !== wanted.data.length)
      return `output ${name} has another shape than on the cpu`;
    const only = role === 'heatmap' ? undefined : counts;
    const difference = largestDifference(answer.data, wanted.data, only);
    if (!(difference <= TOLERANCE[precision]))
      return `output ${name} differs from the cpu by ${difference.toPrecision(3)}, more than ${TOLERANCE[precision]}`;
  }
  return undefined;
}

/** Whether a cell of the heat map, by its index, is above the least score. */
function whereItCounts(
  expected: readonly OutputTensor[],
  { outputs, decode }: Pick<ModelManifest, 'outputs' | 'decode'>,
): ((index: number) => boolean) | undefined {
  const at = outputs.findIndex(({ role }) => role === 'heatmap');
  const heat = expected[at];
  if (heat === undefined || !('peak' in decode)) return undefined;
  const { minScore } = decode.peak;
  const least = outputs[at]?.activation === 'sigmoid' ? Math.log(minScore / (1 - minScore)) : minScore;
  return (index) => (heat.data[index % heat.data.length] as number) > least;
}

function largestDifference(a: Float32Array, b: Float32Array, counts?: (index: number) => boolean): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    if (counts && !counts(i)) continue;
    const difference = Math.abs((a[i] as number) - (b[i] as number));
    if (!(difference <= largest)) largest = difference; // what is no number ends up here too
  }
  return largest;
}
