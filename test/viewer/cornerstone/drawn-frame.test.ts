import { describe, expect, it } from 'vitest';
import type { DicomJson } from '../../../services/dicom/dataset/json-attributes.ts';
import { decodeFrame } from '../../../services/dicom/pixel/codecs.ts';
import { readFrameMeaning } from '../../../services/dicom/pixel/picture.ts';
import { pixelInfo } from '../../../services/dicom/pixel/pixel-info.ts';
import { type DrawnFrame, drawnFrame } from '../../../viewer/cornerstone/drawn-frame.ts';
import { rangeOf } from '../../../viewer/cornerstone/look.ts';
import { imageSeries } from '../../../viewer/series/image-series.ts';
import { withTables } from '../../../viewer/series/look-up-tables.ts';

const LITTLE = '1.2.840.10008.1.2.1';
const value = (vr: string, ...Value: unknown[]) => ({ vr, Value });

/** One row of 16-bit samples; `of` are attributes by tag. */
const metadata = (Columns: number, of: DicomJson = {}): DicomJson => ({
  '00080060': value('CS', 'CT'),
  '00280002': value('US', 1),
  '00280004': value('CS', 'MONOCHROME2'),
  '00280010': value('US', 1),
  '00280011': value('US', Columns),
  '00280100': value('US', 16),
  '00280101': value('US', 16),
  '00280103': value('US', 1),
  ...of,
});

/** Metadata and stored bytes, the way a frame goes in the viewer. */
async function drawn(
  bytes: ArrayBufferView,
  of: DicomJson,
  { columns = bytes.byteLength / 2, syntax = LITTLE, tables = {} as Record<string, Uint8Array> } = {},
): Promise<DrawnFrame> {
  const dataset = metadata(columns, of);
  const series = imageSeries({ StudyInstanceUID: '1.2', SeriesInstanceUID: '1.3' }, [dataset]);
  const attributes = await withTables(dataset, async (url) => tables[url] ?? Uint8Array.of());
  const info = pixelInfo(attributes, syntax);
  const frame = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return drawnFrame(await decodeFrame(frame, info), info, readFrameMeaning(attributes, info), series.spread);
}

const grey = (frame: DrawnFrame) => {
  if (frame.kind !== 'grey') throw new Error('in colour');
  return frame;
};
/** Values back from their numbers; padding is `undefined`. */
const valuesOf = (frame: DrawnFrame): readonly (number | undefined)[] => {
  const { values, scale, low } = grey(frame);
  return Array.from(values, (number) => (number < low ? undefined : scale.zero + scale.unit * number));
};
/** Greys from 0 to 255, as a linear window between the two ends draws them. */
const greysOf = (frame: DrawnFrame, window?: { center: number; width: number }): readonly number[] => {
  const { lower, upper } = rangeOf(frame, window);
  return Array.from(frame.values, (number) =>
    Math.round(255 * Math.min(1, Math.max(0, (number - lower) / (upper - lower)))),
  );
};
const words = (...values: number[]) => Int16Array.from(values);

