import { describe, expect, it } from 'vitest';
import { ruleWords } from '../../../services/domain/guidelines/advice-words.ts';
import { type LungRadsInput, lungRads } from '../../../services/domain/guidelines/lung-rads.ts';

const nodule = (mm: number, patch: Partial<LungRadsInput> = {}): LungRadsInput => ({
  screening: true,
  longAxisMm: mm,
  shortAxisMm: mm,
  density: 'solid',
  course: 'baseline',
  ...patch,
});
const part = (mm: number, solidMm: number, patch: Partial<LungRadsInput> = {}) =>
  nodule(mm, { density: 'partSolid', solidMm, ...patch });
const glass = (mm: number, patch: Partial<LungRadsInput> = {}) => nodule(mm, { density: 'groundGlass', ...patch });

// biome-ignore format: a table
const CASES: readonly (readonly [what: string, input: LungRadsInput, category: string])[] = [
  ['solid baseline 5.9', nodule(5.9), '2'],
  ['solid baseline 6.0', nodule(6), '3'],
  ['solid baseline 7.9', nodule(7.9), '3'],
  ['solid baseline 8.0', nodule(8), '4A'],
  ['solid baseline 14.9', nodule(14.9), '4A'],
  ['solid baseline 15.0', nodule(15), '4B'],
  ['solid new 3.9', nodule(3.9, { course: 'new' }), '2'],
  ['solid new 4.0', nodule(4, { course: 'new' }), '3'],
  ['solid new 5.9', nodule(5.9, { course: 'new' }), '3'],
  ['solid new 6.0', nodule(6, { course: 'new' }), '4A'],
  ['solid new 7.9', nodule(7.9, { course: 'new' }), '4A'],
  ['solid new 8.0', nodule(8, { course: 'new' }), '4B'],
  ['solid growing 4', nodule(4, { course: 'growing' }), '4A'],
  ['solid growing 7.9', nodule(7.9, { course: 'growing' }), '4A'],
  ['solid growing 8.0', nodule(8, { course: 'growing' }), '4B'],
  ['solid slowly growing 5', nodule(5, { course: 'slowlyGrowing' }), '4B'],
  ['solid stable after 2', nodule(5, { course: 'stable', priorCategory: '2' }), '2'],
  ['solid stable after 3', nodule(7, { course: 'stable', priorCategory: '3' }), '2'],
  ['solid stable after 4A', nodule(9, { course: 'stable', priorCategory: '4A' }), '3'],
  ['juxtapleural baseline 9.9', nodule(9.9, { juxtapleural: true }), '2'],
  ['juxtapleural baseline 10.0', nodule(10, { juxtapleural: true }), '4A'],
  ['juxtapleural new 7', nodule(7, { juxtapleural: true, course: 'new' }), '2'],
  ['juxtapleural but growing', nodule(7, { juxtapleural: true, course: 'growing' }), '4A'],
  ['benign calcification', nodule(20, { benign: true }), '1'],
  ['part-solid baseline 5.9 in total', part(5.9, 3), '2'],
  ['part-solid baseline 6.0, solid 5.9', part(6, 5.9), '3'],
  ['part-solid baseline 9, solid 6.0', part(9, 6), '4A'],
  ['part-solid baseline 9, solid 7.9', part(9, 7.9), '4A'],
  ['part-solid baseline 9, solid 8.0', part(9, 8), '4B'],
  ['part-solid new 5.9 in total', part(5.9, 2, { course: 'new' }), '3'],
  ['part-solid new 7, solid 3.9', part(7, 3.9, { course: 'new' }), '4A'],
  ['part-solid new 7, solid 4.0', part(7, 4, { course: 'new' }), '4B'],
  ['part-solid new 5.5, solid 4.0: the worse row', part(5.5, 4, { course: 'new' }), '4B'],
  ['part-solid growing 8, solid 3.9', part(8, 3.9, { course: 'growing' }), '4A'],
  ['part-solid growing 8, solid 4.0', part(8, 4, { course: 'growing' }), '4B'],
  ['part-solid slowly growing', part(8, 2, { course: 'slowlyGrowing' }), '4B'],
  ['part-solid stable after 4A', part(8, 6, { course: 'stable', priorCategory: '4A' }), '3'],
  ['ground glass baseline 29.9', glass(29.9), '2'],
  ['ground glass baseline 30.0', glass(30), '3'],
  ['ground glass new 12', glass(12, { course: 'new' }), '2'],
  ['ground glass new 30', glass(30, { course: 'new' }), '3'],
  ['ground glass growing 20', glass(20, { course: 'growing' }), '2'],
  ['ground glass stable 35', glass(35, { course: 'stable' }), '2'],
  ['ground glass slowly growing 35', glass(35, { course: 'slowlyGrowing' }), '2'],
  ['category 3 with a suspicious feature', nodule(7, { suspicious: true }), '4X'],
  ['category 4B with a suspicious feature', nodule(20, { suspicious: true }), '4X'],
  ['category 2 stays 2 with a suspicious feature', nodule(5, { suspicious: true }), '2'],
  ['mean of both axes: 9.2 x 6.7 is 8.0', nodule(0, { longAxisMm: 9.2, shortAxisMm: 6.7 }), '4A'],
  ['mean of both axes: 9.2 x 6.6 is 7.9', nodule(0, { longAxisMm: 9.2, shortAxisMm: 6.6 }), '3'],
  ['each axis to 0.1 mm first: 5.94 x 5.94', nodule(5.94), '2'],
  ['each axis to 0.1 mm first: 5.95 x 5.95', nodule(5.95), '3'],
  ['a diameter without axes', nodule(0, { longAxisMm: undefined, shortAxisMm: undefined, meanDiameterMm: 8.04 }), '4A'],
];

