import { setupI18n } from '@lingui/core';
import { compileMessage } from '@lingui/message-utils/compileMessage';
import { expect, it } from 'vitest';
import { AppError } from '../../../services/domain/errors.ts';
import { parseRoutes } from '../../../services/domain/routing/route-file.ts';
import { ruleProblem } from '../../../viewer/console/rule-problem.ts';
import { zhCN } from '../../../viewer/locales/zh-cn.ts';

const messages = Object.fromEntries(Object.entries(zhCN).map(([key, message]) => [key, compileMessage(message)]));
const i18n = setupI18n({ locale: 'zh-CN', messages: { 'zh-CN': messages } });
const inChinese = (problem: string): string =>
  ruleProblem((key, values) => i18n._(key, values ? { ...values } : undefined), problem);

/** What the server says of rules. */
function problemOf(rules: unknown): string {
  try {
    parseRoutes({ rules }, { models: ['one'], destinations: new Map() });
  } catch (error) {
    if (error instanceof AppError) return error.message;
  }
  throw new Error('nothing is wrong with them');
}
const rule = (given: object) => [{ name: 'a', models: ['one'], ...given }];

// biome-ignore format: a table
it.each([
  [rule({ when: { attribute: 'SliceThikness', '<': 3 } }),        '规则 a，when：SliceThikness 不是已建立索引的属性'],
  [rule({ models: ['two'] }),                                     '规则 a：本机没有模型 two'],
  [rule({ destinations: ['away'] }),                              '规则 a：away 既不是已登记地址的节点，也不在配置项 PACS 中'],
  [[...rule({}), ...rule({})],                                    '规则 a，name：两条规则名称相同'],
  [rule({ when: {} }),                                            '规则 a，when：条件须为 attribute、all、any、not 之一'],
  [rule({ when: { attribute: 'Modality', '<': 3 } }),             '规则 a，when：Modality 是文本，不能使用 <'],
  [rule({ when: { attribute: 'SliceThickness', '<': 'x' } }),     '规则 a，when：SliceThickness 须与数字比较'],
  [rule({ when: { all: [{ attribute: 'Modality' }] } }),          '规则 a，when.all.0：Modality 须使用以下运算之一：equals, in, matches, contains, <, <=, >, >=, range, exists'],
  [rule({ wen: {} }),                                             '规则 a：未知字段："wen"'],
  [[{ name: 'a' }],                                               '规则 a，models：此处应为 array，实际为 undefined'],
  [[{ models: [3] }],                                             '规则 number 1，name：此处应为 string，实际为 undefined\n规则 number 1，models.0：此处应为 string，实际为 number'],
])('%j', (rules, words) => {
  expect(inChinese(problemOf(rules))).toBe(words);
});

it('what is not known stays as it was said', () => {
  expect(inChinese('something else\nrule a: odd')).toBe('something else\nrule a: odd');
});
