import { createRequire } from 'node:module';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openImage } from '../../../services/dicom/dataset/read-file.ts';
import { decodeFrame as decodeOnServer } from '../../../services/dicom/pixel/codecs.ts';
import { readFrame } from '../../../services/dicom/pixel/frames.ts';
import { pixelInfo } from '../../../services/dicom/pixel/pixel-info.ts';
import type { CharLs, CharLsFactory } from '../../../viewer/cornerstone/charls.ts';
import { decodeFrame, rescale } from '../../../viewer/cornerstone/decode-frame.ts';
import { decodeRle } from '../../../viewer/cornerstone/decode-rle.ts';
import type { PixelAttributes } from '../../../viewer/series/image-series.ts';
import { hasSharedData, SHARED_DATA } from '../../support/programs.ts';

const require = createRequire(import.meta.url);
const charls = (): Promise<CharLs> => {
  const factory = require('@cornerstonejs/codec-charls/decodewasmjs') as CharLsFactory;
  return factory({ locateFile: () => require.resolve('@cornerstonejs/codec-charls/decodewasm') });
};
const noCodec = () => Promise.reject(new Error('no codec is needed here'));

const pixels = (patch: Partial<PixelAttributes> = {}): PixelAttributes => ({
  Rows: 2,
  Columns: 3,
  SamplesPerPixel: 1,
  BitsAllocated: 16,
  BitsStored: 16,
  signed: true,
  PhotometricInterpretation: 'MONOCHROME2',
  RescaleSlope: 1,
  RescaleIntercept: -1024,
  ...patch,
});

const LITTLE = '1.2.840.10008.1.2.1';
const BIG = '1.2.840.10008.1.2.2';
const words = (...values: number[]) => new Uint8Array(Int16Array.from(values).buffer);

describe('values on screen (Modality LUT, PS3.3 §C.11.1)', () => {
  it('are stored values times slope plus intercept', async () => {
    const frame = await decodeFrame(words(0, 1, 24, 1024, 2048, -1000), LITTLE, pixels(), noCodec);
    expect([...frame.values]).toEqual([-1024, -1023, -1000, 0, 1024, -2024]);
    expect([frame.min, frame.max]).toEqual([-2024, 1024]);
  });

  it('respect bits stored and sign', () => {
    const twelve = pixels({ BitsStored: 12, RescaleIntercept: 0, Rows: 1, Columns: 2 });
    expect([...rescale(words(0x0fff, 0x0800), twelve).values]).toEqual([-1, -2048]);
    expect([...rescale(words(0x0fff, 0x0800), { ...twelve, signed: false }).values]).toEqual([4095, 2048]);
    // Overlay bits above the stored ones are not pixels (PS3.5 §8.1.1).
    expect([...rescale(words(0x70ff, 0x0001), { ...twelve, signed: false }).values]).toEqual([255, 1]);
  });

  it('stay inside sixteen bits instead of turning over', () => {
    const unsigned = pixels({ signed: false, RescaleIntercept: 0, Rows: 1, Columns: 2, RescaleSlope: 2 });
    expect([...rescale(words(-1, 5), unsigned).values]).toEqual([32767, 10]);
  });

  it('are the same from big endian, and from eight bits', async () => {
    const big = Uint8Array.from([0, 1, 255, 255]);
    const two = pixels({ Rows: 1, Columns: 2, RescaleIntercept: 0 });
    expect([...(await decodeFrame(big, BIG, two, noCodec)).values]).toEqual([1, -1]);
    const eight = { ...two, BitsAllocated: 8, BitsStored: 8, signed: false };
    expect([...(await decodeFrame(Uint8Array.of(7, 255), LITTLE, eight, noCodec)).values]).toEqual([7, 255]);
  });

  it.each([
    ['too few bytes', words(1, 2), LITTLE, pixels(), /4 bytes instead of 12/],
    ['too many bytes', words(1, 2, 3, 4, 5, 6, 7), LITTLE, pixels(), /14 bytes instead of 12/],
    [
      'a syntax of a later version',
      words(1, 2, 3, 4, 5, 6),
      '1.2.840.10008.1.2.4.90',
      pixels(),
      /1\.2\.840\.10008\.1\.2\.4\.90/,
    ],
    ['colour', words(1, 2, 3, 4, 5, 6), LITTLE, pixels({ SamplesPerPixel: 3 }), /colour/],
  ])('are refused for %s', async (_what, bytes, syntax, attributes, message) => {
    await expect(decodeFrame(bytes, syntax, attributes, noCodec)).rejects.toThrow(message);
  });
});

