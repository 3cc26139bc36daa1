import { describe, expect, it } from 'vitest';
import { registeredKeyword } from '../../../services/dicom/dataset/dictionary.ts';
import {
  ROUTING_ATTRIBUTES,
  routingAttribute,
  TECHNIQUE_KEYWORDS,
} from '../../../services/domain/routing/attributes.ts';
import { dryRun } from '../../../services/domain/routing/dry-run.ts';
import { parseRoutes } from '../../../services/domain/routing/route-file.ts';
import { routeStudy, type StudyFacts } from '../../../services/domain/routing/route-study.ts';

const WORDS = { models: ['chest', 'head'], destinations: new Map([['archive', 'PACS@10.0.0.1:104']]) };
const problem = (given: unknown): string => {
  try {
    parseRoutes(given, WORDS);
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
  return 'accepted';
};
const rule = (given: object) => ({ rules: [{ name: 'night', models: ['chest'], ...given }] });

it('attributes have the tags of the registry', () => {
  const standard = ROUTING_ATTRIBUTES.filter(({ tag }) => tag !== '');
  for (const { keyword, tag } of standard)
    expect(registeredKeyword(keyword)?.tag, keyword).toBe(Number.parseInt(tag, 16));
  for (const keyword of TECHNIQUE_KEYWORDS) expect(routingAttribute(keyword)?.level).toBe('series');
});

describe('a wrong file names rule and word', () => {
  // biome-ignore format: a table
  it.each([
    [rule({ models: ['thorax'] }),                                               'rule night: thorax is no model here'],
    [rule({ destinations: ['attic'] }),                                          'rule night: attic is neither a peer with an address nor in the setting PACS'],
    [rule({ when: { attribute: 'SliceThikness', '<': 3 } }),                     'rule night, when: SliceThikness is no attribute that is indexed'],
    [rule({ when: { all: [{ attribute: 'Modality', '<': 3 }] } }),               'rule night, when.all.0: Modality is a text: it has no <'],
    [rule({ when: { attribute: 'KVP', '<': '3' } }),                             'rule night, when: KVP is compared with a number'],
    [rule({ when: { attribute: 'StudyDate', range: '2024' } }),                  'rule night, when: the range of StudyDate is from-, -to or from-to'],
    [rule({ when: { attribute: 'KVP', equal: 3 } }),                             'rule night, when: Unrecognized key: "equal"'],
    [rule({ when: { attribute: 'KVP', equals: 1, in: [2] } }),                   'rule night, when: KVP needs one of'],
    [rule({ when: { attribute: 'KVP', equals: 1, all: [] } }),                   'rule night, when.all'],
    [rule({ when: { equals: 1 } }),                                              'rule night, when: a condition is one of'],
    [rule({ priority: 'URGENT' }),                                               'rule night, priority'],
    [{ rules: [...rule({}).rules, ...rule({}).rules] },                          'a name of two rules'],
    [{ rule: [] },                                                               'rules'],
    ['text',                                                                     'file'],
  ])('%j', (given, expected) => {
    expect(problem(given)).toContain(expected);
  });

  it('more than would be asked in good time is refused', () => {
    const many = { attribute: 'StudyDescription', in: Array.from({ length: 500 }, String) };
    const rules = Array.from({ length: 60 }, (_, at) => ({ name: `rule ${at}`, when: many, models: [] }));
    expect(problem({ rules })).toContain('more than 20000 values');
  });

  it('conditions without an end are refused before they are read', () => {
    const deep = JSON.parse(`${'{"not":'.repeat(100_000)}1${'}'.repeat(100_000)}`);
    expect(problem(rule({ when: deep }))).toContain('deeper than 8');
    const eight = JSON.parse(`${'{"all":['.repeat(8)}{"attribute":"KVP","equals":1}${']}'.repeat(8)}`);
    expect(problem(rule({ when: eight }))).toBe('accepted');
    expect(problem(rule({ when: { all: [eight] } }))).toContain('deeper than 8');
  });
});

const facts = (...series: Record<string, string>[]): StudyFacts => ({
  StudyInstanceUID: '1.2',
  study: { StudyDescription: ['CT chest'], ModalitiesInStudy: series.map(({ Modality = '' }) => Modality) },
  series: series.map((values, at) => ({
    SeriesInstanceUID: `1.2.${at + 1}`,
    values: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, [value]])),
  })),
});
const THIN = { attribute: 'SliceThickness', '<=': 3 };
const FILE = parseRoutes(
  {
    rules: [
      { name: 'thin', when: THIN, models: ['chest'], reads: 'series', destinations: ['archive'], continue: true },
      {
        name: 'urgent',
        when: { attribute: 'StudyDescription', contains: 'trauma' },
        models: ['head'],
        priority: 'STAT',
      },
      {
        name: 'head',
        when: { attribute: 'BodyPartExamined', equals: 'HEAD' },
        models: ['head', 'chest'],
        priority: 'HIGH',
      },
      { name: 'rest', when: { attribute: 'Modality', equals: 'MR' }, models: [] },
    ],
  },
  WORDS,
);

describe('rules in their order', () => {
  it('give a model the series that match, and let later rules add to it', () => {
    const study = facts(
      { Modality: 'CT', SliceThickness: '8' },
      { Modality: 'CT', SliceThickness: '1', BodyPartExamined: 'HEAD' },
    );
    expect(routeStudy(FILE, study)).toEqual({
      rules: ['thin', 'head'],
      priority: 'HIGH',
      models: [
        { modelId: 'chest', rule: 'thin', series: ['1.2.2'], destinations: ['archive'] },
        { modelId: 'head', rule: 'head', series: undefined, destinations: undefined },
      ],
    });
  });

  it('end with the first that matches', () => {
    const study = facts({ Modality: 'MR', BodyPartExamined: 'HEAD' });
    expect(routeStudy(FILE, study).rules).toEqual(['head']);
    expect(routeStudy(FILE, facts({ Modality: 'MR' }))).toMatchObject({ rules: ['rest'], models: [] });
  });

  it('match nothing: the dry run says what is nearest', async () => {
    const stored = (async function* () {
      yield [facts({ Modality: 'CT', SliceThickness: '8' }), facts({ Modality: 'MR' })];
    })();
    const tried = await dryRun(FILE, stored, { limit: 10 });
    expect(tried).toMatchObject({ studies: 2, unmatched: 1 });
    expect(tried.rules).toContainEqual({ name: 'rest', matched: 1 });
    expect(tried.listed[0]?.nearest[0]).toEqual({ rule: 'thin', misses: ['SliceThickness 8 is not <= 3'] });
    expect(tried.listed[1]?.nearest).toEqual([]);
  });
});
