import { expect, it } from 'vitest';
import { withEnclosedAir } from '../../services/imaging/enclosed-air.ts';
import { voxelsIn, where } from '../../services/imaging/voxel-mask.ts';

const SIDE = 21;
const SHAPE = [SIDE, SIDE, SIDE] as const;

/** A mask by a test of the voxel's place, from the middle of the grid. */
const mask = (test: (x: number, y: number, z: number) => boolean) =>
  where(new Uint8Array(SIDE ** 3), (_value, at) =>
    test((at % SIDE) - 10, (Math.floor(at / SIDE) % SIDE) - 10, Math.floor(at / SIDE ** 2) - 10),
  );
const shell = (x: number, y: number, z: number) => Math.hypot(x, y, z) <= 8 && Math.hypot(x, y, z) > 5;
const tube = (x: number, y: number) => Math.hypot(x, y) <= 6 && Math.hypot(x, y) > 3;
const filled = (lesion: Uint8Array, reachMm = 20) => withEnclosedAir(lesion, SHAPE, 0.5, reachMm);

it('a closed shell is filled, and nothing outside it', () => {
  expect(filled(mask(shell))).toEqual(mask((x, y, z) => Math.hypot(x, y, z) <= 8));
});

it.each([
  ['a hole in the wall', (x: number, y: number, z: number) => shell(x, y, z) && !(x > 0 && Math.hypot(y, z) <= 2)],
  ['an open side', (x: number, y: number, z: number) => shell(x, y, z) && z < 6],
])('a shell with %s is filled where it surrounds', (_what, test) => {
  const lesion = mask(test);
  const all = filled(lesion);
  expect(all[mask((x, y, z) => x === 0 && y === 0 && z === 0).indexOf(1)]).toBe(1);
  const ball = mask((x, y, z) => Math.hypot(x, y, z) <= 8);
  expect(all.every((value, at) => value === 0 || ball[at] === 1)).toBe(true);
  expect(voxelsIn(all) - voxelsIn(lesion)).toBeGreaterThan(0.8 * voxelsIn(mask((x, y, z) => Math.hypot(x, y, z) <= 5)));
});

it.each([
  ['a ball', mask((x, y, z) => Math.hypot(x, y, z) <= 8)],
  ['the wall of a tube, as of a bronchus', mask((x, y, z) => tube(x, y) && Math.abs(z) < 10)],
  ['two plates', mask((x, y, z) => Math.abs(Math.abs(z) - 5) <= 1 && Math.abs(x) < 9 && Math.abs(y) < 9)],
  ['nothing', mask(() => false)],
])('%s surrounds no air: the mask itself', (_what, lesion) => {
  expect(filled(lesion)).toBe(lesion);
});

it('half a shell is no cavity: at most a corner of it is filled', () => {
  const bowl = mask((x, y, z) => shell(x, y, z) && z <= 0);
  const inside = mask((x, y, z) => Math.hypot(x, y, z) <= 5 && z <= 0);
  expect(voxelsIn(filled(bowl)) - voxelsIn(bowl)).toBeLessThan(0.1 * voxelsIn(inside));
});

it('a shell wider than the reach is not known to be one', () => {
  const lesion = mask(shell);
  expect(filled(lesion, 2)).toBe(lesion);
});
