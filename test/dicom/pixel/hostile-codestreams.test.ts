import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PixelInfo } from '../../../services/dicom/pixel/codecs.ts';
import { hasProgram } from '../../support/programs.ts';
import { element } from '../dataset/dataset-bytes.ts';
import { encoded } from './encoders.ts';
import { bytesOf, CT_16, rawFrame, synthetic, testFolder, writeImage } from './image-file.ts';

/** What no stream may take of a core, in a child that is killed after ten times as long on the clock. */
const MAX_CPU_MS = 5_000;
const MAX_RESIDENT_BYTES = 2.5 * 2 ** 30;
const [columns, rows] = [64, 48];
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
/** As much as is decoded at all: 16 bits of 11 585 x 11 585 are 256 MiB. */
const HUGE = { rows: 11_585, columns: 11_585 };
/** As much as is decoded of JPEG 2000. */
const LARGE = { rows: 5_792, columns: 5_792 };
const pixels = synthetic(rows * columns, 12);
const folder = testFolder();

interface Answer {
  readonly samples?: number;
  readonly error?: string;
  readonly cpuMs: number;
  readonly residentBytes: number;
}

let child: ChildProcess;
beforeAll(() => {
  child = fork(join(import.meta.dirname, 'entries/decode-child.ts'), { serialization: 'advanced' });
});
afterAll(() => void child.kill('SIGKILL'));

function answered(frame: Uint8Array, info: PixelInfo): Promise<Answer> {
  return new Promise((resolve, reject) => {
    child.once('message', (answer) => resolve(answer as Answer));
    child.once('exit', (code, signal) => reject(new Error(`the child ended: ${code ?? signal}`)));
    child.send({ frame, info });
  });
}

/** Refused with an AppError, or decoded to exactly its samples; soon, and in bounded memory. */
async function endsSoon(frame: Uint8Array, info: PixelInfo, refusal?: string): Promise<void> {
  const { samples, error, cpuMs, residentBytes } = await answered(frame, info);
  expect(error ?? '').not.toContain('bug: ');
  if (refusal !== undefined) expect(error).toContain(refusal);
  else if (error === undefined) expect(samples).toBe(info.rows * info.columns * info.samplesPerPixel);
  expect(cpuMs).toBeLessThan(MAX_CPU_MS);
  expect(residentBytes).toBeLessThan(MAX_RESIDENT_BYTES);
}

const copyWith = (bytes: Uint8Array, change: (view: DataView) => void): Uint8Array => {
  const copy = Uint8Array.from(bytes);
  change(new DataView(copy.buffer));
  return copy;
};
/** Where a marker of two bytes stands. */
const placeOf = (bytes: Uint8Array, marker: number): number =>
  bytes.findIndex((byte, at) => byte === marker >> 8 && bytes[at + 1] === (marker & 0xff));
const inserted = (bytes: Uint8Array, at: number, ...parts: readonly Uint8Array[]): Uint8Array =>
  new Uint8Array(Buffer.concat([bytes.subarray(0, at), ...parts, bytes.subarray(at)]));

