import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bySize, connectedComponents, fillSlices } from '../../services/imaging/connected-components.ts';
import { squaredDistance } from '../../services/imaging/distance-transform.ts';
import { boundingBox, cut, eroded } from '../../services/imaging/voxel-mask.ts';

const masks = fc
  .tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 5 }))
  .chain(([nx, ny, nz]) =>
    fc.record({
      shape: fc.constant([nx, ny, nz] as const),
      mask: fc
        .array(fc.constantFrom(0, 0, 0, 1), { minLength: nx * ny * nz, maxLength: nx * ny * nz })
        .map((values) => Uint8Array.from(values)),
    }),
  );

const place = (at: number, [nx, ny]: readonly [number, number, number]) =>
  [at % nx, Math.floor(at / nx) % ny, Math.floor(at / nx / ny)] as const;

type Vector = readonly [number, number, number];
function bruteForce(mask: Uint8Array, shape: Vector, at: number, [sx, sy, sz]: Vector): number {
  const [x, y, z] = place(at, shape);
  return mask.reduce((nearest, value, to) => {
    const [u, v, w] = place(to, shape);
    const d2 = ((x - u) * sx) ** 2 + ((y - v) * sy) ** 2 + ((z - w) * sz) ** 2;
    return value === 1 ? Math.min(nearest, d2) : nearest;
  }, Number.POSITIVE_INFINITY);
}

describe('distance transform', () => {
  it('is the distance to the nearest voxel, found by looking at all', () => {
    fc.assert(
      fc.property(masks, ({ mask, shape }) => {
        const spacing = [0.7, 1.3, 2] as const;
        const field = squaredDistance(mask, 1, shape, spacing);
        for (let at = 0; at < mask.length; at++) {
          const nearest = bruteForce(mask, shape, at, spacing);
          if (nearest === Number.POSITIVE_INFINITY) expect(field[at]).toBeGreaterThan(1e9);
          else expect(field[at]).toBeCloseTo(nearest, 3);
        }
      }),
    );
  });
});

describe('connected components', () => {
  it('joins face neighbours and nothing else', () => {
    fc.assert(
      fc.property(masks, ({ mask, shape }) => {
        const { labels, sizes } = connectedComponents(mask, shape);
        for (let at = 0; at < mask.length; at++) {
          expect((labels[at] ?? 0) > 0).toBe(mask[at] === 1);
          const [x, y, z] = place(at, shape);
          for (let to = 0; to < mask.length; to++) {
            const [u, v, w] = place(to, shape);
            const touch = Math.abs(x - u) + Math.abs(y - v) + Math.abs(z - w) === 1;
            if (touch && mask[at] === 1 && mask[to] === 1) expect(labels[to]).toBe(labels[at]);
          }
        }
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(mask.reduce((sum, value) => sum + value, 0));
      }),
    );
  });

  it('puts the largest first', () => {
    const labels = connectedComponents(Uint8Array.of(1, 0, 1, 1, 0, 1, 1, 1), [8, 1, 1]);
    expect(bySize(labels).map((label) => labels.sizes[label])).toEqual([3, 2, 1]);
  });

  it('closes a hole of a slice, but not a bay', () => {
    // biome-ignore format: a picture
    const ring = Uint8Array.from([
      1, 1, 1, 1, 1,
      1, 0, 1, 0, 0,
      1, 1, 1, 1, 1,
    ]);
    expect(fillSlices(ring, [5, 3, 1])[6]).toBe(1);
    expect(fillSlices(ring, [5, 3, 1])[8]).toBe(0);
  });

  it('erodes at the border of the mask, not at that of the grid', () => {
    expect([...eroded(Uint8Array.of(1, 1, 1, 0, 1), [5, 1, 1])]).toEqual([1, 1, 0, 0, 0]);
  });

  it('cuts the smallest box that holds the mask', () => {
    fc.assert(
      fc.property(masks, ({ mask, shape }) => {
        fc.pre(mask.includes(1));
        const box = boundingBox(mask, shape, 0, (value) => value === 1);
        const part = cut(mask, shape, box);
        const count = (values: Uint8Array) => values.reduce((sum, value) => sum + value, 0);
        expect(count(part)).toBe(count(mask));
        const [nx] = [box.to[0] - box.from[0] + 1];
        expect(part.some((value, at) => value === 1 && at % nx === 0)).toBe(true);
        expect(part.some((value, at) => value === 1 && at % nx === nx - 1)).toBe(true);
      }),
    );
  });
});
