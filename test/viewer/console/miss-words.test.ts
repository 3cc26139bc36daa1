import { setupI18n } from '@lingui/core';
import { compileMessage } from '@lingui/message-utils/compileMessage';
import { describe, expect, it } from 'vitest';
import type { Condition } from '../../../services/domain/routing/condition.ts';
import { missesOf, missText } from '../../../services/domain/routing/misses.ts';
import { missWords } from '../../../viewer/console/miss-words.ts';
import { operatorWords } from '../../../viewer/console/operator-words.ts';
import { en as english } from '../../../viewer/locales/en.ts';
import type { Translate } from '../../../viewer/locales/translate.ts';
import { zhCN } from '../../../viewer/locales/zh-cn.ts';

const compiled = (catalogue: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(catalogue).map(([key, message]) => [key, compileMessage(message)]));
const translate = (language: string, catalogue: Readonly<Record<string, string>>): Translate => {
  const i18n = setupI18n({ locale: language, messages: { [language]: compiled(catalogue) } });
  return (key, values) => i18n._(key, values ? { ...values } : undefined);
};
const [en, zh] = [translate('en', english), translate('zh-CN', zhCN)];
const VALUES = { Modality: ['CT'], SliceThickness: ['8'], StudyDescription: ['CT CHEST'], PatientName: ['Doe^John'] };

/** What the server says of a study with these values. */
const said = (condition: Condition): string => {
  const [miss] = missesOf(condition, VALUES);
  if (miss === undefined) throw new Error('it misses nothing');
  return missText(miss);
};

describe('what a study misses, in words', () => {
  // biome-ignore format: a table
  it.each<[Condition, string, string]>([
    [{ attribute: 'Modality', equals: 'MR' },                 'Modality is CT, must be MR',                       'Modality 为 CT，应等于 MR'],
    [{ attribute: 'Modality', in: ['MR', 'DX'] },             'Modality is CT, must be one of MR, DX',            'Modality 为 CT，应为以下之一：MR, DX'],
    [{ attribute: 'StudyDescription', matches: '*HEAD*' },    'StudyDescription is CT CHEST, must match *HEAD*',  'StudyDescription 为 CT CHEST，应匹配 *HEAD*'],
    [{ attribute: 'StudyDescription', contains: 'head' },     'StudyDescription is CT CHEST, must contain head',  'StudyDescription 为 CT CHEST，应包含 head'],
    [{ attribute: 'SliceThickness', '<=': 3 },                'SliceThickness is 8, must be <= 3',                'SliceThickness 为 8，应 <= 3'],
    [{ attribute: 'SliceThickness', range: [1, 3] },          'SliceThickness is 8, must be within 1 to 3',       'SliceThickness 为 8，应在范围内：1 to 3'],
    [{ attribute: 'KVP', '>': 100 },                          'KVP is absent, must be > 100',                     'KVP 没有值，应 > 100'],
    [{ attribute: 'KVP', exists: true },                      'KVP is absent',                                    'KVP 没有值'],
    [{ attribute: 'Modality', exists: false },                'Modality must be absent, is CT',                   'Modality 应无值，为 CT'],
    [{ not: { attribute: 'Modality', equals: 'CT' } },        'Modality is CT, must not be CT',                   'Modality 为 CT，不得等于 CT'],
    [{ not: { attribute: 'SliceThickness', '>': 3 } },        'SliceThickness is 8, must not be > 3',             'SliceThickness 为 8，不得 > 3'],
    [{ not: { attribute: 'Modality', in: ['CT'] } },          'Modality is CT, must not be one of CT',            'Modality 为 CT，不得为以下之一：CT'],
    [{ not: { attribute: 'StudyDescription', matches: '*' } }, 'StudyDescription is CT CHEST, must not match *',   'StudyDescription 为 CT CHEST，不得匹配 *'],
  ])('%j', (condition, inEnglish, inChinese) => {
    expect([missWords(en, said(condition)), missWords(zh, said(condition))]).toEqual([inEnglish, inChinese]);
  });

  it.each<Condition>([
    { attribute: 'PatientName', equals: 'Roe^Jane' },
    { attribute: 'PatientName', exists: false },
    { not: { attribute: 'PatientName', contains: 'john' } },
  ])('nobody’s name is shown: %j', (condition) => {
    expect(said(condition)).toContain('Doe');
    for (const t of [en, zh]) expect(missWords(t, said(condition))).not.toContain('Doe');
  });

  it('a text that is not known is not shown, for it may hold a name', () => {
    expect(missWords(en, 'PatientName Doe^John is odd')).toBe('PatientName does not fit');
  });
});

describe('what a condition asks for, in words', () => {
  // biome-ignore format: a table
  it.each<[Condition, string]>([
    [{ attribute: 'PatientAge', '>=': 18 },                     '≥ 18'],
    [{ attribute: 'StudyDate', range: '20240101-' },            'from 20240101'],
    [{ attribute: 'StudyDate', range: '-20240101' },            'up to 20240101'],
    [{ attribute: 'StudyDate', range: '20240101-20241231' },    'from 20240101 to 20241231'],
    [{ attribute: 'SliceThickness', range: [null, 0] },         'up to 0'],
    [{ attribute: 'SliceThickness', range: [1, null] },         'from 1'],
    [{ attribute: 'KVP', exists: false },                       'has no value'],
    [{ attribute: 'Modality', in: ['CT', 'MR'] },               'is one of CT, MR'],
  ])('%j', (condition, words) => {
    expect(operatorWords(en, condition)).toBe(words);
  });
});
