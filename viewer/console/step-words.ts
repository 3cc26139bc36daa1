import type { MessageKey } from '../locales/en.ts';
import type { Translate } from '../locales/translate.ts';

/** What `services/dicom/net/examine-peer.ts` says of a step; the groups are the placeholders. */
// biome-ignore format: a table
const DETAILS: readonly (readonly [pattern: RegExp, key: MessageKey])[] = [
  [/^mutual, by PS3\.15 B\.12$/,                           'console.detail.tls'],
  [/^(?<us>.+) is accepted by (?<them>.+)$/,               'console.detail.accepted'],
  [/^C-ECHO answered (?<status>.+) in (?<ms>\d+) ms$/,     'console.detail.echo'],
  [/^(?<taken>\d+) of (?<all>\d+) storage contexts$/,      'console.detail.storage'],
  [/^CT images: none$/,                                    'console.detail.noSyntax'],
  [/^C-FIND at study level is answered$/,                  'console.detail.query'],
];

/** The detail of a step in the reader's language; what the network said stays as it was said. */
export function stepDetail(t: Translate, detail: string): string {
  for (const [pattern, key] of DETAILS) {
    const said = pattern.exec(detail);
    if (said !== null) return t(key, said.groups);
  }
  return detail;
}

/** The transfer syntaxes in which CT images are taken; none where the detail is of something else. */
export function takenSyntaxes(detail: string): readonly string[] {
  const [, names = ''] = /^CT images: (.+)$/.exec(detail) ?? [];
  return names === '' || names === 'none' ? [] : names.split(', ');
}
