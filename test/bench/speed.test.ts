import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { sumOfPids } from '../../services/bench/environment.ts';
import { watchLoad } from '../../services/bench/machine-load.ts';
import { poissonSeconds, server } from '../../services/bench/speed/server.ts';
import type { StudyRun } from '../../services/bench/speed/study.ts';

const STUDY = { id: 'a', inputs: [] };

/** A queue with one place, each study taking so long. */
function oneAtATime(milliseconds: number) {
  let last = Promise.resolve();
  return async (): Promise<StudyRun> => {
    last = last.then(() => sleep(milliseconds));
    await last;
    const seconds = milliseconds / 1000;
    return { endToEnd: seconds, graph: seconds / 2, stages: {}, provider: 'cpu', marks: [] };
  };
}

describe('Server: Poisson arrivals', () => {
  it('have gaps of an exponential distribution', () => {
    const at = poissonSeconds(4, 20_000, 1);
    const gaps = at.map((second, i) => second - (at[i - 1] ?? 0));
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
    expect(mean).toBeCloseTo(0.25, 2);
    expect(Math.sqrt(variance) / mean).toBeCloseTo(1, 1);
    expect(poissonSeconds(4, 3, 1)).toEqual(at.slice(0, 3));
  });

  it('a bound that no study meets has no rate; one that all meet has the highest tried', async () => {
    const plan = { arrivals: 6, trials: 3, capacity: 100, seed: 1 };
    const impossible = await server(oneAtATime(10), [STUDY], { ...plan, boundSeconds: 0.005 });
    expect(impossible.studiesPerHour).toBeNull();
    expect(impossible.trials.map(({ holds }) => holds)).toEqual([false, false, false]);
    const easy = await server(oneAtATime(10), [STUDY], { ...plan, boundSeconds: 60 });
    expect(easy.trials.map(({ studiesPerHour }) => studiesPerHour / 3600)).toEqual([50, 75, 87.5]);
    expect(easy.studiesPerHour).toBe(87.5 * 3600);
  });

  it('counts the wait: studies that come faster than they are read are late', async () => {
    const { trials } = await server(oneAtATime(20), [STUDY], {
      arrivals: 30,
      trials: 1,
      capacity: 2000,
      seed: 1,
      boundSeconds: 1,
    });
    // 30 studies within 30 ms, 20 ms each: the last waits for the 29 before it.
    expect(trials[0]?.latency.max).toBeGreaterThan(0.5);
    expect(trials[0]?.graph.max).toBeLessThan(0.02);
  });
});

describe('other work on the machine', () => {
  it('is the load average, at the start and at the end', () => {
    const loads = [0.5, 3.5];
    const watch = watchLoad({ cores: 2, loadAverage: () => loads.shift() ?? 0 }, () => 0);
    expect(watch.stop()).toMatchObject({ atStart: 0.5, otherPeak: 3.5, loaded: true });
    expect(watchLoad({ cores: 2, loadAverage: () => 2 }, () => 0).stop().loaded).toBe(false);
    expect(watchLoad({ cores: 2, loadAverage: () => 2.1 }, () => 0).stop().loaded).toBe(true);
  });

  it('is less what this run itself keeps busy', async () => {
    const spent = { seconds: 0 };
    const watch = watchLoad({ cores: 2, loadAverage: () => (spent.seconds === 0 ? 0 : 4) }, () => spent.seconds);
    await sleep(60);
    spent.seconds = 10_000; // far more than any minute holds, so that the share is seen at once
    expect(watch.stop()).toMatchObject({ loaded: false });
  });
});

it('GPU memory is summed over our processes and unknown without one', () => {
  expect(sumOfPids('12, 500\n13, 700\n99, 4000\n', [12, 13])).toBe(1200);
  expect(sumOfPids('99, 4000\n', [12])).toBeNull();
  expect(sumOfPids('12, [N/A]\n', [12])).toBeNull();
  expect(sumOfPids('', [12])).toBeNull();
});
