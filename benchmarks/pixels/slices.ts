import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { openImage } from '../../services/dicom/dataset/read-file.ts';
import { decodeFrame } from '../../services/dicom/pixel/codecs.ts';
import { readFrame } from '../../services/dicom/pixel/frames.ts';
import { type PixelInfo, pixelInfo } from '../../services/dicom/pixel/pixel-info.ts';
import { element } from '../../test/dicom/dataset/dataset-bytes.ts';
import { encoded } from '../../test/dicom/pixel/encoders.ts';
import { bytesOf, CT_16, writeImage } from '../../test/dicom/pixel/image-file.ts';
import { recompressed } from '../../test/dicom/pixel/recompress.ts';
import { writeSyntheticSeries } from '../../test/support/synthetic-series.ts';

/** Noise that makes a slice as large in JPEG-LS as those the goals were set on, and as those of a real chest: 165 KB. */
const SIZE = { slices: 19, rows: 512, columns: 512, spacingMm: 0.7, sliceSpacingMm: 2.5, noiseHu: 10 };

export interface SyntaxSlices {
  readonly name: string;
  /** How long a slice may take, as a share of GDCM's time or in milliseconds. */
  readonly goal: string;
  readonly isReadByGdcm: boolean;
  readonly folder: string;
  readonly bytesPerSlice: number;
}

interface Candidate {
  readonly name: string;
  readonly goal: string;
  readonly write: (file: string, target: string) => Promise<void> | void;
}

/** The quality of baseline is the one that makes 50 KB of a slice. */
// biome-ignore format: a table
const CANDIDATES: readonly Candidate[] = [
  { name: 'JPEG Lossless SV1 .70', goal: '<= 1.2x',   write: dcmtk('dcmcjpeg', '+e1') },
  { name: 'JPEG Lossless SV4 .57', goal: '<= 1.2x',   write: dcmtk('dcmcjpeg', '+el', '+sv', '4') },
  { name: 'JPEG-LS .80',           goal: '<= 0.65x',  write: dcmtk('dcmcjpls') },
  { name: 'RLE',                   goal: '<= 0.2x',   write: dcmtk('dcmcrle') },
  { name: 'JPEG baseline .50',     goal: '<= 0.8x',   write: dcmtk('dcmcjpeg', '+eb', '+q', '97') },
  { name: 'JPEG extended .51',     goal: '–',         write: dcmtk('dcmcjpeg', '+ee') },
  { name: 'JPEG 2000 .90',         goal: '<= 1.7x',   write: codec('4.90', 'j2k') },
  { name: 'HTJ2K .201',            goal: '<= 2.5 ms', write: codec('4.201', 'htj2k') },
  { name: 'JPEG XL .110',          goal: '–',         write: codec('4.110', 'jxl') },
];
/** GDCM 3 has neither. */
const NOT_BY_GDCM = /HTJ2K|JPEG XL/;

/** Writes chest slices of 512 x 512 with noise, 12 bits in 16, in each syntax: one folder each below `root`. */
export async function writeSlices(root: string): Promise<readonly SyntaxSlices[]> {
  const plain = await twelveBits(join(root, 'plain'));
  const written: SyntaxSlices[] = [];
  for (const { name, goal, write } of CANDIDATES) {
    const folder = join(root, name);
    mkdirSync(folder);
    for (const file of plain) await write(file, join(folder, basename(file)));
    const bytes = readdirSync(folder).map((file) => statSync(join(folder, file)).size);
    const bytesPerSlice = Math.round(bytes.reduce((sum, size) => sum + size, 0) / bytes.length);
    written.push({ name, goal, folder, bytesPerSlice, isReadByGdcm: !NOT_BY_GDCM.test(name) });
  }
  return written;
}

/** Hounsfield units from -1024 as 12 bits without a sign, the common CT. */
async function twelveBits(folder: string): Promise<readonly string[]> {
  const { files } = writeSyntheticSeries(join(folder, 'signed'), SIZE);
  const written: string[] = [];
  for (const [at, file] of files.entries()) {
    const image = await openImage(file);
    const hu = await decodeFrame(await readFrame(image, 0), pixelInfo(image.dataset, image.meta.TransferSyntaxUID));
    await image.close();
    const stored = Uint16Array.from(hu, (value) => Math.min(4095, Math.max(0, value + 1024)));
    const target = join(folder, `${String(at).padStart(2, '0')}.dcm`);
    const attributes = { ...CT_16, Rows: SIZE.rows, Columns: SIZE.columns };
    written.push(writeImage(target, attributes, element(0x7fe00010, 'OW', bytesOf(stored))));
  }
  return written;
}

function dcmtk(program: string, ...options: string[]) {
  return (file: string, target: string) => void execFileSync(program, [...options, file, target]);
}

function codec(syntax: string, family: 'j2k' | 'htj2k' | 'jxl') {
  const encode = (samples: Uint8Array, { columns: width, rows: height, bitsStored: bits }: PixelInfo) =>
    encoded(family, { samples, width, height, bits, signed: false, components: 1 });
  return (file: string, target: string) => recompressed(file, target, syntax, encode);
}

/** The frame of each file of a folder, as it was sent, and what describes it. */
export async function framesIn(folder: string): Promise<readonly { frame: Uint8Array; info: PixelInfo }[]> {
  const frames: { frame: Uint8Array; info: PixelInfo }[] = [];
  for (const name of readdirSync(folder).sort()) {
    const image = await openImage(join(folder, name));
    frames.push({ frame: await readFrame(image, 0), info: pixelInfo(image.dataset, image.meta.TransferSyntaxUID) });
    await image.close();
  }
  return frames;
}
