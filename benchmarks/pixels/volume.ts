import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { encoded } from '../../test/dicom/pixel/encoders.ts';
import { recompressed } from '../../test/dicom/pixel/recompress.ts';
import { writeSyntheticSeries } from '../../test/support/synthetic-series.ts';
import type { VolumeTimes } from './read-one-volume.ts';

export const SLICES = 300;
const ROUNDS = 3;
const SIZE = { slices: SLICES, rows: 512, columns: 512, spacingMm: 0.7, sliceSpacingMm: 1, noiseHu: 30 };
const VOLUME_MB = (SLICES * 512 * 512 * 2) / 1e6;

/**
 * 300 slices of 512 x 512, files to HU volume, each in a process of its own: with one decoding thread, with as many as
 * there are cores, and with slices that were prepared when they arrived.
 */
export async function volume(): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'overread-volume-'));
  try {
    const folders = await writeSeries(root);
    console.log(`${SLICES} slices, volume of ${VOLUME_MB.toFixed(0)} MB, best of ${ROUNDS}; ${cpus().length} cores`);
    console.log(
      '\n| series | threads | volume, s | prepared: volume, s | peak RSS, MB | over an idle process, of the volume |',
    );
    console.log('|---|--:|--:|--:|--:|--:|');
    for (const folder of folders) for (const threads of [1, cpus().length]) await report(folder, threads);
    console.log(`\nload ${loadavg()[0]?.toFixed(1)}`);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** The same series native, in JPEG-LS and in JPEG 2000: a folder each, named so. */
export async function writeSeries(root: string): Promise<readonly string[]> {
  const [native, jpegLs, j2k] = ['native', 'JPEG-LS', 'JPEG 2000'].map((name) => join(root, name)) as [
    string,
    string,
    string,
  ];
  const { files } = writeSyntheticSeries(native, SIZE);
  for (const folder of [jpegLs, j2k]) mkdirSync(folder);
  for (const file of files) {
    execFileSync('dcmcjpls', [file, join(jpegLs, basename(file))]);
    await recompressed(file, join(j2k, basename(file)), '4.90', (samples, { columns, rows, signed }) =>
      encoded('j2k', { samples, width: columns, height: rows, bits: 16, signed, components: 1 }),
    );
  }
  return [native, jpegLs, j2k];
}

async function report(folder: string, threads: number): Promise<void> {
  const rounds: VolumeTimes[] = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(await once(folder, threads));
  const least = (value: (times: VolumeTimes) => number) => Math.min(...rounds.map(value));
  const cells = [
    basename(folder),
    threads,
    least(({ seconds }) => seconds).toFixed(2),
    least(({ preparedSeconds }) => preparedSeconds).toFixed(2),
    least(({ peakMb }) => peakMb).toFixed(0),
    `${(least(({ peakMb, idleMb }) => peakMb - idleMb) / VOLUME_MB).toFixed(2)}x`,
  ];
  console.log(`| ${cells.join(' | ')} |`);
}

async function once(folder: string, threads: number): Promise<VolumeTimes> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'read-one-volume.ts'), folder, String(threads)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(await text(child.stdout));
}
