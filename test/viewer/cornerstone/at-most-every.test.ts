import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { atMostEvery } from '../../../viewer/cornerstone/at-most-every.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('tells the first at once, those that follow together, and never keeps the last', () => {
  const told: number[] = [];
  const state = { calls: 0 };
  const tell = atMostEvery(100, () => told.push(state.calls));
  const call = () => {
    state.calls += 1;
    tell();
  };
  call();
  expect(told).toEqual([1]);
  for (let n = 0; n < 30; n += 1) {
    call();
    vi.advanceTimersByTime(10);
  }
  expect(told).toEqual([1, 11, 21, 31]);
  call();
  vi.advanceTimersByTime(100);
  expect(told.at(-1)).toBe(32);
  vi.advanceTimersByTime(1000);
  expect(told).toHaveLength(5);
  call();
  expect(told.at(-1)).toBe(33);
});
