import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { TRANSFER_SYNTAX, type TransferSyntax } from './dicom-bytes.ts';
import { hasProgram } from './programs.ts';
import { syntheticObject, syntheticSeries, writeSyntheticObject, writeSyntheticSeries } from './synthetic-series.ts';

const folder = mkdtempSync(join(tmpdir(), 'synthetic-'));
afterAll(() => rmSync(folder, { recursive: true }));

const small = { slices: 5, rows: 32, columns: 40, spacingMm: 9, noiseHu: 10 } as const;
const syntaxes = Object.keys(TRANSFER_SYNTAX) as TransferSyntax[];
const pixelsOf = (dataset: Uint8Array) =>
  Buffer.from(dataset.subarray(dataset.length - small.rows * small.columns * 2));

describe('a synthetic series', () => {
  it('is the same bytes for the same seed, and shares no UID with another seed', () => {
    const [first, again, other] = [
      syntheticSeries(small),
      syntheticSeries(small),
      syntheticSeries({ ...small, seed: 2 }),
    ];
    expect(again).toEqual(first);
    const uids = (s: typeof first) => [s.StudyInstanceUID, ...s.instances.map((i) => i.SOPInstanceUID)];
    expect(uids(other).filter((uid) => uids(first).includes(uid))).toEqual([]);
  });

  it('leaves out the missing slice and repeats the duplicate under another UID', () => {
    const { instances } = syntheticSeries({ ...small, missingSlice: 2, duplicateSlice: 0 });
    const position = (i: number) => instances[i]?.elements.find(([tag]) => tag === 0x00200032)?.[2];
    expect(instances).toHaveLength(5);
    expect(position(4)).toBe(position(0));
    expect(instances[4]?.SOPInstanceUID).not.toBe(instances[0]?.SOPInstanceUID);
  });

  it('keeps its UIDs and changes its pixels when only the content differs', () => {
    const [a] = syntheticSeries(small).instances;
    const [b] = syntheticSeries({ ...small, pixelOffsetHu: 7 }).instances;
    expect(b?.SOPInstanceUID).toBe(a?.SOPInstanceUID);
    expect(b?.dataset).not.toEqual(a?.dataset);
  });

  it('has a nodule where it says: 40 HU at its centre, lung around it', () => {
    const { instances, nodules } = syntheticSeries({ slices: 3, rows: 101, columns: 101, spacingMm: 3 });
    const words = new Int16Array(pixelsCopy(instances[1]?.dataset, 101 * 101));
    const hu = (x: number, y: number) => (words[(y / 3 + 50) * 101 + x / 3 + 50] ?? 0) - 1024;
    const x = Math.round((nodules[1]?.center[0] ?? 0) / 3) * 3;
    expect([hu(x, 0), hu(x, 24), hu(0, 0), hu(-150, -150)]).toEqual([40, -850, 40, -1000]);
  });
});

describe.skipIf(!hasProgram('dcmconv') || !hasProgram('dcmdrle'))('read by dcmtk (dcmconv, dcmdrle)', () => {
  it.each(syntaxes)('%s holds the same pixels as explicit little endian', (transferSyntax) => {
    const series = writeSyntheticSeries(join(folder, transferSyntax), { ...small, transferSyntax });
    const plain = join(folder, `${transferSyntax}.dcm`);
    execFileSync(transferSyntax === 'rle' ? 'dcmdrle' : 'dcmconv', ['+te', series.files[3] ?? '', plain]);
    const expected = syntheticSeries(small).instances[3]?.dataset ?? new Uint8Array();
    expect(pixelsOf(readFileSync(plain))).toEqual(pixelsOf(expected));
  });
});

describe.skipIf(!hasProgram('dciodvfy'))('judged by dciodvfy', () => {
  // Debian's dciodvfy cannot inflate.
  it.each(syntaxes.filter((s) => s !== 'deflated'))('an image in %s has no error', (transferSyntax) => {
    const { files } = writeSyntheticSeries(join(folder, 'judged', transferSyntax), { ...small, transferSyntax });
    expect(errorsOf(files[0] ?? '')).toEqual([]);
  });

  it.each(['localizer', 'sr', 'pdf'] as const)('%s has no error', (kind) => {
    const path = join(folder, `${kind}.dcm`);
    writeSyntheticObject(path, kind);
    expect(errorsOf(path)).toEqual([]);
    expect(syntheticObject(kind).SOPInstanceUID).not.toBe(syntheticObject(kind, { seed: 2 }).SOPInstanceUID);
  });
});

function pixelsCopy(dataset: Uint8Array | undefined, count: number): ArrayBuffer {
  return Uint8Array.from(dataset?.subarray(dataset.length - count * 2) ?? []).buffer;
}

function errorsOf(path: string): string[] {
  const said = execFileSync('sh', ['-c', 'dciodvfy "$1" 2>&1 || true', 'sh', path], { encoding: 'utf8' });
  return said.split('\n').filter((line) => line.includes('Error'));
}
