import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PixelInfo } from '../../../services/dicom/pixel/codecs.ts';
import { decodeRle } from '../../../services/dicom/pixel/rle.ts';
import { AppError } from '../../../services/domain/errors.ts';
import { hasProgram } from '../../support/programs.ts';
import { workMeter } from '../../support/work-meter.ts';
import { element } from '../dataset/dataset-bytes.ts';
import { bytesOf, CT_16, decodeFile, rawFrame, synthetic, testFolder, writeImage } from './image-file.ts';

const INFO: PixelInfo = {
  rows: 2,
  columns: 4,
  samplesPerPixel: 1,
  bitsAllocated: 8,
  bitsStored: 8,
  highBit: 7,
  signed: false,
  planar: false,
  photometric: 'MONOCHROME2',
  transferSyntaxUID: '1.2.840.10008.1.2.5',
};

/** Header and segments (PS3.5 §G.5). */
function frameOf(...segments: number[][]): Uint8Array {
  const header = new Uint32Array(16);
  header[0] = segments.length;
  let at = 64;
  for (const [index, segment] of segments.entries()) {
    header[index + 1] = at;
    at += segment.length;
  }
  return new Uint8Array(Buffer.concat([bytesOf(header), Uint8Array.from(segments.flat())]));
}

describe('RLE Lossless (PS3.5 Annex G)', () => {
  it('unpacks literal runs, repeated bytes and no-operations', () => {
    expect([...decodeRle(frameOf([2, 10, 11, 12, 128, 0xfe, 7, 1, 1, 2]), INFO)]).toEqual([10, 11, 12, 7, 7, 7, 1, 2]);
  });

  it('puts the most significant byte first, samples by pixel or by plane', () => {
    const pair = { ...INFO, rows: 1, columns: 2 };
    const wide = { ...pair, bitsAllocated: 16, bitsStored: 16, highBit: 15 };
    expect([...decodeRle(frameOf([1, 0x12, 0x56], [1, 0x34, 0x78]), wide)]).toEqual([0x34, 0x12, 0x78, 0x56]);
    const colour = frameOf([1, 1, 2], [1, 3, 4], [1, 5, 6]);
    expect([...decodeRle(colour, { ...pair, samplesPerPixel: 3 })]).toEqual([1, 3, 5, 2, 4, 6]);
    expect([...decodeRle(colour, { ...pair, samplesPerPixel: 3, planar: true })]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  const withHeader = (change: (view: DataView) => void) => {
    const frame = frameOf([7, 1, 2, 3, 4, 5, 6, 7, 8]);
    change(new DataView(frame.buffer));
    return frame;
  };
  it.each<[string, Uint8Array, string]>([
    ['no header', new Uint8Array(10), 'an RLE header has 64 bytes, the frame 10'],
    [
      'a corrupt segment count',
      withHeader((view) => view.setUint32(0, 0xffffffff, true)),
      '4294967295 RLE segments, 1 are needed',
    ],
    [
      'an offset inside the header',
      withHeader((view) => view.setUint32(4, 8, true)),
      'do not lie one behind the other',
    ],
    [
      'an offset behind the end',
      withHeader((view) => view.setUint32(4, 5_000, true)),
      'do not lie one behind the other',
    ],
    ['too few bytes', frameOf([6, 1, 2, 3, 4, 5, 6, 7]), 'RLE segment 1 holds 7 bytes, 8 pixels'],
    ['too many bytes', frameOf([0xf0, 1]), 'RLE segment 1 holds 17 bytes, 8 pixels'],
    ['a literal run that is cut', frameOf([7, 1, 2, 3]), 'RLE segment 1 holds 0 bytes, 8 pixels'],
    ['a repetition that is cut', frameOf([0xf9]), 'RLE segment 1 holds 0 bytes, 8 pixels'],
  ])('refuses %s', (_name, frame, message) => {
    expect(() => decodeRle(frame, INFO)).toThrow(
      expect.objectContaining({ code: 'DATASET_UNREADABLE', message: expect.stringContaining(message) }),
    );
  });

  it('refuses a small frame of a huge image before it takes memory', () => {
    const work = workMeter();
    const huge = { ...INFO, rows: 16_000, columns: 16_000 };
    expect(() => decodeRle(frameOf([7, 1, 2, 3, 4, 5, 6, 7, 8]), huge)).toThrow('cannot hold 256000000 pixels');
    expect(work()).toBeLessThan(5);
  });

  it('answers arbitrary bytes with exactly the pixels, or an AppError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.boolean(), (bytes, isFramed) => {
        try {
          expect(decodeRle(isFramed ? frameOf([...bytes]) : bytes, INFO)).toHaveLength(8);
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
        }
      }),
      { numRuns: 5_000 },
    );
  });
});

describe.skipIf(!hasProgram('dcmcrle'))('dcmtk dcmcrle', () => {
  const folder = testFolder();
  const pixels = synthetic(64 * 48, 12);
  const source = writeImage(join(folder, 'source.dcm'), CT_16, element(0x7fe00010, 'OW', bytesOf(pixels)));
  const encoded = join(folder, 'rle.dcm');
  execFileSync('dcmcrle', [source, encoded]);

  it('writes frames that decode to the same pixels', async () => {
    expect(await decodeFile(encoded)).toEqual(pixels);
  });

  it('writes frames that, damaged, end soon in pixels or an AppError', async () => {
    const { bytes, info } = await rawFrame(encoded);
    fc.assert(
      fc.property(
        fc.nat(bytes.length - 1),
        fc.nat(255),
        fc.nat(bytes.length),
        fc.boolean(),
        (at, value, length, isCut) => {
          const damaged = Uint8Array.from(bytes);
          damaged[at] = value;
          const work = workMeter();
          try {
            expect(decodeRle(isCut ? damaged.subarray(0, length) : damaged, info)).toHaveLength(64 * 48 * 2);
          } catch (error) {
            expect(error).toBeInstanceOf(AppError);
          }
          expect(work()).toBeLessThan(500);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('writes frames of which no cut one is decoded', async () => {
    const { bytes, info } = await rawFrame(encoded);
    for (let length = 0; length < bytes.length - 2; length += 7) {
      expect(() => decodeRle(bytes.subarray(0, length), info)).toThrow(AppError);
    }
  });
});
