import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { deflateRawSync } from 'node:zlib';
import type { PixelInfo } from '../../../services/dicom/pixel/pixel-info.ts';
import { type Element, part10Bytes, type TransferSyntax } from '../../support/dicom-bytes.ts';
import { encoded } from './encoders.ts';
import { recompressed } from './recompress.ts';

/** An uncompressed instance of one frame: its file in Explicit VR Little Endian, and its elements. */
interface PlainInstance {
  readonly file: string;
  readonly elements: readonly Element[];
}

/** A way to write the same 16-bit grey image without loss. */
export interface LosslessWriter {
  readonly name: string;
  /** Below 1.2.840.10008.1.2. */
  readonly syntax: string;
  /** Not ours: a program of dcmtk. */
  readonly program?: string;
  write(source: PlainInstance, target: string): Promise<void> | void;
}

type Encode = (frame: Uint8Array, info: PixelInfo) => Promise<Uint8Array> | Uint8Array;

const plain = (name: string, syntax: string, form: TransferSyntax): LosslessWriter => ({
  ...{ name, syntax },
  write: ({ elements }, target) => writeFileSync(target, part10Bytes(elements, form)),
});

const ours = (name: string, syntax: string, encode: Encode): LosslessWriter => ({
  ...{ name, syntax },
  write: ({ file }, target) => recompressed(file, target, syntax, encode),
});

const dcmtk = (name: string, syntax: string, program: string, ...options: string[]): LosslessWriter => ({
  ...{ name, syntax, program },
  write: ({ file }, target) => void execFileSync(program, [...options, file, target]),
});

const codec =
  (family: 'j2k' | 'htj2k', isRpcl = false): Encode =>
  (frame, { columns: width, rows: height, signed }) =>
    encoded(family, { samples: frame, width, height, bits: 16, signed, components: 1 }, isRpcl);

/** JPEG XL has no sign: 16 bits go through it as they are. */
const jpegXl: Encode = (frame, { columns: width, rows: height }) =>
  encoded('jxl', { samples: frame, width, height, bits: 16, signed: false, components: 1 });

export const LOSSLESS: readonly LosslessWriter[] = [
  plain('Implicit VR Little Endian', '', 'implicit'),
  plain('Explicit VR Big Endian', '2', 'big-endian'),
  plain('Deflated Explicit VR Little Endian', '1.99', 'deflated'),
  ours('Encapsulated Uncompressed', '1.98', (frame) => frame),
  ours('Deflated Image Frame', '8.1', (frame) => deflateRawSync(frame)),
  ours('JPEG 2000 Lossless', '4.90', codec('j2k')),
  ours('HTJ2K Lossless', '4.201', codec('htj2k')),
  ours('HTJ2K Lossless RPCL', '4.202', codec('htj2k', true)),
  ours('JPEG XL Lossless', '4.110', jpegXl),
  dcmtk('RLE Lossless', '5', 'dcmcrle'),
  dcmtk('JPEG-LS Lossless', '4.80', 'dcmcjpls'),
  dcmtk('JPEG Lossless SV1', '4.70', 'dcmcjpeg', '+e1'),
  ...[1, 2, 3, 4, 5, 6, 7].map((predictor) =>
    dcmtk(`JPEG Lossless, predictor ${predictor}`, '4.57', 'dcmcjpeg', '+el', '+sv', String(predictor)),
  ),
];
