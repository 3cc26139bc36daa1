import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { daysBetween, growthOf } from '../../services/domain/growth.ts';
import { lesionLetter, matchLesions } from '../../services/domain/lesion-match.ts';

const ball = (meanDiameterMm: number) => ({ meanDiameterMm, volumeMm3: (Math.PI / 6) * meanDiameterMm ** 3 });
const lesion = (x: number, y: number, z: number, diameterMm = 8) => ({ center: [x, y, z] as const, diameterMm });

describe('growth', () => {
  it('doubles in 185 days when it is 40 % more after 90', () => {
    const { doubling, volumePercent, without } = growthOf(
      { ...ball(9), volumeMm3: 420 },
      { ...ball(8), volumeMm3: 300 },
      90,
    );
    expect(volumePercent).toBeCloseTo(40);
    expect(without).toBeUndefined();
    expect(doubling?.days).toBeCloseTo(185.4, 1);
    expect(doubling?.lowDays).toBeCloseTo(111.5, 1);
    expect(doubling?.highDays).toBeCloseTo(550.5, 1);
  });

  it('has a doubling time whose bounds hold it, with an upper one as soon as it is more than the error', () => {
    fc.assert(
      fc.property(fc.double({ min: 1.251, max: 50, noNaN: true }), fc.integer({ min: 1, max: 3000 }), (ratio, days) => {
        const { doubling } = growthOf({ ...ball(8), volumeMm3: 100 * ratio }, { ...ball(8), volumeMm3: 100 }, days);
        expect(2 ** (days / (doubling?.days ?? 0))).toBeCloseTo(ratio, 6);
        expect(doubling?.lowDays).toBeLessThan(doubling?.days ?? 0);
        expect(doubling?.highDays ?? Number.POSITIVE_INFINITY).toBeGreaterThan(doubling?.days ?? 0);
      }),
    );
    expect(growthOf({ ...ball(8), volumeMm3: 125 }, { ...ball(8), volumeMm3: 100 }, 90).doubling?.highDays).toBeNull();
  });

  it('has none within the error of measuring, when it is smaller, and without dates', () => {
    const before = { ...ball(8), volumeMm3: 100 };
    expect(growthOf({ ...ball(8), volumeMm3: 124 }, before, 90)).toMatchObject({
      doubling: undefined,
      without: 'noChange',
    });
    expect(growthOf({ ...ball(8), volumeMm3: 76 }, before, 90).without).toBe('noChange');
    expect(growthOf({ ...ball(8), volumeMm3: 50 }, before, 90).without).toBe('smaller');
    expect(growthOf({ ...ball(8), volumeMm3: 200 }, before, undefined).without).toBe('noDates');
    expect(growthOf({ ...ball(8), volumeMm3: 200 }, before, 0).without).toBe('noDates');
    expect(growthOf(ball(9.5), ball(8), 90).diameterMm).toBeCloseTo(1.5);
  });

  it('counts the days between two dates of DICOM', () => {
    expect(daysBetween('20260502', '20261123')).toBe(205);
    expect(daysBetween('20240228', '20240301')).toBe(2);
    expect(daysBetween('', '20240301')).toBeUndefined();
    expect(daysBetween('20240230', '20240301')).toBeUndefined();
  });
});

describe('lesions across time', () => {
  it('are the same where they lie near after the shift, nearest first, each once', () => {
    const now = [lesion(0, 0, 100), lesion(10, 0, 100), lesion(-80, 0, 0)];
    const before = [lesion(9, 0, 40), lesion(1, 0, 40), lesion(60, 0, 0)];
    expect(matchLesions(now, before, [0, 0, 60])).toEqual({
      pairs: [
        { now: 0, before: 1, distanceMm: 1 },
        { now: 1, before: 0, distanceMm: 1 },
      ],
      onlyNow: [2],
      onlyBefore: [2],
    });
    expect(matchLesions(now, before, [0, 0, 0]).pairs).toEqual([]);
  });

  it('are the same whichever study is called the earlier', () => {
    const place = fc.tuple(
      fc.integer({ min: -99, max: 99 }),
      fc.integer({ min: -99, max: 99 }),
      fc.integer({ min: -99, max: 99 }),
    );
    const list = fc.array(
      place.map(([x, y, z]) => lesion(x + z / 777, y + x / 555, z + y / 333)),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(list, list, (now, before) => {
        const forth = matchLesions(now, before, [1, 2, 3]);
        const back = matchLesions(before, now, [-1, -2, -3]);
        expect(back.onlyNow).toEqual(forth.onlyBefore);
        expect(new Set(back.pairs.map((pair) => `${pair.before} ${pair.now}`))).toEqual(
          new Set(forth.pairs.map((pair) => `${pair.now} ${pair.before}`)),
        );
        expect(forth.pairs.length + forth.onlyNow.length).toBe(now.length);
      }),
    );
  });

  it('share a letter', () => {
    expect([0, 1, 25, 26, 27].map(lesionLetter)).toEqual(['A', 'B', 'Z', 'AA', 'AB']);
  });
});