describe('values on screen (Modality LUT, PS3.3 §C.11.1)', () => {
  it('are stored values times slope plus intercept', async () => {
    const frame = await drawn(words(0, 1, 24, 1024, 2048, -1000), { '00281052': value('DS', '-1024') });
    expect(valuesOf(frame)).toEqual([-1024, -1023, -1000, 0, 1024, -2024]);
    // Hounsfield units are their own numbers.
    expect([...(await drawn(words(0, 5), { '00280101': value('US', 12) })).values]).toEqual([0, 5]);
  });

  it('respect bits stored, High Bit and sign; overlay bits above are no pixels (PS3.5 §8.1.1)', async () => {
    const twelve = { '00280101': value('US', 12) };
    expect(valuesOf(await drawn(words(0x0fff, 0x0800), twelve))).toEqual([-1, -2048]);
    const unsigned = { ...twelve, '00280103': value('US', 0) };
    expect(valuesOf(await drawn(words(0x70ff, 0x0001), unsigned))).toEqual([255, 1]);
    const high = { ...unsigned, '00280102': value('US', 15) };
    expect(valuesOf(await drawn(words(0x0ff7, 0x001f), high))).toEqual([255, 1]);
  });

  it('keep all 16 bits and fractions of slopes, and never turn over', async () => {
    const unsigned = { '00280103': value('US', 0), '00281053': value('DS', '0.25') };
    expect(valuesOf(await drawn(Uint16Array.of(0, 3, 0xffff), unsigned))).toEqual([0, 0.75, 16383.75]);
  });

  it('come from 8, 32 and single bits too', async () => {
    const eight = { '00280100': value('US', 8), '00280101': value('US', 8), '00280103': value('US', 0) };
    expect(valuesOf(await drawn(Uint8Array.of(7, 255), eight, { columns: 2 }))).toEqual([7, 255]);
    const single = { ...eight, '00280100': value('US', 1), '00280101': value('US', 1) };
    expect(valuesOf(await drawn(Uint8Array.of(0b101), single, { columns: 3 }))).toEqual([1, 0, 1]);
    const wide = { '00280100': value('US', 32), '00280101': value('US', 32) };
    expect(valuesOf(await drawn(Int32Array.of(-70_000, -69_990, -5000), wide, { columns: 3 }))).toEqual([
      -70_000, -69_990, -5000,
    ]);
  });

  it('of floating point are as fine as 16 bits allow; what is no number is no picture', async () => {
    const { '00280101': _stored, '00280103': _sign, ...rest } = metadata(4, { '00280100': value('US', 32) });
    const attributes = await withTables(rest, async () => Uint8Array.of());
    const info = pixelInfo(attributes, LITTLE);
    const samples = Float32Array.of(0.1, 0.35, 0.6, Number.NaN);
    const pixels = await decodeFrame(new Uint8Array(samples.buffer), info);
    const [first = 0, middle = 0, last = 0, none] = valuesOf(
      drawnFrame(pixels, info, readFrameMeaning(attributes, info), undefined),
    );
    expect([first, middle, last].map((each) => each.toFixed(4))).toEqual(['0.1000', '0.3500', '0.6000']);
    expect(none).toBeUndefined();
  });

  it('go through a Modality LUT, which metadata only names by its address', async () => {
    const table = new Uint8Array(Uint16Array.of(100, 200, 400).buffer);
    const lut = {
      '00283002': value('US', 3, 10, 16),
      '00283006': { vr: 'OW', BulkDataURI: 'http://other.host/lut' },
    };
    const of = { '00280103': value('US', 0), '00283000': value('SQ', lut) };
    const frame = await drawn(words(9, 10, 11, 12, 13), of, { tables: { 'http://other.host/lut': table } });
    expect(valuesOf(frame)).toEqual([100, 100, 200, 400, 400]);
  });

  it('leave padding out: it is darker than the darkest, and no part of the full range (PS3.3 §C.7.5.1.1.2)', async () => {
    const frame = grey(
      await drawn(words(-2000, 10, 20, -1995), { '00280120': value('SS', -2000), '00280121': value('SS', -1990) }),
    );
    expect(valuesOf(frame)).toEqual([undefined, 10, 20, undefined]);
    expect({ low: frame.low, high: frame.high, window: frame.window }).toEqual({
      ...{ low: 10, high: 20 },
      window: { center: 15, width: 10 },
    });
    expect(greysOf(frame)).toEqual([0, 0, 255, 0]);
  });
});

