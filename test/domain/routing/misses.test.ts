import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Condition } from '../../../services/domain/routing/condition.ts';
import { Condition as ConditionSchema } from '../../../services/domain/routing/condition.ts';
import { missesOf, missText, type Values } from '../../../services/domain/routing/misses.ts';
import { matchesWildcard } from '../../../services/domain/routing/wildcard.ts';

const holds = (condition: unknown, values: Values) => missesOf(ConditionSchema.parse(condition), values).length === 0;
const says = (condition: unknown, values: Values) => missesOf(ConditionSchema.parse(condition), values).map(missText);

describe('wildcards (PS3.4 §C.2.2.2.4)', () => {
  const asRegExp = (pattern: string) =>
    new RegExp(
      `^${[...pattern].map((c) => (c === '*' ? '.*' : c === '?' ? '.' : `\\u{${c.codePointAt(0)?.toString(16)}}`)).join('')}$`,
      'su',
    );

  it('match as the regular expression of the same meaning', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '王'), maxLength: 8 });
    fc.assert(
      fc.property(letters, letters, (pattern, text) => matchesWildcard(pattern, text) === asRegExp(pattern).test(text)),
    );
  });

  it('end soon whatever the pattern is', () => {
    expect(matchesWildcard(`${'*a'.repeat(120)}b`, 'a'.repeat(5000))).toBe(false);
  });
});

describe('a condition on one attribute', () => {
  // biome-ignore format: a table
  it.each<[Condition, Values, boolean]>([
    [{ attribute: 'Modality', equals: 'CT' },                       { Modality: ['CT'] },                      true],
    [{ attribute: 'Modality', equals: 'CT' },                       { Modality: ['ct'] },                      false],
    [{ attribute: '(0008,0060)', in: ['MR', 'CT'] },                { Modality: ['CT'] },                      true],
    [{ attribute: '00080061', equals: 'SR' },                       { ModalitiesInStudy: ['CT', 'SR'] },       true],
    [{ attribute: 'StudyDescription', matches: '*CHEST*' },         { StudyDescription: ['ct Chest native'] }, true],
    [{ attribute: 'StudyDescription', contains: 'angio' },          { StudyDescription: ['CT ANGIO'] },        true],
    [{ attribute: 'PatientName', matches: '王*' },                  { PatientName: ['Wang^X=王^小东'] },       true],
    [{ attribute: 'SliceThickness', '<=': 3 },                      { SliceThickness: ['3.0'] },               true],
    [{ attribute: 'SliceThickness', '<=': 3 },                      { SliceThickness: ['8'] },                 false],
    [{ attribute: 'SliceThickness', '<=': 3 },                      {},                                        false],
    [{ attribute: 'SliceThickness', equals: '3' },                  { SliceThickness: ['3.0'] },               true],
    [{ attribute: 'SliceThickness', range: [1, null] },             { SliceThickness: ['1'] },                 true],
    [{ attribute: 'PatientAge', '>=': 18 },                         { PatientAge: ['018Y'] },                  true],
    [{ attribute: 'PatientAge', '<': 1 },                           { PatientAge: ['011M'] },                  true],
    [{ attribute: 'StudyDate', range: '20240101-20241231' },        { StudyDate: ['20241231'] },               true],
    [{ attribute: 'StudyDate', range: '-20231231' },                { StudyDate: ['20240101'] },               false],
    [{ attribute: 'StudyTime', range: '22-' },                      { StudyTime: ['221500.5'] },               true],
    [{ attribute: 'StudyTime', '>': '2200' },                       { StudyTime: ['22'] },                     false],
    [{ attribute: 'BodyPartExamined', exists: false },              {},                                        true],
    [{ attribute: 'BodyPartExamined', exists: true },               { BodyPartExamined: ['CHEST'] },           true],
  ])('%j of %j is %s', (condition, values, expected) => {
    expect(holds(condition, values)).toBe(expected);
  });

  it('says what it misses', () => {
    expect(says({ attribute: 'SliceThickness', '<=': 3 }, { SliceThickness: ['8'] })).toEqual([
      'SliceThickness 8 is not <= 3',
    ]);
    expect(says({ attribute: 'BodyPartExamined', in: ['CHEST', 'LUNG'] }, {})).toEqual([
      'BodyPartExamined is absent: it is not in CHEST, LUNG',
    ]);
    expect(says({ not: { attribute: 'Modality', equals: 'SR' } }, { Modality: ['SR'] })).toEqual([
      'Modality SR must not be SR',
    ]);
    expect(says({ attribute: 'ProtocolName', exists: true }, {})).toEqual(['ProtocolName is absent']);
  });
});

describe('conditions of conditions', () => {
  const VALUES: Values = { Modality: ['CT'], SliceThickness: ['2'], KVP: ['120'] };
  // Of known truth: the first is true of VALUES, the second false.
  const leaf = fc.constantFrom<Condition>(
    { attribute: 'Modality', equals: 'CT' },
    { attribute: 'Modality', equals: 'MR' },
    { attribute: 'SliceThickness', '<': 3 },
    { attribute: 'SliceThickness', '>': 3 },
    { attribute: 'KVP', exists: true },
    { attribute: 'Rows', exists: true },
  );
  const { tree } = fc.letrec<{ tree: Condition }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.record({ all: fc.array(tie('tree'), { minLength: 1, maxLength: 4 }) }),
      fc.record({ any: fc.array(tie('tree'), { minLength: 1, maxLength: 4 }) }),
      fc.record({ not: tie('tree') }),
    ),
  }));
  const TRUE_LEAVES = new Set(['Modality equals CT', 'SliceThickness < 3', 'KVP exists true']);
  const truth = (condition: Condition): boolean => {
    if (condition.all) return condition.all.every(truth);
    if (condition.any) return condition.any.some(truth);
    if (condition.not) return !truth(condition.not);
    const [operator, operand] = Object.entries(condition).find(([key]) => key !== 'attribute') ?? [];
    return TRUE_LEAVES.has(`${condition.attribute} ${operator} ${operand}`);
  };

  it('miss nothing exactly when they are true', () => {
    fc.assert(
      fc.property(tree, (condition) => (missesOf(condition, VALUES).length === 0) === truth(condition)),
      { numRuns: 2000 },
    );
  });

  it('a negation of a negation misses the same', () => {
    fc.assert(
      fc.property(tree, (condition) => {
        expect(missesOf({ not: { not: condition } }, VALUES)).toEqual(missesOf(condition, VALUES));
      }),
    );
  });

  it('miss no more than their parts together', () => {
    fc.assert(
      fc.property(fc.array(tree, { minLength: 1, maxLength: 4 }), (parts) => {
        const each = parts.map((part) => missesOf(part, VALUES).length);
        expect(missesOf({ any: parts }, VALUES)).toHaveLength(Math.min(...each));
        expect(missesOf({ all: parts }, VALUES)).toHaveLength(each.reduce((sum, one) => sum + one));
      }),
    );
  });

  it('are accepted as they are written', () => {
    fc.assert(fc.property(tree, (condition) => ConditionSchema.safeParse(condition).success));
  });
});
