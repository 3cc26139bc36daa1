/** `cubic` is Keys' kernel with a = -0.5; `area` is the mean over a new voxel, and linear where that is the smaller one. */
export type Interpolation = 'linear' | 'nearest' | 'cubic' | 'area';

/** Weights of the source voxels `low`, `low + 1`, … around a place; their sum is 1. */
interface Weights {
  readonly low: number;
  readonly weights: readonly number[];
}

export interface SamplingKernel {
  /** As many voxels as it reaches at most. */
  readonly width: number;
  readonly at: (center: number) => Weights;
}

/** @param size of a new voxel in source voxels, at least 1: the kernel is so much wider. */
export function kernelAround(interpolation: Interpolation, size: number): SamplingKernel {
  if (interpolation === 'nearest') return { width: 1, at: (at) => ({ low: Math.floor(at + 0.5), weights: [1] }) };
  const radius = { linear: size, cubic: 2 * size, area: (size + 1) / 2 }[interpolation];
  const weight = { linear: balancedTent, cubic: keys, area: overlap }[interpolation];
  return {
    width: Math.ceil(2 * radius) + 1,
    at: (center) => {
      const low = Math.ceil(center - radius);
      const count = Math.floor(center + radius) - low + 1;
      return { low, weights: weight(low - center, count, size) };
    },
  };
}

const distances = (from: number, count: number): number[] => Array.from({ length: count }, (_, n) => from + n);

/**
 * `count` weights at distances `from`, `from + 1`, … of the centre: sum 1, centroid 0. Sampled at voxels a wide tent no
 * longer balances around its centre (0.01 mm at 0.4 to 1 mm): a linear factor puts its centroid back.
 */
function balancedTent(from: number, count: number, radius: number): number[] {
  const plain = distances(from, count).map((distance) => Math.max(0, 1 - Math.abs(distance) / radius));
  const moment = (power: number) => plain.reduce((sum, weight, n) => sum + weight * (from + n) ** power, 0);
  const [m0, m1, m2] = [moment(0), moment(1), moment(2)];
  const determinant = m0 * m2 - m1 * m1;
  if (determinant < 1e-9) return plain.map((weight) => weight / m0);
  return plain.map((weight, n) => (weight * (m2 - m1 * (from + n))) / determinant);
}

/** R. G. Keys, Cubic convolution interpolation, 1981. */
function keys(from: number, count: number, size: number): number[] {
  return normalized(
    distances(from, count).map((distance) => {
      const d = Math.abs(distance) / size;
      if (d < 1) return 1.5 * d ** 3 - 2.5 * d ** 2 + 1;
      return d < 2 ? -0.5 * d ** 3 + 2.5 * d ** 2 - 4 * d + 2 : 0;
    }),
  );
}

/** How much of each voxel the new one covers. */
function overlap(from: number, count: number, size: number): number[] {
  return normalized(distances(from, count).map((d) => Math.max(0, Math.min(1, size, (size + 1) / 2 - Math.abs(d)))));
}

function normalized(weights: readonly number[]): number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}