describe('greys (VOI LUT, PS3.3 §C.11.2)', () => {
  const window = (center: number, width: number, name?: string): DicomJson => ({
    '00281050': value('DS', center),
    '00281051': value('DS', width),
    ...(name ? { '00281056': value('CS', name) } : {}),
  });

  it('of a window are LINEAR unless it says otherwise, to half a grey', async () => {
    // §C.11.2.1.2.1: x <= c - 0.5 - (w-1)/2 is black, x > c - 0.5 + (w-1)/2 white.
    const linear = await drawn(words(-127, -128, 0, 127, 128), window(0, 256));
    expect(greysOf(linear)).toEqual([1, 0, 128, 255, 255]);
    const exact = await drawn(words(-10, -5, 0, 5, 10), window(0, 10, 'LINEAR_EXACT'));
    expect(greysOf(exact)).toEqual([0, 0, 128, 255, 255]);
    const step = await drawn(words(4, 5, 6), window(5, 1));
    expect(greysOf(step)).toEqual([0, 255, 255]);
  });

  it('of a SIGMOID window are its curve, over which the reader sets windows', async () => {
    const frame = grey(await drawn(words(-100, 0, 50, 100), window(0, 100, 'SIGMOID')));
    const expected = [-100, 0, 50, 100].map((x) => Math.round(255 / (1 + Math.exp((-4 * x) / 100))));
    expect(greysOf(frame)).toEqual(expected);
    expect(frame.window).toEqual({ center: 2047.5, width: 4095 });
  });

  it('of a VOI LUT are its entries', async () => {
    const lut = { '00283002': value('SS', 4, -1, 8), '00283006': value('US', 0, 10, 200, 255) };
    expect(greysOf(await drawn(words(-5, -1, 0, 1, 2, 9), { '00283010': value('SQ', lut) }))).toEqual([
      0, 0, 10, 200, 255, 255,
    ]);
  });

  it('of MONOCHROME1 are the other way round, whoever set the window', async () => {
    const one = { '00280004': value('CS', 'MONOCHROME1') };
    expect(greysOf(await drawn(words(0, 50, 100), one))).toEqual([255, 128, 0]);
    expect(greysOf(await drawn(words(0, 50, 100), one), { center: 50, width: 50 })).toEqual([255, 128, 0]);
    const padded = await drawn(words(0, 100, 999), { ...one, '00280120': value('SS', 999) });
    expect(greysOf(padded)).toEqual([255, 0, 0]);
    const sigmoid = await drawn(words(-1000, 1000), { ...one, ...window(0, 100, 'SIGMOID') });
    expect(greysOf(sigmoid)).toEqual([255, 0]);
  });

  it('without a window go from the lowest to the highest value; one value alone is seen against 0', async () => {
    expect(greysOf(await drawn(words(100, 150, 200), {}))).toEqual([0, 128, 255]);
    expect(greysOf(await drawn(words(7, 7), {}))).toEqual([255, 255]);
    expect(greysOf(await drawn(words(0, 0), {}))).toEqual([0, 0]);
    const single = { '00280100': value('US', 1), '00280101': value('US', 1), '00280103': value('US', 0) };
    expect(greysOf(await drawn(Uint8Array.of(0b11), single, { columns: 2 }))).toEqual([255, 255]);
  });

  it('of a reader’s window lie between its ends, in values', async () => {
    const frame = await drawn(words(0, 1, 2, 3), { '00281053': value('DS', '0.5'), '00281052': value('DS', '0.25') });
    expect(greysOf(frame, { center: 1, width: 1 })).toEqual([0, 64, 191, 255]);
  });
});

describe('colours', () => {
  const rgb: DicomJson = {
    '00280002': value('US', 3),
    '00280004': value('CS', 'RGB'),
    '00280100': value('US', 8),
    '00280101': value('US', 8),
    '00280103': value('US', 0),
  };

  it('come pixel by pixel from both planar configurations', async () => {
    const byPixel = Uint8Array.of(255, 0, 0, 0, 0, 255);
    const byPlane = Uint8Array.of(255, 0, 0, 0, 0, 255);
    expect([...(await drawn(byPixel, rgb, { columns: 2 })).values]).toEqual([255, 0, 0, 0, 0, 255]);
    const planar = { ...rgb, '00280006': value('US', 1) };
    expect([...(await drawn(byPlane, planar, { columns: 2 })).values]).toEqual([255, 0, 0, 0, 0, 255]);
    expect([...(await drawn(Uint8Array.of(1, 2, 3, 4, 5, 6), planar, { columns: 2 })).values]).toEqual([
      1, 3, 5, 2, 4, 6,
    ]);
  });

  it('of 16 bits keep their highest 8; YBR_FULL becomes RGB', async () => {
    const wide = { ...rgb, '00280100': value('US', 16), '00280101': value('US', 16) };
    const samples = Uint16Array.of(0xffff, 0x8000, 0x00ff);
    expect([...(await drawn(samples, wide, { columns: 1 })).values]).toEqual([255, 128, 0]);
    const ybr = { ...rgb, '00280004': value('CS', 'YBR_FULL') };
    expect([...(await drawn(Uint8Array.of(76, 85, 255), ybr, { columns: 1 })).values]).toEqual([254, 0, 0]);
  });

  it('are looked up in a palette', async () => {
    const palette: DicomJson = {
      ...rgb,
      '00280002': value('US', 1),
      '00280004': value('CS', 'PALETTE COLOR'),
      '00281101': value('US', 2, 0, 16),
      '00281102': value('US', 2, 0, 16),
      '00281103': value('US', 2, 0, 16),
      '00281201': { vr: 'OW', BulkDataURI: 'red' },
      '00281202': { vr: 'OW', BulkDataURI: 'green' },
      '00281203': { vr: 'OW', InlineBinary: Buffer.from(Uint16Array.of(0, 0x8000).buffer).toString('base64') },
    };
    const tables = {
      red: new Uint8Array(Uint16Array.of(0xffff, 0).buffer),
      green: new Uint8Array(Uint16Array.of(0, 0xffff).buffer),
    };
    const frame = await drawn(Uint8Array.of(0, 1), palette, { columns: 2, tables });
    expect(frame.kind).toBe('colour');
    expect([...frame.values]).toEqual([255, 0, 0, 0, 255, 128]);
  });
});