describe.each([
  ['JPEG 2000', 'j2k', '4.90'],
  ['HTJ2K', 'htj2k', '4.201'],
] as const)('%s', (_name, family, syntax) => {
  const info = { ...INFO, transferSyntaxUID: `${UID}${syntax}` };
  const frame = encoded(family, {
    samples: pixels,
    width: columns,
    height: rows,
    bits: 12,
    signed: false,
    components: 1,
  });
  const SIZ = 2;
  const sized = (bytes: Uint8Array, size: number) =>
    copyWith(bytes, (view) => [8, 12, 24, 28].map((at) => view.setUint32(at, size)));
  /** COD with precincts of one pixel at each of `levels` + 1 resolutions, in as many layers as there can be. */
  const precincts = (bytes: Uint8Array, levels: number) => {
    const at = placeOf(bytes, 0xff52);
    const length = (bytes[at + 2] ?? 0) * 256 + (bytes[at + 3] ?? 0);
    const style = [0xff, 0x52, 0, 13 + levels, 1, 0, 0xff, 0xff, 0, levels, ...bytes.subarray(at + 10, at + 14)];
    const rest = bytes.subarray(at + 2 + length);
    return new Uint8Array(
      Buffer.concat([bytes.subarray(0, at), Uint8Array.from([...style, ...Array(levels + 1).fill(0)]), rest]),
    );
  };

  it.each<[string, (bytes: Uint8Array) => Uint8Array, Partial<PixelInfo>, string | undefined]>([
    [
      'tiles of one pixel',
      (bytes) => copyWith(bytes, (view) => [24, 28].map((at) => view.setUint32(at, 1))),
      {},
      'claims 3072 tiles',
    ],
    ['tiles of no size', (bytes) => copyWith(bytes, (view) => view.setUint32(24, 0)), {}, 'tiles of no size'],
    ['precincts of one pixel in 65535 layers', (bytes) => precincts(bytes, 5), {}, 'packets'],
    [
      '32 decompositions',
      (bytes) => copyWith(bytes, (view) => view.setUint8(placeOf(bytes, 0xff52) + 9, 32)),
      {},
      undefined,
    ],
    [
      '255 decompositions',
      (bytes) => copyWith(bytes, (view) => view.setUint8(placeOf(bytes, 0xff52) + 9, 255)),
      {},
      undefined,
    ],
    [
      '65535 layers',
      (bytes) => copyWith(bytes, (view) => view.setUint16(placeOf(bytes, 0xff52) + 6, 0xffff)),
      {},
      'packets',
    ],
    ['16384 components', (bytes) => copyWith(bytes, (view) => view.setUint16(40, 16_384)), {}, 'size marker is cut'],
    ['an image of 256 MiB in 5 KB', (bytes) => sized(bytes, HUGE.rows), HUGE, 'bytes cannot hold a frame of'],
    ['an image of 256 MiB in 27 KB', (bytes) => padded(sized(bytes, HUGE.rows)), HUGE, 'a JPEG 2000 frame of'],
    ['an image of 64 MiB in 27 KB', (bytes) => padded(sized(bytes, LARGE.rows)), LARGE, undefined],
    [
      'code-blocks of 1024 x 1024',
      (bytes) => copyWith(bytes, (view) => view.setUint16(placeOf(bytes, 0xff52) + 10, 0x0808)),
      {},
      undefined,
    ],
    [
      'the transformation of Part 2',
      (bytes) => copyWith(bytes, (view) => view.setUint8(placeOf(bytes, 0xff52) + 8, 2)),
      {},
      'multiple component transformation',
    ],
    [
      'a matrix of Part 2',
      (bytes) => inserted(bytes, placeOf(bytes, 0xff52), Uint8Array.of(0xff, 0x74, 0, 4, 0, 0)),
      {},
      'multiple component transformation',
    ],
  ])('%s', async (_what, change, differing, refusal) => {
    const bytes = await frame;
    expect(placeOf(bytes, 0xff51)).toBe(SIZ);
    await endsSoon(change(bytes), { ...info, ...differing }, refusal);
  });

  it('is still decoded by the same child', async () => {
    expect(await answered(await frame, info)).toMatchObject({ samples: rows * columns });
  });
});

/** A comment marker of 22 KB, so that the size of the frame allows any image. */
function padded(codestream: Uint8Array): Uint8Array {
  const comment = new Uint8Array(22_004);
  comment.set([0xff, 0x64, 22_002 >> 8, 22_002 & 0xff, 0, 1]);
  return inserted(codestream, placeOf(codestream, 0xff52), comment);
}

describe('JPEG XL', () => {
  const info = { ...INFO, transferSyntaxUID: `${UID}4.110` };
  const frame = encoded('jxl', {
    samples: pixels,
    width: columns,
    height: rows,
    bits: 12,
    signed: false,
    components: 1,
  });

  it('an image that is not the size of its attributes, huge or not, is refused', async () => {
    await endsSoon(await frame, { ...info, ...HUGE }, 'bytes cannot hold a frame of');
    await endsSoon(await frame, { ...info, rows: 100 }, 'the attributes say 64 x 100');
  });

  it('with changed bytes in its headers ends soon', async () => {
    const bytes = await frame;
    for (let at = 2; at < 32; at++) {
      for (const value of [0xff, (bytes[at] ?? 0) ^ 0x55]) {
        await endsSoon(
          copyWith(bytes, (view) => view.setUint8(at, value)),
          info,
        );
      }
    }
  });
});

describe('a deflated frame', () => {
  it('that grows beyond its image is refused', async () => {
    const bomb = deflateRawSync(new Uint8Array(65 * 2 ** 20));
    await endsSoon(bomb, { ...INFO, ...LARGE, transferSyntaxUID: `${UID}8.1` }, 'holds more than');
  });
});

describe('RLE', () => {
  it('of 256 MiB in runs is decoded, or refused when it is too small', async () => {
    const info = { ...INFO, ...HUGE, transferSyntaxUID: `${UID}5` };
    await endsSoon(new Uint8Array(3_000_000).fill(0x81), info, 'RLE segments');
  });
});

