import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnalysisInput } from '../../services/domain/run.ts';
import { sliceTasks } from '../../services/imaging/decode-slices.ts';
import { preparedPath, readHeaders } from '../../services/imaging/prepare-image.ts';
import { readVolume } from '../../services/imaging/read-volume.ts';
import { refusalReason } from '../../services/imaging/refusal.ts';
import { SliceThreads } from '../../services/imaging/slice-threads.ts';
import { CRITERIA } from './slice-headers.ts';
import { storedSeries } from './stored-series.ts';
import { volumeReader } from './volume-reader.ts';

const small = { slices: 12, rows: 40, columns: 48, spacingMm: 7, sliceSpacingMm: 2.5, noiseHu: 30 } as const;
const held = { directory: '' };
const threads = new SliceThreads(2);
beforeAll(() => {
  held.directory = mkdtempSync(join(tmpdir(), 'overread-threads-'));
});
afterAll(async () => {
  await threads.close();
  rmSync(held.directory, { recursive: true, force: true });
});

async function taskOf(input: AnalysisInput) {
  const [task] = sliceTasks(await readHeaders(input));
  if (!task) throw new Error('an image has a slice');
  return task;
}

const prepare = (inputs: readonly AnalysisInput[]) =>
  Promise.all(inputs.map((input) => threads.run({ kind: 'prepare', input, directory: held.directory })));

async function voxelsOf(inputs: readonly AnalysisInput[], preparedDirectory?: string) {
  const answer = await readVolume(inputs, CRITERIA, volumeReader({ preparedDirectory }));
  if ('error' in answer) throw answer.error;
  return { voxels: answer.volume.voxels, geometry: answer.volume.geometry, series: answer.series };
}

describe('threads that decode slices', () => {
  it('write into memory of the one who asked', async () => {
    const { inputs } = storedSeries({ ...small, transferSyntax: 'rle' });
    const expected = await voxelsOf(inputs);
    const out = new Int16Array(new SharedArrayBuffer(40 * 48 * 2));
    const [first] = inputs;
    if (!first) throw new Error('a series has images');
    await threads.run({ kind: 'slice', task: await taskOf(first), out });
    expect([...out]).toEqual([...expected.voxels.subarray(0, 40 * 48)]);
  });

  it('tell what is wrong with an image, and go on with the next', async () => {
    const { inputs } = storedSeries({ ...small, transferSyntax: 'rle' });
    const [first, second] = inputs;
    if (!first || !second) throw new Error('a series has images');
    const task = await taskOf(first);
    writeFileSync(first.file, '');
    const out = new Int16Array(new SharedArrayBuffer(40 * 48 * 2));
    const error = await threads.run({ kind: 'slice', task, out }).catch((thrown: unknown) => thrown);
    expect(refusalReason(error)).toMatchObject({ code: 'DAMAGED_IMAGE' });
    await threads.run({ kind: 'slice', task: await taskOf(second), out });
    expect(new Set(out).size).toBeGreaterThan(2);
  });

  it('end a decoder that gives no answer, and have another thread ready', async () => {
    const { inputs } = storedSeries(small);
    const [first] = inputs;
    if (!first) throw new Error('a series has images');
    const task = await taskOf(first);
    const impatient = new SliceThreads(1, 1);
    const out = new Int16Array(new SharedArrayBuffer(40 * 48 * 2));
    const error = await impatient.run({ kind: 'slice', task, out }).catch((thrown: unknown) => thrown);
    expect(refusalReason(error)).toMatchObject({ code: 'DAMAGED_IMAGE', params: { slice: 1 } });
    expect(String(error)).toContain('gave no answer for 0.001 s');
    await impatient.close();
  });
});

describe('images prepared when they arrive', () => {
  it.each(['explicit', 'rle', 'deflated'] as const)('become the same volume from %s', async (transferSyntax) => {
    const { inputs } = storedSeries({ ...small, transferSyntax });
    const expected = await voxelsOf(inputs);
    await prepare(inputs);
    for (const { file } of inputs) rmSync(file); // nothing is read twice
    expect(await voxelsOf(inputs, held.directory)).toEqual(expected);
  });

  it('are decoded again when their prepared form is damaged or gone', async () => {
    const { inputs } = storedSeries({ ...small, transferSyntax: 'rle', noiseHu: 31 });
    const expected = await voxelsOf(inputs);
    await prepare(inputs);
    const [first, second] = inputs;
    if (!first || !second) throw new Error('a series has images');
    rmSync(preparedPath(held.directory, first));
    writeFileSync(preparedPath(held.directory, second), 'no such thing');
    expect(await voxelsOf(inputs, held.directory)).toEqual(expected);
  });

  it('are not made of bytes that were not received, and nothing is left of the attempt', async () => {
    const { inputs } = storedSeries({ ...small, transferSyntax: 'rle', noiseHu: 32 });
    const [first] = inputs;
    if (!first) throw new Error('a series has images');
    const error = await prepare([{ ...first, sha256: '0'.repeat(64) }]).catch((thrown: unknown) => thrown);
    expect(refusalReason(error)).toMatchObject({ code: 'INTEGRITY' });
    expect(readdirSync(held.directory).filter((name) => name.includes('partial') || name.startsWith('0000'))).toEqual(
      [],
    );
  });
});
