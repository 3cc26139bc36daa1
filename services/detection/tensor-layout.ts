import { AppError } from '../domain/errors.ts';
import type { Layout } from './manifest/tensors.ts';

/** A value for each spatial axis, in our order. */
export type Zyx<T = number> = readonly [z: T, y: T, x: T];

/** Values in our own order, whatever the layout of the graph: image, channel, z, y, x, the last fastest. */
export interface Block {
  readonly count: number;
  readonly channels: number;
  readonly shape: Zyx;
  readonly data: Float32Array;
}

export interface Tensor {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/** A list that follows the spatial axes of a layout, in our order; what has no z gets `z`. */
export function inZyx<T>(layout: Layout, values: readonly T[], z: T): Zyx<T> {
  const [a = z, b = z, c = z] = values;
  if (layout === 'NCDHW') return [a, b, c];
  return layout === 'NCWHD' ? [c, b, a] : [z, a, b];
}

/** A list that follows an order such as `xyz`, in ours; what the order does not name gets `z`. */
export function fromOrder<T>(order: string, values: readonly T[], z: T): Zyx<T> {
  const of = (axis: string) => values[order.indexOf(axis)] ?? z;
  return [order.includes('z') ? of('z') : z, of('y'), of('x')];
}

/** A block as the graph takes it. NCDHW and NCHW are our own order and are not copied. */
export function toTensor(block: Block, layout: Layout): Tensor {
  const { count, channels, shape, data } = block;
  const [depth, height, width] = shape;
  if (layout === 'NCDHW') return { data, dims: [count, channels, ...shape] };
  if (layout === 'NCHW') return { data, dims: [count * depth, channels, height, width] };
  const dims = layout === 'NCWHD' ? [count, channels, width, height, depth] : [count, height, width, channels];
  const out = new Float32Array(data.length);
  forEachRow(block, layout, (own, other, step) => {
    for (let i = 0; i < width; i++) out[other + i * step] = data[own + i] as number;
  });
  return { data: out, dims };
}

/**
 * A map of the graph in our order.
 *
 * @throws {AppError} MODEL_INVALID when it has another number of axes.
 */
export function fromTensor({ data, dims }: Tensor, layout: Layout, name: string): Block {
  const rank = layout === 'NCDHW' || layout === 'NCWHD' ? 5 : 4;
  if (dims.length !== rank)
    throw new AppError('MODEL_INVALID', `output ${name} is ${dims.join(' x ')}, not ${layout}`, { detail: name });
  const [n = 0, a = 0, b = 0, c = 0, d = 0] = dims;
  if (layout === 'NCDHW') return { count: n, channels: a, shape: [b, c, d], data };
  if (layout === 'NCHW') return { count: n, channels: a, shape: [1, b, c], data };
  const block: Block =
    layout === 'NCWHD'
      ? { count: n, channels: a, shape: [d, c, b], data: new Float32Array(data.length) }
      : { count: n, channels: c, shape: [1, a, b], data: new Float32Array(data.length) };
  const [, , width] = block.shape;
  forEachRow(block, layout, (own, other, step) => {
    for (let i = 0; i < width; i++) block.data[own + i] = data[other + i * step] as number;
  });
  return block;
}

/** For each row along x: its place in a block, its place in the tensor, and how far apart its values lie there. */
function forEachRow(
  { count, channels, shape: [depth, height, width] }: Block,
  layout: Layout,
  visit: (own: number, other: number, step: number) => void,
): void {
  const volume = depth * height * width;
  const [perImage, perChannel, perZ, perY, perX] =
    layout === 'NCWHD'
      ? [channels * volume, volume, 1, depth, depth * height]
      : [channels * volume, 1, 0, width * channels, channels];
  let own = 0;
  for (let n = 0; n < count; n++) {
    for (let c = 0; c < channels; c++) {
      for (let k = 0; k < depth; k++) {
        for (let j = 0; j < height; j++, own += width)
          visit(own, n * perImage + c * perChannel + k * perZ + j * perY, perX);
      }
    }
  }
}