describe.skipIf(!hasProgram('dcmcjpeg'))('JPEG and JPEG-LS written by dcmtk', () => {
  const written = async (bits: 8 | 12, program: string, ...options: string[]) => {
    const [source, target] = [join(folder, 'source.dcm'), join(folder, 'target.dcm')];
    const attributes = bits === 8 ? { ...CT_16, BitsAllocated: 8, BitsStored: 8, HighBit: 7 } : CT_16;
    const values = bits === 8 ? Uint8Array.from(pixels, (value) => value >> 4) : pixels;
    const image = { ...attributes, Rows: rows, Columns: columns };
    writeImage(source, image, element(0x7fe00010, bits === 8 ? 'OB' : 'OW', bytesOf(values)));
    execFileSync(program, [...options, source, target]);
    return rawFrame(target);
  };
  const sized = (bytes: Uint8Array, frameHeader: number) =>
    copyWith(bytes, (view) => {
      view.setUint16(placeOf(bytes, frameHeader) + 5, HUGE.rows);
      view.setUint16(placeOf(bytes, frameHeader) + 7, HUGE.columns);
    });
  /** Cut at `share` of its length, and ended as if it were whole. */
  const cut = (bytes: Uint8Array, share: number) => {
    const kept = Uint8Array.from(bytes.subarray(0, Math.floor(bytes.length * share)));
    if (kept.at(-1) === 0xff) kept[kept.length - 1] = 0xfe;
    return new Uint8Array(Buffer.concat([kept, Uint8Array.of(0xff, 0xd9)]));
  };
  // biome-ignore format: a table
  const KINDS: readonly (readonly [name: string, frameHeader: number, bits: 8 | 12, program: string, options: string[]])[] = [
    ['baseline',              0xffc0, 8,  'dcmcjpeg', ['+eb']],
    ['progressive, 8 bits',   0xffc2, 8,  'dcmcjpeg', ['+ep']],
    ['extended, 12 bits',     0xffc1, 12, 'dcmcjpeg', ['+ee']],
    ['progressive, 12 bits',  0xffc2, 12, 'dcmcjpeg', ['+ep']],
    ['lossless',              0xffc3, 12, 'dcmcjpeg', ['+e1']],
    ['JPEG-LS',               0xfff7, 12, 'dcmcjpls', []],
  ];

  it.each(KINDS)(
    '%s that ends early, with an end marker, is refused',
    async (_name, _header, bits, program, options) => {
      const { bytes, info } = await written(bits, program, ...options);
      for (const share of [0.5, 0.7, 0.9]) await endsSoon(cut(bytes, share), info, 'JPEG');
      expect((await answered(cut(bytes, 0.5), info)).samples).toBeUndefined();
    },
  );

  it.each(KINDS)('%s of an image of 256 MiB in a few KB is refused', async (_name, header, bits, program, options) => {
    const { bytes, info } = await written(bits, program, ...options);
    await endsSoon(sized(bytes, header), { ...info, ...HUGE }, bits === 8 ? undefined : 'cannot hold a frame of');
  });

  it('a scan that is there a thousand times is refused', async () => {
    const { bytes, info } = await written(8, 'dcmcjpeg', '+ep');
    const scan = placeOf(bytes, 0xffda);
    const next =
      scan + 2 + bytes.subarray(scan + 2).findIndex((byte, at) => byte === 0xff && (bytes[scan + 3 + at] ?? 0) > 0xd7);
    const many = inserted(bytes, scan, ...Array.from({ length: 1_000 }, () => bytes.subarray(scan, next)));
    await endsSoon(many, info, 'JPEG scans over');
  });

  it('segments by the thousand are refused', async () => {
    const { bytes, info } = await written(8, 'dcmcjpeg', '+eb');
    const comments = new Uint8Array(4 * 10_000).map((_, at) => [0xff, 0xfe, 0, 2][at % 4] ?? 0);
    await endsSoon(inserted(bytes, 2, comments), info, 'more than 4096 JPEG segments');
  });

  it('JPEG-LS whose scan is all zeros, or all ones, ends soon', async () => {
    const { bytes, info } = await written(12, 'dcmcjpls');
    const scan = placeOf(bytes, 0xffda) + 10;
    for (const value of [0, 0x7f, 0xaa]) {
      await endsSoon(
        Uint8Array.from(bytes, (byte, at) => (at > scan && at < bytes.length - 4 ? value : byte)),
        info,
      );
    }
  });
});
