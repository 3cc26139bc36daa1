import { spawnSync } from 'node:child_process';
import { globSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Dataset, readDataset } from '../../../services/dicom/dataset/dataset.ts';
import { usesCharacterSet } from '../../../services/dicom/dataset/element-values.ts';
import { readPart10Meta } from '../../../services/dicom/dataset/part10.ts';
import { hasSharedData, SHARED_DATA } from '../../support/programs.ts';

const PYTHON = '/usr/bin/python3';
const hasPydicom = spawnSync(PYTHON, ['-c', 'import pydicom']).status === 0;

const isDicom = (file: string) =>
  statSync(file).isFile() && readFileSync(file).subarray(128, 132).toString('latin1') === 'DICM';
const files = hasSharedData ? globSync(`${SHARED_DATA}/{corpus,sr}/**/*`).filter(isDicom) : [];

type Texts = Readonly<Record<string, string>>;

/** Padding, and groups of a name that are empty, differ in how they are shown. */
const plain = (values: readonly string[]): string =>
  values.map((value) => value.replace(/^[ \0]+|[ \0]+$/g, '').replace(/=+$/, '')).join('\\');

/** Text by the path of its element: `00400275/0/00081050`. */
function textsOf(dataset: Dataset, path = ''): Texts {
  return Object.assign(
    {},
    ...dataset.tags().map((tag) => {
      const place = `${path}${tag.toString(16).padStart(8, '0')}`;
      if (dataset.vr(tag) === 'SQ') {
        return Object.assign({}, ...dataset.sequence(tag).map((item, n) => textsOf(item, `${place}/${n}/`)));
      }
      return usesCharacterSet(dataset.vr(tag)) ? { [place]: plain(dataset.strings(tag)) } : {};
    }),
  );
}

function ownTexts(file: string): Texts | undefined {
  const bytes = readFileSync(file);
  try {
    const { TransferSyntaxUID, datasetOffset } = readPart10Meta(bytes);
    return textsOf(readDataset(bytes.subarray(datasetOffset), TransferSyntaxUID));
  } catch {
    return undefined; // refused files are the matter of corpus.test.ts
  }
}

describe.skipIf(!hasSharedData || !hasPydicom)('text of the corpus, as pydicom decodes it (python3-pydicom)', () => {
  it('is the same in every file, every item, every component group', () => {
    const script = join(import.meta.dirname, 'pydicom-text.py');
    const { stdout } = spawnSync(PYTHON, [script, ...files], { maxBuffer: 2 ** 28 });
    const Answer = z.record(z.string(), z.record(z.string(), z.array(z.string())));
    const theirs = Answer.parse(JSON.parse(stdout.toString()));
    let compared = 0;
    const different = files.flatMap((file) => {
      const [own, pydicom = {}] = [ownTexts(file), theirs[file]];
      // Private elements without VR are known to pydicom by its private dictionaries: bytes to us.
      const both = Object.keys(pydicom).filter((path) => own?.[path] !== undefined);
      compared += both.length;
      return both
        .filter((path) => own?.[path] !== plain(pydicom[path] ?? []))
        .map((path) => `${relative(SHARED_DATA, file)} ${path}: ${own?.[path]} | ${plain(pydicom[path] ?? [])}`);
    });
    expect(different).toEqual([]);
    expect(compared).toBeGreaterThan(10_000);
    expect(files.filter((file) => file.includes('charset_files')).length).toBeGreaterThanOrEqual(16);
  });
});
