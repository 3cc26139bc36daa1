import type { MessageKey } from '../locales/en.ts';
import type { Translate } from '../locales/translate.ts';

/** What `services/domain/routing` says is wrong with a rule; the groups are the placeholders. */
// biome-ignore format: a table
const PROBLEMS: readonly (readonly [pattern: RegExp, key: MessageKey])[] = [
  [/^(?<word>\S+) is no attribute that is indexed$/,                                     'console.wrong.attribute'],
  [/^(?<word>.+) is no model here$/,                                                     'console.wrong.model'],
  [/^(?<word>.+) is neither a peer with an address nor in the setting PACS$/,            'console.wrong.destination'],
  [/^a name of two rules$/,                                                              'console.wrong.twice'],
  [/^a condition is one of attribute, all, any, not$/,                                   'console.wrong.form'],
  [/^(?<word>\S+) needs one of (?<operators>.+)$/,                                       'console.wrong.operator'],
  [/^(?<word>\S+) is a text: it has no (?<operators>\S+)$/,                              'console.wrong.text'],
  [/^(?<word>\S+) is compared with a number$/,                                           'console.wrong.number'],
  [/^Unrecognized keys?: (?<word>.+)$/,                                                  'console.wrong.key'],
  [/^Invalid input: expected (?<expected>\w+), received (?<received>\w+)$/,              'console.wrong.kind'],
];

/** Each line of a problem with rules, in the reader's language; one that is not known stays as it was said. */
export const ruleProblem = (t: Translate, problem: string): string =>
  problem
    .split('\n')
    .map((line) => lineWords(t, line))
    .join('\n');

function lineWords(t: Translate, line: string): string {
  const [, name, path = '', said = ''] = /^rule (.+?)(?:, ([\w.<>=]+))?: (.+)$/.exec(line) ?? [];
  if (name === undefined) return line;
  for (const [pattern, key] of PROBLEMS) {
    const found = pattern.exec(said);
    if (found === null) continue;
    const what = t(key, found.groups);
    return path === '' ? t('console.wrongIn', { name, what }) : t('console.wrongAt', { name, path, what });
  }
  return line;
}
