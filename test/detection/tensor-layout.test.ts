import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Layout } from '../../services/detection/manifest/tensors.ts';
import { type Block, fromOrder, fromTensor, inZyx, toTensor } from '../../services/detection/tensor-layout.ts';

type Place = readonly [n: number, c: number, z: number, y: number, x: number];

/** Sizes of a tensor, and the index of a value in it, as its name reads. */
const READ: Readonly<Record<Layout, (place: Place) => readonly number[]>> = {
  NCDHW: ([n, c, z, y, x]) => [n, c, z, y, x],
  NCWHD: ([n, c, z, y, x]) => [n, c, x, y, z],
  NCHW: ([n, c, , y, x]) => [n, c, y, x],
  NHWC: ([n, c, , y, x]) => [n, y, x, c],
};

/** Of a value in our own order. */
function placeOf(at: number, [, channels, depth, height, width]: Place): Place {
  const [x, row] = [at % width, Math.floor(at / width)];
  const [y, plane] = [row % height, Math.floor(row / height)];
  const [z, block] = [plane % depth, Math.floor(plane / depth)];
  return [Math.floor(block / channels), block % channels, z, y, x];
}

const size = fc.integer({ min: 1, max: 4 });

describe.each(Object.keys(READ) as Layout[])('%s', (layout) => {
  const isFlat = layout.length === 4;

  it('has each value where its name says, and comes back', () => {
    fc.assert(
      fc.property(size, size, size, size, size, (count, channels, depth, height, width) => {
        const shape = [isFlat ? 1 : depth, height, width] as const;
        const data = Float32Array.from({ length: count * channels * shape[0] * height * width }, (_, at) => at);
        const block: Block = { count, channels, shape, data };
        const tensor = toTensor(block, layout);
        expect(tensor.dims).toEqual(READ[layout]([count, channels, ...shape]));
        for (let own = 0; own < data.length; own++) {
          const index = READ[layout](placeOf(own, [count, channels, ...shape]));
          const at = index.reduce((sum, value, a) => sum * (tensor.dims[a] ?? 1) + value, 0);
          expect(tensor.data[at]).toBe(own);
        }
        expect(fromTensor(tensor, layout, 'map')).toEqual(block);
      }),
      { numRuns: 30 },
    );
  });

  it('has no other number of axes', () => {
    const wrong = { data: new Float32Array(1), dims: [1, 1, 1] };
    expect(() => fromTensor(wrong, layout, 'map')).toThrow(/output map is 1 x 1 x 1, not/);
  });
});

describe('lists that follow a layout or an order', () => {
  it('are told in z, y, x', () => {
    expect(inZyx('NCDHW', [1, 2, 3], 0)).toEqual([1, 2, 3]);
    expect(inZyx('NCWHD', [1, 2, 3], 0)).toEqual([3, 2, 1]);
    expect(inZyx('NCHW', [1, 2], 9)).toEqual([9, 1, 2]);
    expect(fromOrder('xyz', [1, 2, 3], 0)).toEqual([3, 2, 1]);
    expect(fromOrder('xy', [1, 2], 9)).toEqual([9, 2, 1]);
    expect(fromOrder('yx', [1, 2], 9)).toEqual([9, 1, 2]);
  });
});
