import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bySize, componentOf, connectedComponents, fillSlices } from '../../services/imaging/connected-components.ts';
import { squaredDistance } from '../../services/imaging/distance-transform.ts';
import {
  type Box,
  boundingBox,
  boxShape,
  cut,
  eroded,
  grown,
  indexInBox,
  laidBack,
  mayHoldBall,
} from '../../services/imaging/voxel-mask.ts';

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

describe('distance transform, bounded', () => {
  it('is the same up to the limit, and far beyond it', () => {
    fc.assert(
      fc.property(
        masks,
        fc.constantFrom<0 | 1>(0, 1),
        fc.double({ min: 0.5, max: 6, noNaN: true }),
        (made, to, limitMm) => {
          const { mask, shape } = made;
          const spacing = [0.7, 1.3, 2] as const;
          const whole = squaredDistance(mask, to, shape, spacing);
          const bounded = squaredDistance(mask, to, shape, spacing, limitMm);
          for (const [at, value] of whole.entries()) {
            if (value < limitMm ** 2 * 0.9999) expect(bounded[at]).toBeCloseTo(value, 3);
            if (value > limitMm ** 2 * 1.0001) expect(bounded[at]).toBeGreaterThan(1e9);
          }
        },
      ),
    );
  });

  it('keeps a distance of just the limit', () => {
    const line = Uint8Array.of(1, 0, 0, 0, 0, 0, 0);
    for (const shape of [
      [7, 1, 1],
      [1, 7, 1],
      [1, 1, 7],
    ] as const) {
      const field = squaredDistance(line, 1, shape, [0.1, 0.1, 0.1], 0.3);
      expect([...field].map((value) => value < 1)).toEqual([true, true, true, true, false, false, false]);
    }
  });

  it('says the same of more lines than are taken together', () => {
    const shape = [37, 21, 19] as const;
    const mask = Uint8Array.from({ length: 37 * 21 * 19 }, (_, at) =>
      Math.imul(at, 2_654_435_761) >>> 0 < 4e6 ? 1 : 0,
    );
    const field = squaredDistance(mask, 1, shape, [1, 1, 1]);
    const set = [...mask.keys()].filter((at) => mask[at] === 1).map((at) => place(at, shape));
    expect(set.length).toBeGreaterThan(5);
    for (const [at, value] of field.entries()) {
      const [x, y, z] = place(at, shape);
      expect(value).toBe(Math.min(...set.map(([u, v, w]) => (x - u) ** 2 + (y - v) ** 2 + (z - w) ** 2)));
    }
  });
});

/** Face neighbours inside the grid. */
const faces = (at: number, [nx, ny, nz]: Vector) => {
  const [x, y, z] = place(at, [nx, ny, nz]);
  return [
    ...(x > 0 ? [at - 1] : []),
    ...(x < nx - 1 ? [at + 1] : []),
    ...(y > 0 ? [at - nx] : []),
    ...(y < ny - 1 ? [at + nx] : []),
    ...(z > 0 ? [at - nx * ny] : []),
    ...(z < nz - 1 ? [at + nx * ny] : []),
  ];
};

