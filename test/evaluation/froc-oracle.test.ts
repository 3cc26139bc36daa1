import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { cpmOf, frocCurve, frocEvents, LUNA16_RATES, linspace, sensitivityAt } from '../../services/evaluation/froc.ts';
import { scoredScan } from '../../services/evaluation/froc-summary.ts';
import type { Mark, TrueLesion } from '../../services/evaluation/lesion.ts';
import { seededRandom } from '../../services/evaluation/random.ts';
import { hasProgram } from '../support/programs.ts';
import { judged, nodule } from './lesions.ts';

const ORACLE = join(import.meta.dirname, 'oracle/froc.py');
const CASES = 60;
const RATES = [...LUNA16_RATES, ...linspace(0.125, 8, 10_001).filter((_, at) => at % 100 === 0)];

interface Case {
  readonly scans: readonly { readonly lesions: readonly TrueLesion[]; readonly marks: readonly Mark[] }[];
}

/** Crowded on purpose: few places and few scores, so that hits, doubles, ties and the cut all happen. */
function randomCase(seed: number): Case {
  const random = seededRandom(seed);
  const among = (count: number) => random.below(count);
  const scans = Array.from({ length: 1 + among(9) }, () => ({
    lesions: Array.from({ length: among(5) }, (_, at) =>
      nodule(among(40), {
        id: String(at),
        included: random.next() < 0.7,
        diameterMm: random.next() < 0.2 ? -1 : 3 + 12 * random.next(),
        center: [among(40), among(8), among(8)],
      }),
    ),
    marks: Array.from({ length: among(5) === 0 ? 95 + among(15) : among(25) }, () => ({
      center: [among(40), among(8), among(8)] as const,
      score: random.next() < 0.5 ? among(20) / 20 : random.next(),
      diameterMm: undefined,
    })),
  }));
  return { scans };
}

const Answer = z.array(
  z.object({
    falseMarks: z.number(),
    found: z.number(),
    lesions: z.number(),
    sensitivity: z.array(z.number()).nullable(),
    cpm: z.number().nullable(),
  }),
);

describe.skipIf(!hasProgram('python3'))('against an independent FROC in Python (needs python3)', () => {
  const cases = Array.from({ length: CASES }, (_, at) => randomCase(1000 + at));
  const input = cases.map(({ scans }) => ({
    rates: RATES,
    scans: scans.map(({ lesions, marks }) => ({
      lesions: lesions.map(({ center: [x, y, z], diameterMm: d, included }) => ({ x, y, z, d, included })),
      marks: marks.map(({ center, score }) => [...center, score]),
    })),
  }));

  it(`equals it to 1e-9 on ${CASES} random inputs, at ${RATES.length} rates each`, () => {
    const { stdout, stderr, status } = spawnSync('python3', [ORACLE], {
      input: JSON.stringify(input),
      encoding: 'utf8',
    });
    expect(status, stderr).toBe(0);
    const answers = Answer.parse(JSON.parse(stdout));
    expect(answers.filter(({ cpm }) => cpm !== null && cpm > 0.05 && cpm < 0.95).length).toBeGreaterThan(CASES / 2);
    for (const [at, answer] of answers.entries()) {
      const scans = (cases[at]?.scans ?? []).map(({ lesions, marks }) => judged('a', lesions, marks));
      const all = scans.flatMap(({ lesions }) => lesions);
      expect(all.length).toBe(answer.lesions);
      expect(all.filter(({ mark }) => mark).length).toBe(answer.found);
      expect(scans.reduce((sum, { falseMarks }) => sum + falseMarks.length, 0)).toBe(answer.falseMarks);
      const curve = frocCurve(frocEvents(scans.map(scoredScan)));
      expect(curve === undefined).toBe(answer.cpm === null);
      if (!curve) continue;
      expect(Math.abs(cpmOf(curve) - (answer.cpm ?? Number.NaN))).toBeLessThan(1e-9);
      const worst = RATES.map((rate, i) =>
        Math.abs(sensitivityAt(curve, rate) - (answer.sensitivity?.[i] ?? Number.NaN)),
      );
      expect(Math.max(...worst)).toBeLessThan(1e-9);
    }
  });
});
