import { globSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { relative } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { readDataset } from '../../../services/dicom/dataset/dataset.ts';
import { dicomJson } from '../../../services/dicom/dataset/dicom-json.ts';
import { readPart10Meta } from '../../../services/dicom/dataset/part10.ts';
import { readHeader } from '../../../services/dicom/dataset/read-header.ts';
import { TAG } from '../../../services/dicom/dataset/tags.ts';
import { AppError } from '../../../services/domain/errors.ts';
import { hasSharedData, SHARED_DATA } from '../../support/programs.ts';
import { workMeter } from '../../support/work-meter.ts';
import { jsonModel } from './json-model.ts';

const files = globSync(`${SHARED_DATA}/{corpus,sr}/**/*`).filter((file) => statSync(file).isFile());
const name = (file: string) => relative(SHARED_DATA, file);

/** Files that are no data set, and why; all others must be read whole. */
// biome-ignore format: a table
const REFUSED: Readonly<Record<string, string>> = {
  'corpus/pydicom/test_files/ExplVR_BigEndNoMeta.dcm':     'no DICM prefix',
  'corpus/pydicom/test_files/ExplVR_LitEndNoMeta.dcm':     'no DICM prefix',
  'corpus/pydicom/test_files/no_meta.dcm':                 'no DICM prefix',
  'corpus/pydicom/test_files/rtstruct.dcm':                'no DICM prefix',
  'corpus/pydicom/test_files/MR_truncated.dcm':            '(7fe0,0010) claims 8192 bytes, 8130 remain',
  'corpus/pydicom/test_files/rtplan_truncated.dcm':        '(300a,00b0) claims 976 bytes, 711 remain',
  'corpus/pydicom/test_files/meta_missing_tsyntax.dcm':    'names no transfer syntax',
  'corpus/pydicom/test_files/dicomdirtests/DICOMDIR-nooffset': '(fffe,e000) claims 248 bytes, 224 remain',
};
const isDicom = (file: string) => readFileSync(file).subarray(128, 132).toString() === 'DICM' || name(file) in REFUSED;

function refusal(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof AppError && error.code === 'DATASET_UNREADABLE') return error.message;
    throw error;
  }
}

describe.skipIf(!hasSharedData)('the corpus of real and odd files (../shared/data)', () => {
  it.each(files.filter(isDicom).map((file) => [name(file), file]))('%s', (short, file) => {
    const work = workMeter();
    const bytes = readFileSync(file);
    const why = refusal(() => {
      const { TransferSyntaxUID, datasetOffset } = readPart10Meta(bytes);
      const dataset = readDataset(bytes.subarray(datasetOffset), TransferSyntaxUID);
      expect(isDeepStrictEqual(JSON.parse(dicomJson(dataset)), jsonModel(dataset))).toBe(true);
      const head = bytes.subarray(datasetOffset, datasetOffset + 65_536);
      const isImage = dataset.has(TAG.SOPInstanceUID) && dataset.has(TAG.StudyInstanceUID);
      if (isImage) expect(readHeader(head, TransferSyntaxUID).study.PatientID).toBe(dataset.string(TAG.PatientID));
    });
    expect(work()).toBeLessThan(1200);
    if (REFUSED[short]) expect(why).toContain(REFUSED[short]);
    else expect(why).toBeUndefined();
  });

  it('all others are refused as no DICOM file', () => {
    const others = files.filter((file) => !isDicom(file));
    expect(others.length).toBeGreaterThan(0);
    for (const file of others) expect(refusal(() => readPart10Meta(readFileSync(file)))).toContain('no DICM prefix');
  });
});

interface PeerDataset {
  readonly elements: Readonly<Record<string, { readonly items?: readonly { readonly dataSet?: PeerDataset }[] }>>;
}
interface Peer {
  parseDicom(bytes: Uint8Array): PeerDataset;
}
const require = createRequire(import.meta.url);
const peer: Peer = require('dicom-parser');

describe.skipIf(!hasSharedData)('dicom-parser reads the same tags and items', () => {
  type Tree = { readonly [tag: string]: readonly Tree[] };
  const own = (dataset: ReturnType<typeof readDataset>): Tree =>
    Object.fromEntries(
      dataset.tags().map((tag) => [`x${tag.toString(16).padStart(8, '0')}`, dataset.sequence(tag).map(own)]),
    );
  const theirs = ({ elements }: PeerDataset): Tree =>
    Object.fromEntries(
      Object.entries(elements)
        .filter(([tag]) => !/^x(0002|fffe)/.test(tag))
        .map(([tag, { items = [] }]) => [tag, items.flatMap(({ dataSet }) => (dataSet ? [theirs(dataSet)] : []))]),
    );
  /** What it reads otherwise: UN of defined length stays bytes there, and unlisted implicit tags may become sequences. */
  const DIFFERS = /UN_sequence|rtdose_rle|priv_SQ|nested_priv|SC_rgb_jpeg\.dcm|empty_charset/;

  it.each(
    files
      .filter((file) => isDicom(file) && !(name(file) in REFUSED) && !DIFFERS.test(file))
      .map((file) => [name(file), file]),
  )('%s', (_short, file) => {
    const bytes = readFileSync(file);
    const { TransferSyntaxUID, datasetOffset } = readPart10Meta(bytes);
    if (TransferSyntaxUID === '1.2.840.10008.1.2.1.99') return;
    expect(own(readDataset(bytes.subarray(datasetOffset), TransferSyntaxUID))).toEqual(theirs(peer.parseDicom(bytes)));
  });
});