describe('masks', () => {
  it('are eroded and grown by their face neighbours', () => {
    fc.assert(
      fc.property(masks, ({ mask, shape }) => {
        const allowed = mask.map((value, at) => (value === 1 || at % 3 !== 0 ? 1 : 0));
        const [less, more] = [eroded(mask, shape), grown(mask, allowed, shape)];
        for (const [at, value] of mask.entries()) {
          const around = faces(at, shape).map((to) => mask[to]);
          expect(less[at]).toBe(value === 1 && !around.includes(0) ? 1 : 0);
          expect(more[at]).toBe(value === 1 || (allowed[at] === 1 && around.includes(1)) ? 1 : 0);
        }
      }),
    );
  });

  it('hold no ball where its arms do not fit, and never deny one that fits', () => {
    fc.assert(
      fc.property(masks, fc.integer({ min: 0, max: 3 }), ({ mask, shape }, reach) => {
        const full = mask.map((value) => 1 - value);
        const depth = squaredDistance(full, 0, shape, [1, 1, 1]);
        const fits = [...depth].some((squared) => squared > reach * reach);
        if (fits) expect(mayHoldBall(full, shape, reach)).toBe(true);
        const armsFit = [...full.keys()].some((at) => {
          const here = place(at, shape);
          return [...full.keys()].every((to) => {
            const away = place(to, shape).map((value, axis) => Math.abs(value - (here[axis] ?? 0)));
            const isOnArm = away.filter((value) => value > 0).length <= 1 && Math.max(...away) <= reach;
            return !isOnArm || full[to] === 1;
          });
        });
        expect(mayHoldBall(full, shape, reach)).toBe(armsFit);
      }),
    );
  });

  it('are laid back where they were cut', () => {
    fc.assert(
      fc.property(masks, ({ mask, shape }) => {
        fc.pre(mask.includes(1));
        const box: Box = boundingBox(mask, shape, 1, (value) => value === 1);
        const piece = cut(mask, shape, box);
        expect(piece.length).toBe(boxShape(box).reduce((product, side) => product * side, 1));
        expect(laidBack(piece, shape, box)).toEqual(mask);
        const first = mask.indexOf(1);
        expect(piece[indexInBox(place(first, shape), box)]).toBe(1);
        expect(piece.indexOf(1)).toBe(indexInBox(place(first, shape), box));
      }),
    );
  });
});

function touch(one: Vector, other: Vector, all: 6 | 26): boolean {
  const away = one.map((value, axis) => Math.abs(value - (other[axis] ?? 0)));
  return Math.max(...away) === 1 && (all === 26 || away.reduce((sum, value) => sum + value, 0) === 1);
}

/** Labels by a flood from one voxel to the next. */
function flooded(mask: Uint8Array, shape: Vector, all: 6 | 26): number[] {
  const labels = new Array<number>(mask.length).fill(0);
  const isFree = (at: number) => mask[at] === 1 && labels[at] === 0;
  const flood = (seed: number, label: number) => {
    labels[seed] = label;
    for (const to of mask.keys()) {
      if (isFree(to) && touch(place(seed, shape), place(to, shape), all)) flood(to, label);
    }
  };
  let count = 0;
  for (const seed of mask.keys()) if (isFree(seed)) flood(seed, ++count);
  return labels;
}

describe('connected components', () => {
  it.each([6, 26] as const)('joins the %i neighbours and nothing else, in the order of their first voxels', (all) => {
    fc.assert(
      fc.property(masks, ({ mask, shape }) => {
        const { labels, sizes } = connectedComponents(mask, shape, all);
        expect([...labels]).toEqual(flooded(mask, shape, all));
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(mask.reduce((sum, value) => sum + value, 0));
      }),
    );
  });

  it('gives the part that holds a voxel, and nothing for a voxel outside', () => {
    fc.assert(
      fc.property(masks, ({ mask, shape }) => {
        const labels = flooded(mask, shape, 6);
        for (const at of mask.keys()) {
          const wanted = labels.map((label) => (label > 0 && label === labels[at] ? 1 : 0));
          expect([...componentOf(mask, shape, at)]).toEqual(wanted);
        }
      }),
    );
  });

  it('puts the largest first', () => {
    const labels = connectedComponents(Uint8Array.of(1, 0, 1, 1, 0, 1, 1, 1), [8, 1, 1]);
    expect(bySize(labels).map((label) => labels.sizes[label])).toEqual([3, 2, 1]);
  });

  it('closes what cannot be reached from the border of a slice', () => {
    fc.assert(
      fc.property(masks, ({ mask, shape }) => {
        const [nx, ny, nz] = shape;
        const filled = fillSlices(mask, shape);
        for (let k = 0; k < nz; k++) {
          const slice = mask.slice(k * nx * ny, (k + 1) * nx * ny);
          const background = flooded(
            slice.map((value) => 1 - value),
            [nx, ny, 1],
            6,
          );
          const isAtBorder = (at: number) => at < nx || at >= nx * (ny - 1) || at % nx === 0 || at % nx === nx - 1;
          const reached = new Set(background.filter((label, at) => label > 0 && isAtBorder(at)));
          const wanted = background.map((label) => (reached.has(label) ? 0 : 1));
          expect([...filled.subarray(k * nx * ny, (k + 1) * nx * ny)]).toEqual(wanted);
        }
      }),
    );
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
