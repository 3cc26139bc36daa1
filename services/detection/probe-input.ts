import type { ModelManifest } from './model-manifest.ts';

/** An input of the graph and its dimensions. */
export interface ProbeInput {
  readonly input: Float32Array;
  readonly dims: readonly number[];
}

/** Free axes of a probe: small, and above what a few down-samplings need. */
const FREE_AXIS = 32;

/**
 * The smallest sensible input of a graph, the same each time: balls of several sizes on an even ground with a little
 * noise, within the intensities that `preprocess` lets through. For holding one execution provider against another.
 */
export function probeInput({ inputs, preprocess }: Pick<ModelManifest, 'inputs' | 'preprocess'>): ProbeInput {
  const [{ shape, multipleOf }] = inputs;
  const multiples: readonly number[] = multipleOf ?? [];
  const dims = shape.map((length: number | string, axis: number) => {
    if (typeof length === 'number') return length;
    const multiple = multiples[axis - (shape.length - multiples.length)] ?? 1;
    return axis === 0 ? 1 : Math.ceil(FREE_AXIS / multiple) * multiple;
  });
  const [low, high] = intensities(preprocess);
  const [width = 1, height = 1] = dims.toReversed();
  const input = new Float32Array(dims.reduce((product, length) => product * length, 1));
  for (let at = 0; at < input.length; at++) {
    const [x, y, z] = [at % width, Math.floor(at / width) % height, Math.floor(at / (width * height))];
    const noise = ((Math.imul(at + 1, 0x9e3779b1) >>> 8) / 2 ** 24 - 0.5) * 0.05;
    const value = Math.min(1, Math.max(0, 0.15 + 0.7 * ballsAt(x, y, z) + noise));
    input[at] = low + (high - low) * value;
  }
  return { input, dims };
}

/** 0 … 1: a lattice of soft balls, 16 apart, of three sizes. */
function ballsAt(x: number, y: number, z: number): number {
  const from = (n: number) => (n % 16) - 8;
  const radius = 2 + (((x >> 4) + (y >> 4) + (z >> 4)) % 3);
  return Math.min(1, Math.max(0, radius - Math.hypot(from(x), from(y), from(z)) + 0.5));
}

/** What comes out of the steps that map intensities: HU of a chest where none does. */
function intensities(preprocess: readonly { readonly op: string }[]): readonly [number, number] {
  let range: [number, number] = [-1000, 400];
  for (const op of preprocess) {
    if (isClip(op)) range = [Math.max(range[0], op.min), Math.min(range[1], op.max)];
    else if (isScale(op)) {
      const { from, to } = op;
      const scaled = (value: number) => ((value - from[0]) / (from[1] - from[0])) * (to[1] - to[0]) + to[0];
      range = [scaled(range[0]), scaled(range[1])];
    }
  }
  return range;
}

interface Named {
  readonly op: string;
}
const isClip = (op: Named): op is Named & { min: number; max: number } =>
  op.op === 'clip' && 'min' in op && 'max' in op && typeof op.min === 'number' && typeof op.max === 'number';
const isScale = (op: Named): op is Named & { from: [number, number]; to: [number, number] } =>
  op.op === 'scale' && 'from' in op && 'to' in op && Array.isArray(op.from) && Array.isArray(op.to);
