import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GENERATED, regenerate } from '../docs/generate.ts';
import packageJson from '../package.json' with { type: 'json' };
import { ERROR_CODES } from '../services/domain/errors.ts';
import { REASON_CODES } from '../services/domain/reason.ts';

const page = (file: string) => readFileSync(file, 'utf8');

it.each(Object.keys(GENERATED))('docs/%s equals its source (npm run docs)', (name) => {
  const { current, next } = regenerate('docs', name);
  expect(current).toBe(next);
});

describe('docs/errors.md', () => {
  const codes = (heading: string) => {
    const [, section = ''] = page('docs/errors.md').split(heading);
    return [...(section.split('\n## ')[0] ?? '').matchAll(/^\| `(\w+)` +\|/gm)].map(([, code]) => code);
  };
  it('has a row for each error', () => expect(codes('## Codes of errors')).toEqual(ERROR_CODES));
  it('has a row for each reason', () => expect(codes('## Reasons of')).toEqual(REASON_CODES));
});

it('the version of the conformance statement is that of the package', () => {
  expect(page('docs/conformance.md')).toContain(`Overread ${packageJson.version}.`);
});

const pages = ['README.md', ...globSync('{docs,models,benchmarks,dicom-samples}/**/*.md')].filter(
  (file) => !file.includes('.venv'),
);

it.each(pages)('%s names npm scripts and files that exist', (file) => {
  const scripts = [...page(file).matchAll(/npm run ([\w:-]+)/g)].map(([, script = '']) => script);
  expect(scripts.filter((script) => !(script in packageJson.scripts))).toEqual([]);
  const links = [...page(file).matchAll(/\]\(([^)#]+?)(?:#[^)]*)?\)/g)].map(([, to = '']) => to);
  const local = links.filter((to) => !/^[a-z]+:/.test(to));
  expect(local.filter((to) => !existsSync(join(dirname(file), to)))).toEqual([]);
});

it('no page and no source names a folder of somebody else’s machine', () => {
  const files = [...pages, ...globSync('{services,viewer,test,benchmarks}/**/*.{ts,tsx}')].filter(
    (file) => !file.includes('node_modules'),
  );
  expect(files.filter((file) => /(?<![\w.])\/(?:home|Users)\/[a-z]/.test(page(file)))).toEqual([]);
});
