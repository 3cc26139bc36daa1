import { expect, it } from 'vitest';
import { stretched } from '../../../services/imaging/render/stretch.ts';

const grey = (width: number, ...samples: readonly number[]) => ({
  samples: Uint8Array.from(samples),
  channels: 1 as const,
  width,
  height: samples.length / width,
});

it('puts what lies between two pixels between them, and keeps the centre of each where it was', () => {
  expect([...stretched(grey(3, 0, 100, 200), { width: 6, height: 1 }).samples]).toEqual([0, 25, 75, 125, 175, 200]);
  expect([...stretched(grey(2, 0, 100), { width: 6, height: 1 }).samples]).toEqual([0, 0, 33, 67, 100, 100]);
});

it('leaves the other side alone', () => {
  const picture = grey(2, 0, 100, 200, 50);
  expect(stretched(picture, { width: 4, height: 2 })).toMatchObject({ width: 4, height: 2 });
  expect([...stretched(picture, { width: 4, height: 2 }).samples]).toEqual([0, 25, 75, 100, 200, 163, 88, 50]);
  expect([...stretched(picture, { width: 2, height: 4 }).samples]).toEqual([0, 100, 50, 88, 150, 63, 200, 50]);
});

it('keeps colours together', () => {
  const picture = { samples: Uint8Array.of(0, 10, 20, 100, 110, 120), channels: 3 as const, width: 1, height: 2 };
  const { samples, channels, height } = stretched(picture, { width: 1, height: 4 });
  expect([channels, height, ...samples]).toEqual([3, 4, 0, 10, 20, 25, 35, 45, 75, 85, 95, 100, 110, 120]);
});

it('gives back what is not larger', () => {
  const picture = grey(2, 1, 2);
  expect(stretched(picture, { width: 1, height: 1 })).toBe(picture);
});
