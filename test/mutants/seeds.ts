import { execFileSync } from 'node:child_process';
import { globSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import type { PixelInfo } from '../../services/dicom/pixel/pixel-info.ts';
import { encoded } from '../dicom/pixel/encoders.ts';
import { recompressed } from '../dicom/pixel/recompress.ts';
import { TRANSFER_SYNTAX, type TransferSyntax } from '../support/dicom-bytes.ts';
import { hasProgram, hasSharedData, SHARED_DATA } from '../support/programs.ts';
import { type SyntheticInstance, syntheticSeries } from '../support/synthetic-series.ts';

const OPTIONS = { slices: 1, rows: 40, columns: 32, noiseHu: 30 } as const;

type Encode = (frame: Uint8Array, info: PixelInfo) => Promise<Uint8Array> | Uint8Array;

const codec =
  (family: 'j2k' | 'htj2k' | 'jxl'): Encode =>
  (frame, { columns: width, rows: height, signed }) =>
    encoded(family, { samples: frame, width, height, bits: 16, signed: signed && family !== 'jxl', components: 1 });

// biome-ignore format: a table
const RECODED: Readonly<Record<string, Encode>> = {
  '1.98': (frame) => frame,    '8.1':   (frame) => deflateRawSync(frame),
  '4.90': codec('j2k'),        '4.201': codec('htj2k'),                   '4.110': codec('jxl'),
};
// biome-ignore format: a table
const BY_DCMTK: readonly (readonly string[])[] = [
  ['dcmcrle'], ['dcmcjpls'], ['dcmcjpeg', '+e1'], ['dcmcjpeg', '+el'],
];

/** Files to mutate: our own in every syntax that can be written here, and the real and odd ones beside the checkout. */
export async function seedFiles(folder: string): Promise<readonly string[]> {
  const written = await ownFiles(folder);
  const real = hasSharedData
    ? globSync(`${SHARED_DATA}/{corpus,sr}/**/*`).filter((file) => statSync(file).isFile())
    : [];
  return [...written, ...real.toSorted()];
}

async function ownFiles(folder: string): Promise<string[]> {
  const plain = join(folder, 'explicit.dcm');
  const written = (Object.keys(TRANSFER_SYNTAX) as TransferSyntax[]).map((transferSyntax) => {
    const file = join(folder, `${transferSyntax}.dcm`);
    writeFileSync(file, instanceOf(transferSyntax).file);
    return file;
  });
  for (const [syntax, encode] of Object.entries(RECODED)) {
    const file = join(folder, `${syntax}.dcm`);
    await recompressed(plain, file, syntax, encode);
    written.push(file);
  }
  for (const [program = '', ...options] of hasProgram('dcmcjpeg') ? BY_DCMTK : []) {
    const file = join(folder, `${program}${options.join('')}.dcm`);
    execFileSync(program, [...options, plain, file]);
    written.push(file);
  }
  return written;
}

function instanceOf(transferSyntax: TransferSyntax): SyntheticInstance {
  const [instance] = syntheticSeries({ ...OPTIONS, transferSyntax, seed: `mutant ${transferSyntax}` }).instances;
  if (instance === undefined) throw new Error('no instance');
  return instance;
}

/** Reads each file once. */
export function seedReader(files: readonly string[]): (at: number) => Buffer {
  const read = new Map<number, Buffer>();
  return (at) => {
    const index = at % files.length;
    const known = read.get(index) ?? readFileSync(files[index] ?? '');
    read.set(index, known);
    return known;
  };
}
