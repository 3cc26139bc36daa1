import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import type { ImageSelfTest } from '../../services/detection/manifest/self-test.ts';
import { ModelManifest } from '../../services/detection/model-manifest.ts';
import { runSelfTest } from '../../services/detection/self-test.ts';
import { discFrame, openFixture } from './families/family-fixture.ts';

const { manifest, session, golden } = await openFixture('yolo-v8');
afterAll(() => session.release());
if (!golden.frame) throw new Error('a frame');
const { columns, rows, pixels } = discFrame(golden.frame);

const directory = mkdtempSync(join(tmpdir(), 'overread-self-test-'));
const file = gzipSync(new Uint8Array(Int16Array.from(pixels, Math.round).buffer));
writeFileSync(join(directory, 'discs.raw.gz'), file);

type Box = ImageSelfTest['lesions'][number]['box'];
const selfTest: ImageSelfTest = {
  input: {
    ...{ kind: 'image', path: 'discs.raw.gz', sha256: createHash('sha256').update(file).digest('hex') },
    ...{ columns, rows, isInverted: false },
  },
  lesions: golden.findings.map(({ region = [], score }) => ({ box: region as unknown as Box, score })),
  maxOthers: 0,
  tolerance: { pixels: 0.5, score: { fp32: 0.01, fp16: 0.02, int8: 0.05 } },
};
const [first] = selfTest.lesions;
if (first === undefined) throw new Error('a finding');

const tested = (changes: Partial<ImageSelfTest> = {}) =>
  runSelfTest(directory, ModelManifest.parse({ ...manifest, selfTest: { ...selfTest, ...changes } }), session, 'fp32');

describe('the self test of a model for single images', () => {
  it('passes where the boxes are where they must be', async () => {
    expect(await tested()).toMatchObject({ passed: true, detail: `${selfTest.lesions.length} lesions found` });
  });

  const others = selfTest.lesions.slice(1);
  const moved = first.box.map((edge) => edge + 2) as Box;
  // biome-ignore format: a table
  it.each<[string, Partial<ImageSelfTest>, RegExp]>([
    ['a box 2 pixels off',       { lesions: [{ ...first, box: moved }, ...others] },               /was not found: the nearest is [12]\.\d\d pixels off/],
    ['another score',            { lesions: [{ ...first, score: first.score - 0.1 }, ...others] }, /has score 0\.\d+ instead of 0\.\d+/],
    ['a box that is not asked',  { lesions: [{ ...first }] },                                      /^\d further marks, at most 0/],
    ['one box for two',          { lesions: [...selfTest.lesions, first] },                        /was not found/],
    ['another file',             { input: { ...selfTest.input, sha256: '0'.repeat(64) } },         /is not the file its sha256 names/],
    ['another shape',            { input: { ...selfTest.input, rows: rows + 1 } },                 /holds \d+ bytes, not \d+/],
  ])('fails with %s, and says so', async (_name, changes, detail) => {
    expect(await tested(changes)).toMatchObject({ passed: false, detail: expect.stringMatching(detail) });
  });

  it('must be of what the model reads', () => {
    const phantom = { kind: 'chestPhantom', seed: 1 };
    const lesions = [{ centerMm: [0, 0, 0], score: 1 }];
    const ofVolume = { input: phantom, lesions, maxOthers: 0, tolerance: { centerMm: 1, score: { fp32: 0.1 } } };
    const { error } = ModelManifest.safeParse({ ...manifest, selfTest: ofVolume });
    expect(error?.issues[0]?.message).toBe('chestPhantom is not what a model of 2d reads');
  });
});