describe('RLE (PS3.5 Annex G)', () => {
  const header = (count: number, ...offsets: number[]) => {
    const view = new DataView(new ArrayBuffer(64));
    view.setUint32(0, count, true);
    for (const [at, offset] of offsets.entries()) view.setUint32(4 + 4 * at, offset, true);
    return [...new Uint8Array(view.buffer)];
  };

  it('puts the most significant byte first, repeats and copies', () => {
    // High bytes: 1 six times; low bytes: 10 to 15.
    const frame = Uint8Array.from([...header(2, 64, 66), 251, 1, 5, 10, 11, 12, 13, 14, 15]);
    expect([...new Uint16Array(decodeRle(frame, pixels()).buffer)]).toEqual([266, 267, 268, 269, 270, 271]);
  });

  it.each([
    ['another number of segments', [...header(1, 64), 251, 1]],
    ['offsets that fall', [...header(2, 66, 64), 251, 1, 251, 1]],
    ['offsets outside', [...header(2, 64, 4000), 251, 1, 251, 1]],
    ['a segment cut short', [...header(2, 64, 66), 251, 1, 5, 10, 11]],
    ['no header', [1, 2, 3]],
  ])('refuses %s', (_what, bytes) => {
    expect(() => decodeRle(Uint8Array.from(bytes), pixels())).toThrow(/RLE/);
  });

  it('ends on arbitrary bytes: with an image of the right size, or with an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (tail) => {
        const frame = Uint8Array.from([...header(2, 64, 64 + Math.floor(tail.length / 2)), ...tail]);
        try {
          expect(decodeRle(frame, pixels())).toHaveLength(12);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
          expect(String(error)).toContain('RLE');
        }
      }),
    );
  });
});

const CORPUS = join(SHARED_DATA, 'corpus/cornerstone3D/packages/dicomImageLoader/examplesOld/test-images');

async function stored(name: string) {
  const image = await openImage(join(CORPUS, name));
  try {
    const { TransferSyntaxUID } = image.meta;
    const info = pixelInfo(image.dataset, TransferSyntaxUID);
    const bytes = await readFrame(image, 0);
    const attributes = pixels({
      Rows: info.rows,
      Columns: info.columns,
      BitsAllocated: info.bitsAllocated,
      BitsStored: info.bitsStored,
      signed: info.signed,
      RescaleIntercept: 0,
    });
    return { bytes, TransferSyntaxUID, attributes, info };
  } finally {
    await image.close();
  }
}

describe.skipIf(!hasSharedData)('a real CT in every syntax of this version', () => {
  it.each([
    'CTImage.dcm_LittleEndianExplicitTransferSyntax_1.2.840.10008.1.2.1.dcm',
    'CTImage.dcm_LittleEndianImplicitTransferSyntax_1.2.840.10008.1.2.dcm',
    'CTImage.dcm_BigEndianExplicitTransferSyntax_1.2.840.10008.1.2.2.dcm',
    'CTImage.dcm_DeflatedExplicitVRLittleEndianTransferSyntax_1.2.840.10008.1.2.1.99.dcm',
    'CTImage.dcm_RLELosslessTransferSyntax_1.2.840.10008.1.2.5.dcm',
    'CTImage.dcm_JPEGLSLosslessTransferSyntax_1.2.840.10008.1.2.4.80.dcm',
    'CTImage.dcm_JPEGLSLossyTransferSyntax_1.2.840.10008.1.2.4.81.dcm',
  ])('%s shows the pixels the analysis reads', async (name) => {
    const { bytes, TransferSyntaxUID, attributes, info } = await stored(name);
    const shown = await decodeFrame(bytes, TransferSyntaxUID, attributes, charls);
    const analysed = await decodeOnServer(bytes, info);
    expect(shown.values.every((value, at) => value === analysed[at])).toBe(true);
  });

  it('a damaged JPEG-LS frame is an error, never the frame before it', async () => {
    const codec = await charls();
    const load = () => Promise.resolve(codec);
    const { bytes, attributes } = await stored('CTImage.dcm_JPEGLSLosslessTransferSyntax_1.2.840.10008.1.2.4.80.dcm');
    const syntax = '1.2.840.10008.1.2.4.80';
    const whole = await decodeFrame(bytes, syntax, attributes, load);
    for (const cut of [0, 2, 30, Math.floor(bytes.length / 2), bytes.length - 4]) {
      await expect(decodeFrame(bytes.subarray(0, cut), syntax, attributes, load), `cut at ${cut}`).rejects.toThrow(
        /JPEG-LS/,
      );
    }
    await expect(decodeFrame(bytes, syntax, { ...attributes, Rows: attributes.Rows - 1 }, load)).rejects.toThrow(
      /header says/,
    );
    expect((await decodeFrame(bytes, syntax, attributes, load)).values).toEqual(whole.values);
  });
});
