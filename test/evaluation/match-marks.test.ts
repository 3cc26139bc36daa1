import { describe, expect, it } from 'vitest';
import { hitRule } from '../../services/evaluation/hit-rule.ts';
import { matchMarks } from '../../services/evaluation/match-marks.ts';
import { judged, mark, nodule } from './lesions.ts';

/** Marks at 1000, 1020 … mm, far from everything. */
const far = (count: number, score: (at: number) => number) =>
  Array.from({ length: count }, (_, at) => mark(1000 + 20 * at, score(at)));
const bestScore = ({ lesions }: ReturnType<typeof judged>) => lesions.map((lesion) => lesion.mark?.score);

describe('marks against lesions (LUNA16, rules 2 to 5)', () => {
  it('the centre must be strictly nearer than the radius', () => {
    expect(bestScore(judged('a', [nodule(0)], [mark(4.999, 0.5)]))).toEqual([0.5]);
    const touching = judged('a', [nodule(0)], [mark(5, 0.5)]);
    expect(bestScore(touching)).toEqual([undefined]);
    expect(touching.falseMarks).toHaveLength(1);
  });

  it('a negative diameter reaches 5 mm', () => {
    const lesion = nodule(0, { diameterMm: -1 });
    expect(bestScore(judged('a', [lesion], [mark(4.9, 0.5)]))).toEqual([0.5]);
    expect(bestScore(judged('a', [lesion], [mark(5, 0.5)]))).toEqual([undefined]);
  });

  it('100 marks stay; of 101 those strictly above the last', () => {
    expect(
      judged(
        'a',
        [],
        far(100, (at) => 1 - at / 1000),
      ),
    ).toMatchObject({ cut: 0 });
    const { cut, falseMarks } = judged(
      'a',
      [],
      far(101, (at) => 1 - at / 1000),
    );
    expect(cut).toBe(1);
    expect(falseMarks).toHaveLength(100);
  });

  it('a tie at the cut drops all of its marks', () => {
    // 98 above, then five of 0.5: the 101st is 0.5, so all five go.
    const { cut, falseMarks } = judged(
      'a',
      [],
      far(103, (at) => (at < 98 ? 0.9 : 0.5)),
    );
    expect(cut).toBe(5);
    expect(falseMarks).toHaveLength(98);
    // 101 equal marks leave nothing.
    expect(
      judged(
        'a',
        [],
        far(101, () => 0.5),
      ).falseMarks,
    ).toHaveLength(0);
  });

  it('of several marks on one nodule the best counts and the others vanish', () => {
    const result = judged('a', [nodule(0)], [mark(0, 0.3), mark(1, 0.8), mark(2, 0.5)]);
    expect(bestScore(result)).toEqual([0.8]);
    expect(result).toMatchObject({ duplicates: 2, falseMarks: [], ignored: 0 });
  });

  it('a mark inside two nodules finds both and is counted as shared', () => {
    const result = judged('a', [nodule(0), nodule(6)], [mark(3, 0.6)]);
    expect(bestScore(result)).toEqual([0.6, 0.6]);
    expect(result).toMatchObject({ shared: 1, duplicates: 0, falseMarks: [] });
  });

  it('an excluded finding takes its marks away', () => {
    const result = judged(
      'a',
      [nodule(0, { included: false }), nodule(50)],
      [mark(0, 0.9), mark(1, 0.8), mark(90, 0.7)],
    );
    expect(result).toMatchObject({ ignored: 2, falseMarks: [{ score: 0.7 }] });
    expect(bestScore(result)).toEqual([undefined]);
  });

  it('a mark inside an excluded finding and a nodule is a hit, in any order of the truth', () => {
    const excluded = nodule(2, { included: false });
    for (const lesions of [
      [excluded, nodule(0)],
      [nodule(0), excluded],
    ]) {
      const result = judged('a', lesions, [mark(1, 0.9)]);
      expect(bestScore(result)).toEqual([0.9]);
      expect(result).toMatchObject({ ignored: 0, falseMarks: [] });
    }
  });

  it('marks that do not count are neither hit nor false', () => {
    const options = {
      rule: hitRule('luna16'),
      maxMarks: 100,
      counts: ({ center }: { center: readonly number[] }) => (center[0] ?? 0) > 0,
    };
    const result = matchMarks(
      { id: 'a', lesions: [nodule(0)] },
      [mark(-1, 0.9), mark(1, 0.4), mark(-80, 0.9)],
      options,
    );
    expect(bestScore(result)).toEqual([0.4]);
    expect(result).toMatchObject({ ignored: 2, falseMarks: [] });
  });

  it.each([
    ['a score', mark(0, Number.NaN)],
    ['a centre', mark(Number.POSITIVE_INFINITY, 0.5)],
    ['a diameter', mark(0, 0.5, Number.NaN)],
    ['a diameter', mark(0, 0.5, 0)],
  ])('%s that is no number is named, never counted', (_what, bad) => {
    expect(() => judged('scan 7', [], [bad])).toThrow(
      expect.objectContaining({ code: 'MARKS_INVALID', message: expect.stringContaining('scan 7') }),
    );
  });
});

