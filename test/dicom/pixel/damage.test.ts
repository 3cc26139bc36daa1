import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decodeFrame, type PixelInfo } from '../../../services/dicom/pixel/codecs.ts';
import { AppError } from '../../../services/domain/errors.ts';
import { hasProgram } from '../../support/programs.ts';
import { workMeter } from '../../support/work-meter.ts';
import { element } from '../dataset/dataset-bytes.ts';
import { encoded, type Picture } from './encoders.ts';
import { bytesOf, CT_16, rawFrame, synthetic, testFolder, writeImage } from './image-file.ts';
import { PROOFS } from './proofs.ts';

const [columns, rows] = [48, 64];
const count = columns * rows;
const UID = '1.2.840.10008.1.2.';
const INFO: PixelInfo = {
  rows,
  columns,
  samplesPerPixel: 1,
  bitsAllocated: 16,
  bitsStored: 12,
  highBit: 11,
  signed: false,
  planar: false,
  photometric: 'MONOCHROME2',
  transferSyntaxUID: '',
};
const pixels = synthetic(count, 12);
/** Another image of the same size: what a decoder must never hand out in place of the first. */
const others = pixels.map((value) => 4095 - value);
const picture = (samples: Uint16Array): Picture => ({
  samples,
  width: columns,
  height: rows,
  bits: 12,
  signed: false,
  components: 1,
});
const folder = testFolder();

interface Case {
  /** Writes the frame; our own encoder where there is none. */
  readonly program?: string;
  readonly syntax: string;
  readonly isLossy?: boolean;
  readonly frameOf: (samples: Uint16Array) => Promise<{ bytes: Uint8Array; info: PixelInfo }>;
}

const withCodec =
  (syntax: string, encode: (samples: Uint16Array) => Promise<Uint8Array> | Uint8Array) =>
  async (samples: Uint16Array) => ({
    bytes: await encode(samples),
    info: { ...INFO, transferSyntaxUID: `${UID}${syntax}` },
  });

const withDcmtk =
  (program: string) =>
  (bits: 8 | 12, ...options: string[]) =>
  async (samples: Uint16Array) => {
    const source = join(folder, 'source.dcm');
    const target = join(folder, 'encoded.dcm');
    const attributes = bits === 8 ? { ...CT_16, BitsAllocated: 8, BitsStored: 8, HighBit: 7 } : CT_16;
    const values = bits === 8 ? Uint8Array.from(samples, (value) => value >> 4) : samples;
    writeImage(source, attributes, element(0x7fe00010, bits === 8 ? 'OB' : 'OW', bytesOf(values)));
    execFileSync(program, [...options, source, target]);
    return rawFrame(target);
  };
const withDcmcjpeg = withDcmtk('dcmcjpeg');

/** JPEG XL that a JPEG baseline frame can be had back from (PS3.5 §A.4.11). */
async function recompressed(samples: Uint16Array) {
  const { bytes, info } = await withDcmcjpeg(8, '+eb')(samples);
  const [jpeg, jxl] = [join(folder, 'frame.jpg'), join(folder, 'frame.jxl')];
  writeFileSync(jpeg, bytes);
  execFileSync('cjxl', ['--quiet', '--lossless_jpeg=1', jpeg, jxl]);
  return { bytes: new Uint8Array(readFileSync(jxl)), info: { ...info, transferSyntaxUID: `${UID}4.111` } };
}

/** What a program of its library writes of a PGM, whose samples of two bytes are big endian. */
async function ofPgm(samples: Uint16Array, bits: number, ending: string, ...command: readonly [string, ...string[]]) {
  const [pgm, target] = [join(folder, 'frame.pgm'), join(folder, `frame.${ending}`)];
  const header = Buffer.from(`P5\n${columns} ${rows}\n${2 ** bits - 1}\n`);
  writeFileSync(pgm, Buffer.concat([header, Buffer.from(bytesOf(samples)).swap16()]));
  const [program, ...options] = command.map((word) => (word === 'PGM' ? pgm : word === 'TARGET' ? target : word));
  execFileSync(program ?? '', options);
  return new Uint8Array(readFileSync(target));
}

/** Irreversible, at a quarter of the size. */
const lossyJpeg2000 = (samples: Uint16Array) =>
  ofPgm(samples, 12, 'j2k', 'opj_compress', '-I', '-r', '4', '-i', 'PGM', '-o', 'TARGET');

