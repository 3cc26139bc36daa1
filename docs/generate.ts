import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Config } from '../services/config.ts';
import { transferSyntaxName } from '../services/dicom/dataset/transfer-syntax.ts';
import { SERVICE_CLASSES, type ServiceClass } from '../services/dicom/net/service-classes.ts';
import { TLS_CIPHER_SUITES } from '../services/dicom/net/tls-profile.ts';
import { TRANSFER_SYNTAXES } from '../services/dicom/net/transfer-syntaxes.ts';
import { QUERY_KEYS } from '../services/dicom/query/keys.ts';
import { limitsPage } from './limits.ts';
import { manifestSchema, manifestWords } from './manifest-words.ts';
import { transferSyntaxPage } from './transfer-syntaxes.ts';

/** The pages, or parts of pages, that are made from code: `npm run docs` writes them, a test compares them. */
export const GENERATED: Readonly<Record<string, (current: string) => string>> = {
  'configuration.md': () => configurationPage(),
  'limits.md': () => limitsPage(),
  'manifest.schema.json': () => manifestSchema(),
  'manifest.md': (current) => between(current, 'words', manifestWords()),
  'transfer-syntaxes.md': () => transferSyntaxPage(),
  'conformance.md': (current) =>
    [
      ['services', serviceTable()],
      ['tls-cipher-suites', tlsTable()],
      ['query-keys', queryKeyTable()],
      ['sop-classes', sopClassTable()],
      ['transfer-syntaxes', transferSyntaxTable()],
    ].reduce((page, [name = '', table = '']) => between(page, name, table), current),
};

function configurationPage(): string {
  const rows = Object.entries(Config.unwrap().shape).map(([key, schema]) => {
    const value = schema.safeParse(undefined);
    const shown =
      value.success && value.data !== undefined && typeof value.data !== 'object'
        ? `\`${value.data}\``
        : listDefault(value.data);
    return `| \`${key}\` | ${shown} | ${schema.meta()?.description ?? ''} |`;
  });
  return `# Configuration

Made from \`services/config.ts\` by \`npm run docs\`. Settings are environment variables; \`overread serve\` needs none of them.
All invalid settings are reported at once, before anything starts.

| setting | default | meaning |
|---|---|---|
${rows.join('\n')}
`;
}

const listDefault = (value: unknown): string =>
  Array.isArray(value) && value.length > 0 ? `\`${value.join(',')}\`` : '–';

const ofStorage = ({ service }: ServiceClass): boolean => service === 'storage';

const sopClassTable = (): string =>
  [
    '| SOP class | UID |',
    '|---|---|',
    ...SERVICE_CLASSES.filter(ofStorage).map(
      ({ name, uid, retired }) => `| ${name}${retired ? ' (retired)' : ''} | ${uid} |`,
    ),
  ].join('\n');

/** Every class but those of storage, which have a table of their own and one line here. */
function serviceTable(): string {
  const storage = SERVICE_CLASSES.find(ofStorage);
  const others = SERVICE_CLASSES.filter((known) => !ofStorage(known));
  const row = ({ name, retired, uid, requestor, transferSyntaxes, extended }: ServiceClass) => {
    const roles = [requestor.scu ? 'SCU' : '', requestor.scp ? 'SCP' : ''].filter((role) => role !== '').join(', ');
    const syntaxes = transferSyntaxes.length > 2 ? 'all below' : transferSyntaxes.map(transferSyntaxName).join(', ');
    return `| ${name}${retired ? ' (retired)' : ''} | ${uid} | ${roles} | ${syntaxes} | ${extended?.join(' ') ?? '–'} |`;
  };
  return [
    '| SOP class | UID | roles of the requestor | transfer syntaxes | extended negotiation |',
    '|---|---|---|---|---|',
    ...others.map(row),
    ...(storage === undefined
      ? []
      : [row({ ...storage, name: 'Storage: every class below', uid: '–', retired: false })]),
  ].join('\n');
}

const queryKeyTable = (): string =>
  [
    '| level | key | VR | supported |',
    '|---|---|---|---|',
    ...QUERY_KEYS.map(({ level, keyword, vr, support }) => `| ${level} | ${keyword} | ${vr} | ${support} |`),
  ].join('\n');

const tlsTable = (): string =>
  [
    '| TLS | cipher suite, in order of preference |',
    '|---|---|',
    ...TLS_CIPHER_SUITES.map(([version, name]) => `| ${version} | ${name} |`),
  ].join('\n');

const transferSyntaxTable = (): string =>
  [
    '| transfer syntax | UID |',
    '|---|---|',
    ...TRANSFER_SYNTAXES.map((uid) => `| ${transferSyntaxName(uid)} | ${uid} |`),
  ].join('\n');

/** Replaces what stands between `<!-- name -->` and `<!-- /name -->`. */
function between(page: string, name: string, text: string): string {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [page.indexOf(start), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`no ${start} … ${end} in the page`);
  return `${page.slice(0, from + start.length)}\n${text}\n${page.slice(to)}`;
}

export function regenerate(folder: string, name: string): { readonly current: string; readonly next: string } {
  const file = join(folder, name);
  const current = readFileSync(file, 'utf8');
  return { current, next: GENERATED[name]?.(current) ?? current };
}

if (process.argv[1] === import.meta.filename)
  for (const name of Object.keys(GENERATED))
    writeFileSync(join(import.meta.dirname, name), regenerate(import.meta.dirname, name).next);
