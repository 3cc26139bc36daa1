import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { openImage } from '../../services/dicom/dataset/read-file.ts';
import { decodeFrame } from '../../services/dicom/pixel/codecs.ts';
import { readFrame } from '../../services/dicom/pixel/frames.ts';
import { type PixelInfo, pixelInfo } from '../../services/dicom/pixel/pixel-info.ts';
import { encoded } from '../../test/dicom/pixel/encoders.ts';
import { recompressed } from '../../test/dicom/pixel/recompress.ts';
import { writeSyntheticSeries } from '../../test/support/synthetic-series.ts';

const SLICES = 19;
const ROUNDS = 5;
const SIZE = { slices: SLICES, rows: 512, columns: 512, spacingMm: 0.7, sliceSpacingMm: 2.5, noiseHu: 30 };

/** How long a slice may take, as a share of GDCM's time. GDCM 3 has no HTJ2K and no JPEG XL. */
// biome-ignore format: a table
const CANDIDATES: readonly (readonly [name: string, goal: string, write: (files: readonly string[], folder: string) => Promise<void> | void])[] = [
  ['JPEG Lossless SV1 .70',  '<= 1.2x',   dcmtk('dcmcjpeg', '+e1')],
  ['JPEG Lossless SV4 .57',  '<= 1.2x',   dcmtk('dcmcjpeg', '+el', '+sv', '4')],
  ['JPEG-LS .80',            '<= 0.65x',  dcmtk('dcmcjpls')],
  ['RLE',                    '<= 0.2x',   dcmtk('dcmcrle')],
  ['JPEG baseline .50',      '<= 0.8x',   dcmtk('dcmcjpeg', '+eb')],
  ['JPEG extended .51',      '–',         dcmtk('dcmcjpeg', '+ee')],
  ['JPEG 2000 .90',          '<= 1.7x',   codec('4.90', 'j2k')],
  ['HTJ2K .201',             '<= 2.5 ms', codec('4.201', 'htj2k')],
  ['JPEG XL .110',           '–',         codec('4.110', 'jxl')],
];
const NOT_BY_GDCM = /HTJ2K|JPEG XL/;

/**
 * Milliseconds to decode a slice of 512 x 512 x 16 bits in one thread, ours and GDCM's in turn, of the same files.
 * `python` has GDCM: see test/dicom/pixel/reference/make.py.
 */
export async function decode(python = 'python3'): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'overread-bench-'));
  try {
    const { files } = writeSyntheticSeries(join(root, 'plain'), SIZE);
    const folders: string[] = [];
    for (const [name, , write] of CANDIDATES) {
      const folder = join(root, name);
      mkdirSync(folder);
      await write(files, folder);
      folders.push(folder);
    }
    const ours = new Map<string, number[]>();
    const theirs = new Map<string, number[]>();
    const byGdcm = folders.filter((folder) => !NOT_BY_GDCM.test(folder));
    for (let round = 0; round < ROUNDS; round++) {
      for (const folder of folders) add(ours, folder, await ourTimes(folder));
      const answer = execFileSync(python, [join(import.meta.dirname, 'gdcm-decode.py'), ...byGdcm], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      for (const [folder, times] of Object.entries<number[]>(JSON.parse(answer.toString()))) add(theirs, folder, times);
    }
    report(folders, ours, theirs);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

async function ourTimes(folder: string): Promise<number[]> {
  const times: number[] = [];
  for (const name of readdirSync(folder).sort()) {
    const image = await openImage(join(folder, name));
    const info = pixelInfo(image.dataset, image.meta.TransferSyntaxUID);
    const frame = await readFrame(image, 0);
    const started = performance.now();
    await decodeFrame(frame, info);
    times.push(performance.now() - started);
    await image.close();
  }
  return times;
}

function add(all: Map<string, number[]>, folder: string, times: readonly number[]): void {
  all.set(folder, [...(all.get(folder) ?? []), ...times]);
}

function report(folders: readonly string[], ours: Map<string, number[]>, theirs: Map<string, number[]>): void {
  console.log(`${SLICES} slices, ${ROUNDS} rounds in turn; ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}`);
  console.log('\n| syntax | ours, ms: median / min | GDCM, ms: median / min | ratio of medians / of minima | goal |');
  console.log('|---|--:|--:|--:|---|');
  for (const [at, folder] of folders.entries()) {
    const [own, gdcm] = [summary(ours.get(folder)), summary(theirs.get(folder))];
    const shown = ({ median, min }: { median: number; min: number }) => `${median.toFixed(2)} / ${min.toFixed(2)}`;
    const other = theirs.has(folder) ? shown(gdcm) : 'cannot';
    const ratio = theirs.has(folder)
      ? `${(own.median / gdcm.median).toFixed(2)}x / ${(own.min / gdcm.min).toFixed(2)}x`
      : '–';
    console.log(`| ${basename(folder)} | ${shown(own)} | ${other} | ${ratio} | ${CANDIDATES[at]?.[1]} |`);
  }
}

function summary(times: readonly number[] = []): { median: number; min: number } {
  const sorted = times.toSorted((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)] ?? 0, min: sorted[0] ?? 0 };
}

function dcmtk(program: string, ...options: string[]) {
  return (files: readonly string[], folder: string) => {
    for (const file of files) execFileSync(program, [...options, file, join(folder, basename(file))]);
  };
}

function codec(syntax: string, family: 'j2k' | 'htj2k' | 'jxl') {
  const encode = (samples: Uint8Array, { columns: width, rows: height, signed }: PixelInfo) =>
    encoded(family, { samples, width, height, bits: 16, signed: signed && family !== 'jxl', components: 1 });
  return async (files: readonly string[], folder: string) => {
    for (const file of files) await recompressed(file, join(folder, basename(file)), syntax, encode);
  };
}