/** Of 16 bits: cjxl 0.7 takes 12 for the lowest of 16, and loses four of them. */
const lossyJpegXl = async (samples: Uint16Array) => ({
  bytes: await ofPgm(
    samples.map((value) => value << 4),
    16,
    'jxl',
    'cjxl',
    '--quiet',
    '-d',
    '1',
    'PGM',
    'TARGET',
  ),
  info: { ...INFO, bitsStored: 16, highBit: 15, transferSyntaxUID: `${UID}4.112` },
});

const OURS: [string, Case][] = [
  ['JPEG 2000', { syntax: '4.90', frameOf: withCodec('4.90', (samples) => encoded('j2k', picture(samples))) }],
  ['HTJ2K', { syntax: '4.201', frameOf: withCodec('4.201', (samples) => encoded('htj2k', picture(samples))) }],
  ['JPEG XL', { syntax: '4.110', frameOf: withCodec('4.110', (samples) => encoded('jxl', picture(samples))) }],
  [
    'HTJ2K, RPCL',
    { syntax: '4.202', frameOf: withCodec('4.202', (samples) => encoded('htj2k', picture(samples), true)) },
  ],
  [
    'HTJ2K with loss',
    {
      syntax: '4.203',
      isLossy: true,
      frameOf: withCodec('4.203', (samples) => encoded('htj2k', picture(samples), false, 0.001)),
    },
  ],
  ['JPEG 2000 part 2', { syntax: '4.92', frameOf: withCodec('4.92', (samples) => encoded('j2k', picture(samples))) }],
  ['deflated', { syntax: '8.1', frameOf: withCodec('8.1', (samples) => deflateRawSync(bytesOf(samples))) }],
];
const PROGRAMS: [string, Case][] = [
  ['JPEG baseline', { program: 'dcmcjpeg', syntax: '4.50', isLossy: true, frameOf: withDcmcjpeg(8, '+eb') }],
  ['JPEG extended, 12 bits', { program: 'dcmcjpeg', syntax: '4.51', isLossy: true, frameOf: withDcmcjpeg(12, '+ee') }],
  ['JPEG spectral selection', { program: 'dcmcjpeg', syntax: '4.53', isLossy: true, frameOf: withDcmcjpeg(8, '+es') }],
  [
    'JPEG spectral selection, 12 bits',
    { program: 'dcmcjpeg', syntax: '4.53', isLossy: true, frameOf: withDcmcjpeg(12, '+es') },
  ],
  ['progressive JPEG', { program: 'dcmcjpeg', syntax: '4.55', isLossy: true, frameOf: withDcmcjpeg(8, '+ep') }],
  [
    'progressive JPEG, 12 bits',
    { program: 'dcmcjpeg', syntax: '4.55', isLossy: true, frameOf: withDcmcjpeg(12, '+ep') },
  ],
  ['JPEG lossless, predictor 4', { program: 'dcmcjpeg', syntax: '4.57', frameOf: withDcmcjpeg(12, '+el', '+sv', '4') }],
  ['JPEG lossless SV1', { program: 'dcmcjpeg', syntax: '4.70', frameOf: withDcmcjpeg(12, '+e1') }],
  [
    'JPEG-LS near-lossless',
    { program: 'dcmcjpls', syntax: '4.81', isLossy: true, frameOf: withDcmtk('dcmcjpls')(12, '+en', '+md', '3') },
  ],
  [
    'JPEG 2000 with loss',
    { program: 'opj_compress', syntax: '4.91', isLossy: true, frameOf: withCodec('4.91', lossyJpeg2000) },
  ],
  [
    'JPEG 2000 part 2 with loss',
    { program: 'opj_compress', syntax: '4.93', isLossy: true, frameOf: withCodec('4.93', lossyJpeg2000) },
  ],
  ['JPEG XL of a JPEG', { program: 'cjxl', syntax: '4.111', isLossy: true, frameOf: recompressed }],
  ['JPEG XL with loss', { program: 'cjxl', syntax: '4.112', isLossy: true, frameOf: lossyJpegXl }],
];

it('has a row for each syntax that the documentation names as proven here', () => {
  const proven = Object.entries(PROOFS).flatMap(([syntax, { damaged }]) => (damaged === 'damage' ? [syntax] : []));
  const tested = new Set([...OURS, ...PROGRAMS].map(([, row]) => row.syntax));
  expect([...tested].sort()).toEqual(proven.sort());
});