describe('Lung-RADS v2022', () => {
  it.each(CASES)('%s', (_what, input, category) => {
    expect(lungRads(input)).toMatchObject({ outcome: 'result', category });
  });

  it('names the rule that fired', () => {
    expect(lungRads(nodule(8.5))).toEqual({
      outcome: 'result',
      category: '4A',
      rule: 'solid, baseline, 8 to < 15 mm',
    });
  });

  it.each([
    [{ screening: undefined }, ['screening']],
    [{ density: undefined }, ['density']],
    [{ course: undefined }, ['course']],
    [{ course: 'stable' }, ['priorCategory']],
    [{ density: 'partSolid' }, ['solidMm']],
    [{ longAxisMm: undefined }, ['size']],
    [{ screening: undefined, course: undefined, density: undefined }, ['screening', 'density', 'course']],
  ] as const)('says what is missing and guesses nothing: %j', (patch, missing) => {
    expect(lungRads(nodule(7, patch))).toEqual({ outcome: 'missing', missing });
  });

  it('is for screening and nothing else', () => {
    expect(lungRads(nodule(7, { screening: false }))).toEqual({ outcome: 'notApplicable', because: 'notScreening' });
  });

  it.each([
    ['a large ground-glass nodule that grows fast', glass(30, { course: 'growing' })],
    ['category 4B that is stable', nodule(16, { course: 'stable', priorCategory: '4B' })],
    ['a part-solid nodule below 6 mm whose small solid part grows', part(5, 3, { course: 'growing' })],
  ])('has no row for %s', (_what, input) => {
    expect(lungRads(input)).toEqual({ outcome: 'noRow' });
  });

  it('refuses a solid part larger than the nodule', () => {
    expect(lungRads(part(7, 8))).toEqual({ outcome: 'contradiction' });
  });

  it.each(CASES)('says its rule in Chinese too: %s', (_what, input) => {
    const advice = lungRads(input);
    expect(advice.outcome === 'result' && ruleWords(advice.rule, 'zh-CN')).not.toMatch(/[a-z]{3}/);
  });
});
