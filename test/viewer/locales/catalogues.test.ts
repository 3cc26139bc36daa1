import { compileMessageOrThrow } from '@lingui/message-utils/compileMessage';
import { describe, expect, it } from 'vitest';
import { REASON_CODES, reasonTemplate, reasonText } from '../../../services/domain/reason.ts';
import { en } from '../../../viewer/locales/en.ts';
import { reasonIn } from '../../../viewer/locales/languages.ts';
import { zhCN } from '../../../viewer/locales/zh-cn.ts';
import { zhCNReasons } from '../../../viewer/locales/zh-cn-reasons.ts';

const keys = Object.keys(en) as (keyof typeof en)[];

/** The names a compiled message asks for, at any depth. */
const placeholders = (message: string): readonly string[] =>
  [...new Set(namesIn(compileMessageOrThrow(message)))].sort();

function namesIn(tokens: unknown): readonly string[] {
  if (!Array.isArray(tokens)) return [];
  return tokens
    .filter(Array.isArray)
    .flatMap(([name, , choices]: unknown[]) => [
      ...(typeof name === 'string' ? [name] : []),
      ...(choices && typeof choices === 'object' ? Object.values(choices).flatMap(namesIn) : []),
    ]);
}

describe('catalogues', () => {
  it('say the same things in every language', () => {
    expect(Object.keys(zhCN).sort()).toEqual([...keys].sort());
  });

  it.each(keys)('%s is ICU and has the same placeholders', (key) => {
    expect(placeholders(zhCN[key])).toEqual(placeholders(en[key]));
  });

  it('leave no message empty', () => {
    expect([...Object.values(en), ...Object.values(zhCN)].filter((message) => message.trim() === '')).toEqual([]);
  });

  it('are Chinese in Chinese, but for numbers and units', () => {
    const numbersOnly = new Set([
      'findings.axes',
      'measure.mm',
      'measure.degrees',
      'measure.hu',
      'measure.plain',
      'slab.max',
      'slab.min',
      'plane.position',
      'plane.thickness',
      'plane.zoom',
      'findings.volume',
    ]);
    const untranslated = keys.filter((key) => !numbersOnly.has(key) && !/\p{Script=Han}/u.test(zhCN[key]));
    expect(untranslated).toEqual([]);
  });
});

describe('reasons', () => {
  const names = (template: string) => [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

  it.each(REASON_CODES)('%s has the numbers of the English one', (code) => {
    expect(names(zhCNReasons[code])).toEqual(names(reasonTemplate(code)));
  });

  it('fill in their numbers, and say when one is missing', () => {
    const reason = { code: 'TOO_FEW_SLICES', params: { count: 3 } } as const;
    expect(reasonIn('zh-CN', reason)).toBe('只有 3 层，至少需要 ? 层');
    expect(reasonIn('en', reason)).toBe(reasonText(reason));
  });
});