for (const [name, { program, syntax, isLossy, frameOf }] of [...OURS, ...PROGRAMS]) {
  const isMissing = program !== undefined && !hasProgram(program);
  describe.skipIf(isMissing)(`a frame of ${name}${program ? ` (needs ${program})` : ''}`, () => {
    const decoded = async (bytes: Uint8Array, info: PixelInfo) => Buffer.from(bytesOf(await decodeFrame(bytes, info)));

    it('has its syntax, and decodes to its pixels', async () => {
      const { bytes, info } = await frameOf(pixels);
      expect(info.transferSyntaxUID).toBe(`${UID}${syntax}`);
      const answer = await decodeFrame(bytes, info);
      if (!isLossy) expect([...answer]).toEqual([...pixels]);
      const scale = 2 ** (12 - info.bitsStored);
      const error =
        Array.from(answer).reduce((sum, value, at) => sum + Math.abs(value * scale - (pixels[at] ?? 0)), 0) / count;
      expect(error).toBeLessThan(isLossy ? 600 : 1);
    });

    it('cut anywhere is refused, and never answered with the image before', async () => {
      const [first, second] = [await frameOf(others), await frameOf(pixels)];
      const before = await decoded(first.bytes, first.info);
      const step = Math.max(1, Math.floor(second.bytes.length / 40));
      for (let length = 0; length < second.bytes.length - 4; length += step) {
        const work = workMeter();
        const outcome = await decodeFrame(second.bytes.subarray(0, length), second.info).catch(
          (error: unknown) => error,
        );
        expect(outcome, `cut at ${length} of ${second.bytes.length}`).toBeInstanceOf(AppError);
        expect(outcome).toMatchObject({ code: 'DATASET_UNREADABLE' });
        expect(work()).toBeLessThan(500);
      }
      expect((await decoded(first.bytes, first.info)).equals(before)).toBe(true);
    });

    it('with changed bytes is refused or has its own size; the next one is exact', async () => {
      const [first, second] = [await frameOf(others), await frameOf(pixels)];
      const [before, whole] = [await decoded(first.bytes, first.info), await decoded(second.bytes, second.info)];
      for (let round = 0; round < 40; round++) {
        const damaged = Uint8Array.from(second.bytes);
        for (let change = 0; change <= round % 4; change++) {
          damaged[(round * 7919 + change * 104_729) % damaged.length] = (round * 31 + change) % 256;
        }
        const outcome: unknown = await decodeFrame(damaged, second.info).catch((error: unknown) => error);
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(AppError);
        else {
          const answer = bytesOf(outcome as Uint8Array);
          expect(answer).toHaveLength(whole.length);
          expect(answer.equals(before)).toBe(false);
        }
        expect((await decoded(second.bytes, second.info)).equals(whole)).toBe(true);
        if (round % 10 === 0) expect((await decoded(first.bytes, first.info)).equals(before)).toBe(true);
      }
    });

    it('is refused as another image than the attributes describe', async () => {
      const { bytes, info } = await frameOf(pixels);
      const differing: Partial<PixelInfo>[] = [
        { rows: columns, columns: rows },
        { samplesPerPixel: 3, photometric: 'RGB' },
        ...(info.bitsAllocated === 16 ? [{ bitsAllocated: 8, bitsStored: 8, highBit: 7 }] : []),
      ];
      for (const other of syntax === '8.1' ? differing.slice(1) : differing) {
        await expect(decodeFrame(bytes, { ...info, ...other })).rejects.toMatchObject({ code: 'DATASET_UNREADABLE' });
      }
    });

    it.each([0, 7, 255])('is not made of bytes %i', async (value) => {
      const { info } = await frameOf(pixels);
      const rubbish = new Uint8Array(5_001).fill(value);
      await expect(decodeFrame(rubbish, info)).rejects.toMatchObject({ code: 'DATASET_UNREADABLE' });
    });
  });
}

it('a deflated frame that grows without end is stopped at the size of its image', async () => {
  const bomb = deflateRawSync(new Uint8Array(64 * 2 ** 20));
  const info = { ...INFO, transferSyntaxUID: `${UID}8.1` };
  await expect(decodeFrame(bomb, info)).rejects.toMatchObject({ code: 'DATASET_UNREADABLE' });
});
