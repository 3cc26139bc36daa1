import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { turnstile } from '../../services/main/turnstile.ts';

it('lets so many in at once, in order, and goes on after a failure', async () => {
  const through = turnstile(2);
  const state = { inside: 0, most: 0 };
  const done: number[] = [];
  const work = (n: number) => async () => {
    state.inside += 1;
    state.most = Math.max(state.most, state.inside);
    await sleep(5);
    state.inside -= 1;
    done.push(n);
    if (n % 3 === 0) throw new Error(`no ${n}`);
    return n;
  };
  const results = await Promise.allSettled(Array.from({ length: 9 }, (_, n) => through(work(n))));
  expect(results.map(({ status }) => status === 'fulfilled')).toEqual(Array.from({ length: 9 }, (_, n) => n % 3 !== 0));
  expect(state.most).toBe(2);
  expect(done).toEqual([...done].sort((a, b) => a - b));
  expect(await through(async () => 'again')).toBe('again');
});
