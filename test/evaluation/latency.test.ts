import { describe, expect, it } from 'vitest';
import { latencyOf } from '../../services/evaluation/latency.ts';
import { nearestRank, quantile, quantileInterval } from '../../services/evaluation/quantile.ts';
import { seededRandom } from '../../services/evaluation/random.ts';

const upTo = (count: number) => Array.from({ length: count }, (_, at) => at + 1);

it('percentiles are measured values: the nearest rank', () => {
  expect(latencyOf(upTo(100))).toMatchObject({
    count: 100,
    min: 1,
    mean: 50.5,
    p50: 50,
    p90: 90,
    p95: 95,
    p99: 99,
    max: 100,
  });
  expect(latencyOf([3])).toMatchObject({ min: 3, p50: 3, p99: 3, max: 3, p95Interval: undefined });
  expect(nearestRank([5, 1, 3], 0.5)).toBe(3);
  expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5);
});

describe('interval of a quantile by rank', () => {
  it('needs 72 values to say anything of p95', () => {
    expect(quantileInterval(upTo(71), 0.95)).toBeUndefined();
    expect(quantileInterval(upTo(72), 0.95)).toBeDefined();
  });

  it('of the median of 100 is that of the tables: ranks 40 and 61', () => {
    expect(quantileInterval(upTo(100), 0.5)).toEqual([40, 61]);
  });

  it('holds the true quantile about 95 times in 100', () => {
    const random = seededRandom(2);
    const held = upTo(400).filter(() => {
      const [low = 1, high = 0] = quantileInterval(Array.from({ length: 150 }, random.next), 0.95) ?? [];
      return low <= 0.95 && high >= 0.95;
    });
    expect(held.length / 400).toBeGreaterThan(0.93);
    expect(held.length / 400).toBeLessThan(0.995);
  });
});