describe('hit rules', () => {
  const box = { from: [0, 0, 0], to: [10, 20, 30] } as const;
  const boxed = nodule(5, { diameterMm: undefined, box });
  const at = (x: number, y: number, z: number, diameterMm = 10) => ({
    center: [x, y, z] as const,
    score: 0.5,
    diameterMm,
  });
  const hits = (rule: string, ...[one, lesion]: Parameters<ReturnType<typeof hitRule>>) => hitRule(rule)(one, lesion);

  it('pointInBox takes the faces in', () => {
    expect(hits('pointInBox', at(10, 20, 30), boxed)).toBe(true);
    expect(hits('pointInBox', at(10.01, 20, 30), boxed)).toBe(false);
  });

  it('pointInMask asks the mask', () => {
    const mask = { contains: ([x]: readonly [number, number, number]) => x > 3 };
    const lesion = nodule(0, { mask });
    expect(hits('pointInMask', at(4, 0, 0), lesion)).toBe(true);
    expect(hits('pointInMask', at(2, 0, 0), lesion)).toBe(false);
    expect(hits('cubeFroc', at(2, 0, 0), lesion)).toBe(true); // inside the radius
    expect(hits('cubeFroc', at(7, 0, 0), lesion)).toBe(true); // inside the mask
  });

  it('iou compares the cubes around the spheres', () => {
    // Cubes of 10 mm, moved by 5 mm on one axis: 500 / 1500.
    expect(hits('iou@0.33', at(5, 0, 0), nodule(0))).toBe(true);
    expect(hits('iou@0.34', at(5, 0, 0), nodule(0))).toBe(false);
  });

  it('centerDistance stretches the radius', () => {
    expect(hits('centerDistance(1.5*r)', at(7.4, 0, 0), nodule(0))).toBe(true);
    expect(hits('centerDistance(1.5*r)', at(7.5, 0, 0), nodule(0))).toBe(false);
  });

  it('byShape judges a sphere by its radius and a box by its faces', () => {
    expect(hits('byShape', at(4.9, 0, 0), nodule(0))).toBe(true);
    expect(hits('byShape', at(9, 19, 29), boxed)).toBe(true);
  });

  it('a lesion that a rule cannot judge is named', () => {
    for (const rule of ['luna16', 'pointInMask', 'centerDistance(1*r)'])
      expect(() => hits(rule, at(0, 0, 0), boxed)).toThrow(expect.objectContaining({ code: 'TRUTH_INVALID' }));
    expect(() => hits('pointInBox', at(0, 0, 0), nodule(0))).toThrow(
      expect.objectContaining({ code: 'TRUTH_INVALID' }),
    );
    expect(() => hits('iou@0.1', { center: [0, 0, 0], score: 1, diameterMm: undefined }, nodule(0))).toThrow(
      expect.objectContaining({ code: 'MARKS_INVALID' }),
    );
    expect(() => hitRule('nearby')).toThrow(expect.objectContaining({ code: 'BENCH_INVALID' }));
  });
});
