import { describe, expect, it } from 'vitest';
import { ruleWords } from '../../../services/domain/guidelines/advice-words.ts';
import { type FleischnerInput, fleischner } from '../../../services/domain/guidelines/fleischner.ts';

const nodule = (mm: number, patch: Partial<FleischnerInput> = {}): FleischnerInput => ({
  incidental: true,
  ageYears: 60,
  knownCancer: false,
  immunosuppressed: false,
  density: 'solid',
  multiple: false,
  risk: 'low',
  longAxisMm: mm,
  shortAxisMm: mm,
  ...patch,
});
const several = { multiple: true } as const;
const high = { risk: 'high' } as const;
const glass = { density: 'groundGlass', risk: undefined } as const;
const part = { density: 'partSolid', risk: undefined } as const;

// biome-ignore format: a table
const CASES: readonly (readonly [what: string, input: FleischnerInput, category: string])[] = [
  ['solid single 5, low risk', nodule(5), 'noFollowUp'],
  ['solid single 5.4 is 5 mm', nodule(5.4), 'noFollowUp'],
  ['solid single 5.5 is 6 mm', nodule(5.5), 'ct6to12Consider18to24'],
  ['solid single 5, high risk', nodule(5, high), 'optional12'],
  ['solid single 6, low risk', nodule(6), 'ct6to12Consider18to24'],
  ['solid single 6, high risk', nodule(6, high), 'ct6to12Then18to24'],
  ['solid single 8, low risk', nodule(8), 'ct6to12Consider18to24'],
  ['solid single 8.4 is 8 mm, high risk', nodule(8.4, high), 'ct6to12Then18to24'],
  ['solid single 8.5 is 9 mm, low risk', nodule(8.5), 'consider3PetTissue'],
  ['solid single 12, high risk', nodule(12, high), 'consider3PetTissue'],
  ['solid several 5, low risk', nodule(5, several), 'noFollowUp'],
  ['solid several 5, high risk', nodule(5, { ...several, ...high }), 'optional12'],
  ['solid several 7, low risk', nodule(7, several), 'ct3to6Consider18to24'],
  ['solid several 7, high risk', nodule(7, { ...several, ...high }), 'ct3to6Then18to24'],
  ['solid several 12, low risk', nodule(12, several), 'ct3to6Consider18to24'],
  ['solid several 12, high risk', nodule(12, { ...several, ...high }), 'ct3to6Then18to24'],
  ['ground glass single 5', nodule(5, glass), 'noFollowUp'],
  ['ground glass single 6', nodule(6, glass), 'ct6to12ThenEvery2Years'],
  ['ground glass single 20', nodule(20, glass), 'ct6to12ThenEvery2Years'],
  ['part-solid single 5', nodule(5, part), 'noFollowUp'],
  ['part-solid single 6', nodule(6, part), 'ct3to6ThenYearly'],
  ['ground glass several 5', nodule(5, { ...glass, ...several }), 'ct3to6Consider2And4Years'],
  ['ground glass several 6', nodule(6, { ...glass, ...several }), 'ct3to6MostSuspicious'],
  ['part-solid several 5', nodule(5, { ...part, ...several }), 'ct3to6Consider2And4Years'],
  ['part-solid several 9', nodule(9, { ...part, ...several }), 'ct3to6MostSuspicious'],
  ['at 35 years', nodule(5, { ageYears: 35 }), 'noFollowUp'],
];

describe('Fleischner Society 2017', () => {
  it.each(CASES)('%s', (_what, input, category) => {
    expect(fleischner(input)).toMatchObject({ outcome: 'result', category });
  });

  it.each([
    [{ incidental: false }, 'notIncidental'],
    [{ ageYears: 34 }, 'under35'],
    [{ knownCancer: true }, 'knownCancer'],
    [{ immunosuppressed: true }, 'immunosuppressed'],
  ] as const)('is not for %j', (patch, because) => {
    expect(fleischner(nodule(7, patch))).toEqual({ outcome: 'notApplicable', because });
  });

  it.each([
    [{ incidental: undefined }, ['incidental']],
    [{ ageYears: undefined, risk: undefined }, ['ageYears', 'risk']],
    [{ knownCancer: undefined, immunosuppressed: undefined }, ['knownCancer', 'immunosuppressed']],
    [{ multiple: undefined }, ['multiple']],
    [{ density: undefined }, ['density']],
    [{ longAxisMm: undefined, shortAxisMm: undefined }, ['size']],
  ] as const)('says what is missing and guesses nothing: %j', (patch, missing) => {
    expect(fleischner(nodule(7, patch))).toEqual({ outcome: 'missing', missing });
  });

  it('needs no risk for what is not solid', () => {
    expect(fleischner(nodule(7, { ...glass, risk: undefined }))).toMatchObject({ outcome: 'result' });
  });

  it('names the rule that fired', () => {
    expect(fleischner(nodule(7, high))).toMatchObject({ rule: 'solid, single, 6 to 8 mm, high risk' });
  });

  it.each(CASES)('says its rule in Chinese too: %s', (_what, input) => {
    const advice = fleischner(input);
    expect(advice.outcome === 'result' && ruleWords(advice.rule, 'zh-CN')).not.toMatch(/[a-z]{3}/);
  });
});
