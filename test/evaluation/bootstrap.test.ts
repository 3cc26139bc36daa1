import { describe, expect, it } from 'vitest';
import { bootstrap, resamples } from '../../services/evaluation/bootstrap.ts';
import { frocCurve, frocEvents, type ScoredScan } from '../../services/evaluation/froc.ts';
import { stratify, summarizeFroc } from '../../services/evaluation/froc-summary.ts';
import { pairedDifference } from '../../services/evaluation/paired-bootstrap.ts';
import { seededRandom } from '../../services/evaluation/random.ts';
import { judged, mark, nodule } from './lesions.ts';

const OPTIONS = { samples: 1000, seed: 7 };

/** Scans with two lesions each, found with probability `skill`, and some false marks. */
function system(skill: number, seed: number, scans = 40): ScoredScan[] {
  const random = seededRandom(seed);
  return Array.from({ length: scans }, () => ({
    lesions: [0, 1].map(() => (random.next() < skill ? 0.5 + random.next() / 2 : null)),
    falseMarks: Array.from({ length: random.below(6) }, () => random.next()),
  }));
}

describe('random numbers', () => {
  it('are decided by the seed', () => {
    const draw = (seed: number) => Array.from({ length: 5 }, seededRandom(seed).next);
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  it('fill 0 … 1 evenly', () => {
    const random = seededRandom(3);
    const values = Array.from({ length: 100_000 }, random.next);
    expect(Math.abs(values.reduce((sum, value) => sum + value, 0) / values.length - 0.5)).toBeLessThan(0.005);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
  });
});

describe('bootstrap over scans', () => {
  it('draws as many scans as there are, with replacement', () => {
    for (const weights of resamples(12, { samples: 50, seed: 1 }))
      expect(weights.reduce((sum, weight) => sum + weight, 0)).toBe(12);
  });

  it('draws groups as one, and counts the scans of a sample', () => {
    const groups = ['a', 'a', 'b', 'c', 'c', 'c'];
    for (const weights of resamples(6, { samples: 50, seed: 1, groups })) {
      expect(new Set([weights[0], weights[1]]).size).toBe(1);
      expect(new Set([weights[3], weights[4], weights[5]]).size).toBe(1);
      expect((weights[0] ?? 0) + (weights[2] ?? 0) + (weights[3] ?? 0)).toBe(3);
    }
    // A sample of two groups of three scans holds six scans: one false mark among them is 1/6 per scan.
    const events = frocEvents([
      { lesions: [0.5], falseMarks: [0.9] },
      ...Array.from({ length: 2 }, () => ({ lesions: [], falseMarks: [] })),
    ]);
    expect(frocCurve(events, Int32Array.of(1, 3, 2))?.fpPerScan.at(-1)).toBeCloseTo(1 / 6, 12);
  });

  it('is wider over groups of scans that are alike', () => {
    const scans = system(0.5, 8, 20).flatMap((scan) => [scan, scan, scan]);
    const groups = scans.map((_, at) => String(Math.floor(at / 3)));
    const width = (more: object) => {
      const { low = 0, high = 0 } = summarizeFroc(scans, { ...OPTIONS, ...more })?.cpmInterval ?? {};
      return high - low;
    };
    expect(width({ groups })).toBeGreaterThan(1.3 * width({}));
  });

  it('takes the sorted values at floor(p n) as bounds', () => {
    // Of the values 0 … 999 in any order the 25th and the 975th, counted from 0.
    let at = 0;
    const [interval] = bootstrap(10, OPTIONS, () => [(at++ * 7) % 1000]);
    expect(interval).toEqual({ low: 25, high: 975, mean: 499.5 });
  });

  it('has the width that theory gives for a mean', () => {
    const values = Array.from({ length: 100 }, seededRandom(5).next);
    const mean = values.reduce((sum, value) => sum + value, 0) / 100;
    const sd = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 100);
    const [interval] = bootstrap(100, OPTIONS, (weights) => [
      values.reduce((sum, v, i) => sum + v * (weights[i] ?? 0), 0) / 100,
    ]);
    const width = ((interval?.high ?? 0) - (interval?.low ?? 0)) / (2 * 1.96 * (sd / 10));
    expect(width).toBeGreaterThan(0.85);
    expect(width).toBeLessThan(1.15);
  });

  it('leaves out samples without a lesion, and says nothing when there is none at all', () => {
    const empty: ScoredScan = { lesions: [], falseMarks: [0.5] };
    const sparse = [{ lesions: [0.9], falseMarks: [] }, ...Array.from({ length: 11 }, () => empty)];
    expect(summarizeFroc(sparse, OPTIONS)?.cpmInterval).toMatchObject({ low: 1, high: 1 });
    expect(summarizeFroc([empty], OPTIONS)).toBeUndefined();
  });

  it('gives no interval over fewer than ten scans: it would look certain', () => {
    const few = summarizeFroc(system(0.5, 1, 9), OPTIONS);
    expect(few?.cpm).toBeGreaterThan(0);
    expect(few?.cpmInterval).toBeUndefined();
    expect(few?.band).toEqual([]);
    expect(summarizeFroc(system(0.5, 1, 10), OPTIONS)?.cpmInterval).toBeDefined();
    expect(pairedDifference(system(0.2, 1, 9), system(0.9, 2, 9), 'cpm', OPTIONS)).toEqual({
      delta: expect.any(Number),
      doubt: undefined,
    });
  });

  it('holds the curve within its band', () => {
    const summary = summarizeFroc(system(0.7, 11), OPTIONS);
    expect(summary?.cpmInterval?.low).toBeLessThan(summary?.cpm ?? 0);
    expect(summary?.cpmInterval?.high).toBeGreaterThan(summary?.cpm ?? 1);
    expect(summary?.rates).toHaveLength(7);
    expect(summary?.band[0]?.fpPerScan).toBe(0.125);
    expect(summary?.band.at(-1)?.fpPerScan).toBeCloseTo(8, 12);
  });
});

describe('paired comparison', () => {
  it('of a system with itself is exactly 0, without doubt', () => {
    const scans = system(0.6, 3);
    expect(pairedDifference(scans, scans, 'cpm', OPTIONS)).toEqual({ delta: 0, doubt: { low: 0, high: 0, p: 1 } });
  });

  it('of two that differ clearly excludes 0; of two of one skill it does not', () => {
    const clear = pairedDifference(system(0.4, 3), system(0.9, 4), 'cpm', OPTIONS);
    expect(clear?.doubt?.low).toBeGreaterThan(0);
    expect(clear?.doubt?.p).toBeLessThan(0.01);
    const even = pairedDifference(system(0.6, 5), system(0.6, 6), 1, OPTIONS);
    expect(even?.doubt?.low).toBeLessThan(0);
    expect(even?.doubt?.high).toBeGreaterThan(0);
  });

  it('is narrower than the difference of two runs apart, because the scans are the same', () => {
    const scans = system(0.6, 9);
    const slightlyBetter = scans.map((scan, at) =>
      at % 10 === 0 ? { ...scan, lesions: scan.lesions.map((s) => s ?? 0.9) } : scan,
    );
    const paired = pairedDifference(scans, slightlyBetter, 'cpm', OPTIONS);
    const own = summarizeFroc(scans, OPTIONS)?.cpmInterval;
    expect((paired?.doubt?.high ?? 1) - (paired?.doubt?.low ?? 0)).toBeLessThan((own?.high ?? 0) - (own?.low ?? 0));
  });

  it('is not made of different numbers of scans, or of none with a lesion', () => {
    expect(pairedDifference(system(0.5, 1, 3), system(0.5, 1, 4), 'cpm', OPTIONS)).toBeUndefined();
    expect(
      pairedDifference([{ lesions: [], falseMarks: [] }], [{ lesions: [], falseMarks: [] }], 'cpm', OPTIONS),
    ).toBeUndefined();
  });
});

describe('strata', () => {
  it('weighted by their lesions make the sensitivity of all', () => {
    const random = seededRandom(21);
    const scans = Array.from({ length: 25 }, (_, at) => {
      const lesions = Array.from({ length: 1 + random.below(3) }, (_, i) =>
        nodule(40 * i, {
          id: String(i),
          diameterMm: 3 + random.below(15),
          strata: { site: random.next() < 0.5 ? 'pleural' : 'vascular' },
        }),
      );
      const marks = lesions
        .filter(() => random.next() < 0.7)
        .map(({ center }) => mark(center[0], random.below(12) / 12));
      return judged(String(at), lesions, [
        ...marks,
        ...Array.from({ length: 4 }, (_, i) => mark(900 + 20 * i, random.below(12) / 12)),
      ]);
    });
    const strata = stratify(scans, 1, { samples: 100, seed: 1 });
    const all = summarizeFroc(
      scans.map(({ lesions, falseMarks }) => ({
        lesions: lesions.map((l) => l.mark?.score ?? null),
        falseMarks: falseMarks.map((m) => m.score),
      })),
      { samples: 100, seed: 1 },
    );
    const expected = all?.rates.find(({ fpPerScan }) => fpPerScan === 1)?.sensitivity ?? Number.NaN;
    for (const name of ['site', 'size']) {
      const own = strata.filter((stratum) => stratum.name === name);
      const lesions = own.reduce((sum, stratum) => sum + stratum.lesions, 0);
      expect(own.reduce((sum, stratum) => sum + stratum.sensitivity * stratum.lesions, 0) / lesions).toBeCloseTo(
        expected,
        12,
      );
    }
    expect(new Set(strata.map(({ name }) => name))).toEqual(new Set(['size', 'site']));
  });
});
