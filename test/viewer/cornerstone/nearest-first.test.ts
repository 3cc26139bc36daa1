import { describe, expect, it } from 'vitest';
import { nearestFirst } from '../../../viewer/cornerstone/nearest-first.ts';

describe('loading order', () => {
  it('starts at the slice on screen and goes outwards', async () => {
    const queue = nearestFirst(1);
    const order: number[] = [];
    queue.focus(5);
    await Promise.all(
      Array.from({ length: 9 }, (_none, index) =>
        queue.run(index, async () => {
          order.push(index);
        }),
      ),
    );
    expect(order.slice(0, 3).sort()).toEqual([4, 5, 6]);
    expect(order[0]).toBe(5);
    expect(order.map((index) => Math.abs(index - 5))).toEqual([0, 1, 1, 2, 2, 3, 3, 4, 5]);
  });

  it('follows the reader to another slice', async () => {
    const queue = nearestFirst(1);
    const order: number[] = [];
    const jobs = Array.from({ length: 20 }, (_none, index) =>
      queue.run(index, async () => {
        order.push(index);
        if (order.length === 2) queue.focus(19);
      }),
    );
    await Promise.all(jobs);
    expect(order.slice(0, 4)).toEqual([0, 1, 19, 18]);
  });

  it('never runs more than its share at once, and goes on after a failure', async () => {
    const queue = nearestFirst(3);
    const state = { running: 0, most: 0 };
    const results = await Promise.allSettled(
      Array.from({ length: 30 }, (_none, index) =>
        queue.run(index, async () => {
          state.running += 1;
          state.most = Math.max(state.most, state.running);
          await new Promise((resolve) => setTimeout(resolve, 1));
          state.running -= 1;
          if (index % 7 === 0) throw new Error('damaged');
          return index;
        }),
      ),
    );
    expect(state.most).toBe(3);
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(5);
  });
});
