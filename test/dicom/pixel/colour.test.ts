import { describe, expect, it } from 'vitest';
import { decodeFrame, type PixelInfo } from '../../../services/dicom/pixel/codecs.ts';
import { encoded } from './encoders.ts';

const [columns, rows] = [64, 48];
const pixels = columns * rows;
const samples = Uint8Array.from({ length: pixels * 3 }, (_, at) => (at * 7 + (Math.floor(at / 3) % columns) * 3) % 256);
const byPlane = Uint8Array.from(samples, (_, at) => samples[(at % pixels) * 3 + Math.floor(at / pixels)] ?? 0);
const INFO: PixelInfo = {
  rows,
  columns,
  samplesPerPixel: 3,
  bitsAllocated: 8,
  bitsStored: 8,
  highBit: 7,
  signed: false,
  planar: false,
  photometric: 'RGB',
  transferSyntaxUID: '1.2.840.10008.1.2.1',
};

describe.each([
  ['j2k', '4.90', 'YBR_RCT'],
  ['j2k', '4.90', 'RGB'],
  ['htj2k', '4.201', 'YBR_RCT'],
  ['jxl', '4.110', 'RGB'],
] as const)('%s (%s), %s', (family, syntax, photometric) => {
  it.each([
    ['by pixel', false, samples],
    ['by plane', true, byPlane],
  ])('is RGB %s', async (_name, planar, expected) => {
    const picture = { samples, width: columns, height: rows, bits: 8, signed: false, components: 3 };
    const info = { ...INFO, planar, photometric, transferSyntaxUID: `1.2.840.10008.1.2.${syntax}` };
    expect(await decodeFrame(await encoded(family, picture), info)).toEqual(expected);
  });
});

describe('uncompressed YBR (PS3.3 §C.7.6.3.1.2)', () => {
  const two = { ...INFO, rows: 1, columns: 2 };

  // Black, white, and the red of the standard's primaries: Y 76, Cb 85, Cr 255.
  it('YBR_FULL becomes RGB, by pixel and by plane', async () => {
    const full = { ...two, photometric: 'YBR_FULL' };
    expect([...(await decodeFrame(Uint8Array.of(76, 85, 255, 255, 128, 128), full))]).toEqual([
      254, 0, 0, 255, 255, 255,
    ]);
    const planes = { ...full, planar: true };
    expect([...(await decodeFrame(Uint8Array.of(76, 255, 85, 128, 255, 128), planes))]).toEqual([
      254, 255, 0, 255, 0, 255,
    ]);
  });

  it('YBR_FULL_422 gives both pixels the same colour', async () => {
    const halved = { ...two, photometric: 'YBR_FULL_422' };
    expect([...(await decodeFrame(Uint8Array.of(0, 255, 128, 128), halved))]).toEqual([0, 0, 0, 255, 255, 255]);
  });
});
