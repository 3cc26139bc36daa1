import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPart10Meta } from '../../../services/dicom/dataset/part10.ts';
import { INSTANCE_TARGETS, transcodeFrame } from '../../../services/dicom/pixel/transcode-frame.ts';
import { hasProgram } from '../../support/programs.ts';
import { element, item, join as joined, sequence } from '../dataset/dataset-bytes.ts';
import { bytesOf, CT_16, synthetic, testFolder, writeImage } from './image-file.ts';
import { otherAttributes, shownPixels, transcodedFile, withImage } from './transcoded-file.ts';

const EXPLICIT = '1.2.840.10008.1.2.1';
const HTJ2K_RPCL = '1.2.840.10008.1.2.4.202';
const JPEG_LS = '1.2.840.10008.1.2.4.80';
const JPEG_BASELINE = '1.2.840.10008.1.2.4.50';
const folder = testFolder();

type Attributes = Readonly<Record<string, string | number>>;

/** A native image of these attributes and samples; what stands behind Pixel Data is kept too. */
function native(name: string, attributes: Attributes, samples: ArrayBufferView): string {
  const bytes = bytesOf(samples);
  const even = joined(bytes, new Uint8Array(bytes.length % 2));
  const vr = attributes.BitsAllocated === 8 ? 'OB' : 'OW';
  const pixelData = joined(element(0x7fe00010, vr, even), element(0xfffcfffc, 'OB', new Uint8Array(10)));
  return writeImage(join(folder, `${name}.dcm`), { ...CT_16, ...attributes }, pixelData);
}

async function written(name: string, file: string, target: string): Promise<string> {
  const result = await transcodedFile(file, target);
  const out = join(folder, `${name}-out.dcm`);
  writeFileSync(out, result.bytes);
  if (result.totalBytes !== undefined) expect(result.bytes).toHaveLength(result.totalBytes);
  return out;
}

const extreme = (count: number, low: number, high: number) =>
  Array.from({ length: count }, (_, at) => ((at * 7919) % 13 < 5 ? low : high));
/** Pixels of three colours that go their own ways. */
const shades = (count: number) => Uint8Array.from({ length: count * 3 }, (_, at) => ((at % 3) * 80 + at / 50) % 256);
const grey = (rows: number, columns: number): Attributes => ({ Rows: rows, Columns: columns });
const bits = (allocated: number, stored: number, signed = 0): Attributes => ({
  BitsAllocated: allocated,
  BitsStored: stored,
  HighBit: stored - 1,
  PixelRepresentation: signed,
});
const colour = (planar: number): Attributes => ({
  SamplesPerPixel: 3,
  PhotometricInterpretation: 'RGB',
  PlanarConfiguration: planar,
});

// biome-ignore format: a table
const IMAGES: readonly (readonly [name: string, attributes: Attributes, samples: ArrayBufferView])[] = [
  ['12 bits, unsigned',                   bits(16, 12),                                       synthetic(64 * 48, 12)],
  ['12 bits, signed',                     bits(16, 12, 1),                                    Int16Array.from(synthetic(64 * 48, 12), (value) => value - 2048)],
  ['16 bits, unsigned',                   bits(16, 16),                                       synthetic(64 * 48, 16)],
  ['16 bits, signed, only extremes',      bits(16, 16, 1),                                    Int16Array.from(extreme(64 * 48, -32768, 32767))],
  ['8 bits, only extremes',               bits(8, 8),                                         Uint8Array.from(extreme(64 * 48, 0, 255))],
  ['8 bits, signed',                      bits(8, 8, 1),                                      Int8Array.from(extreme(64 * 48, -128, 127))],
  ['8 bits in 16',                        bits(16, 8),                                        synthetic(64 * 48, 8)],
  ['8 bits in 16, signed',                bits(16, 8, 1),                                     Int16Array.from(synthetic(64 * 48, 8), (value) => value - 128)],
  ['a single pixel',                      { ...grey(1, 1), ...bits(16, 12) },                 Uint16Array.of(4095)],
  ['a single line',                       { ...grey(1, 301), ...bits(8, 8) },                 Uint8Array.from(synthetic(301, 8))],
  ['odd sides',                           { ...grey(63, 129), ...bits(16, 10) },              synthetic(63 * 129, 10)],
  ['RGB by pixel',                        { ...bits(8, 8), ...colour(0) },                    shades(64 * 48)],
  ['RGB by plane',                        { ...bits(8, 8), ...colour(1) },                    Uint8Array.from(synthetic(64 * 48 * 3, 8))],
  ['three frames',                        { ...bits(16, 12), NumberOfFrames: 3 },             synthetic(64 * 48 * 3, 12)],
  ['MONOCHROME1',                         { ...bits(16, 12), PhotometricInterpretation: 'MONOCHROME1' }, synthetic(64 * 48, 12)],
];

describe.each(INSTANCE_TARGETS)('an instance in %s', (target) => {
  it.each(IMAGES)('keeps every sample and attribute: %s', async (name, attributes, samples) => {
    const file = native(`${name} ${target}`, attributes, samples);
    const out = await written(`${name} ${target}`, file, target);
    expect(readPart10Meta(readFileSync(out)).TransferSyntaxUID).toBe(target);
    expect(await shownPixels(out)).toEqual(await shownPixels(file));
    expect(await otherAttributes(out)).toEqual(await otherAttributes(file));
    // What stands behind Pixel Data.
    expect(readFileSync(out).subarray(-22)).toEqual(readFileSync(file).subarray(-22));
  });

  it('and back again has the bytes of the file it came from', async () => {
    const file = native(`round ${target}`, bits(16, 12), synthetic(64 * 48, 12));
    const there = await written(`there ${target}`, file, target);
    const back = await written(`back ${target}`, there, EXPLICIT);
    const dataset = (path: string) => readFileSync(path).subarray(readPart10Meta(readFileSync(path)).datasetOffset);
    expect(dataset(back).equals(dataset(file))).toBe(true);
  });
});

describe('what a syntax cannot hold is refused with its reason', () => {
  const noise = synthetic(64 * 48 * 3, 16);
  // biome-ignore format: a table
  it.each<[string, string, Attributes, ArrayBufferView, string]>([
    ['overlays above High Bit',        JPEG_LS,       bits(16, 12),                       Uint16Array.from(synthetic(64 * 48, 12), (value) => value | 0x8000), 'above High Bit'],
    ['samples above the lowest bits',  HTJ2K_RPCL,    { ...bits(16, 12), HighBit: 15 },   synthetic(64 * 48, 12).map((value) => value << 4), 'below High Bit'],
    ['noise that does not compress',   JPEG_LS,       { ...bits(8, 8), ...colour(0) },    Uint8Array.from(synthetic(64 * 48 * 3, 16)), 'noisy'],
    ['32 bits',                        JPEG_LS,       bits(32, 32),                       Uint32Array.from(synthetic(64 * 48, 16)), '32 bits'],
    ['colours of 16 bits in HTJ2K',    HTJ2K_RPCL,    { ...bits(16, 16), ...colour(0) },  noise, '16 bits'],
  ])('%s', async (name, target, attributes, samples, reason) => {
    const file = native(name, attributes, samples);
    const refused = { code: 'NOT_ACCEPTABLE', message: expect.stringContaining(reason) };
    await expect(transcodedFile(file, target)).rejects.toMatchObject(refused);
    // Uncompressed they are kept with all their bits.
    const out = await written(name, file, EXPLICIT);
    expect(readFileSync(out).includes(bytesOf(samples))).toBe(true);
  });

  it('a lossy copy of 12 bits', async () => {
    const file = native('lossy', bits(16, 12), synthetic(64 * 48, 12));
    const attempt = withImage(file, async ({ dataset }) => {
      const { pixelInfo } = await import('../../../services/dicom/pixel/pixel-info.ts');
      return transcodeFrame(bytesOf(synthetic(64 * 48, 12)), pixelInfo(dataset, EXPLICIT), JPEG_BASELINE);
    });
    await expect(attempt).rejects.toMatchObject({ code: 'NOT_ACCEPTABLE', message: expect.stringContaining('8 bits') });
  });

  it('compressed pixels in a sequence, which keep the coding of the whole', async () => {
    const icon = sequence(0x7fe00010, [item(new Uint8Array(0)), item(new Uint8Array(8))], 'explicit', true, 'OB');
    const icons = sequence(0x00880200, [item(icon, 'explicit', true)], 'explicit', true);
    const pixelData = element(0x7fe00010, 'OW', bytesOf(synthetic(64 * 48, 12)));
    const file = writeImage(join(folder, 'icon.dcm'), CT_16, joined(icons, pixelData));
    await expect(transcodedFile(file, JPEG_LS)).rejects.toMatchObject({ code: 'NOT_ACCEPTABLE' });
  });
});

describe('HTJ2K Lossless RPCL (PS3.5 §10.18)', () => {
  it.each([
    [512, 512, 3],
    [64, 48, 1],
    [2000, 300, 5],
  ])('%i x %i: resolution by resolution, with their lengths', async (columns, rows, levels) => {
    const file = native(`rpcl ${columns}`, { ...grey(rows, columns), ...bits(16, 12) }, synthetic(rows * columns, 12));
    const { bytes } = await transcodedFile(file, HTJ2K_RPCL);
    const start = bytes.indexOf(Buffer.from('ff4fff51', 'hex'));
    const markers = new Map<number, number>();
    for (let at = start + 2; bytes.readUInt16BE(at) !== 0xff90; at += 2 + bytes.readUInt16BE(at + 2)) {
      markers.set(bytes.readUInt16BE(at), at);
    }
    const cod = markers.get(0xff52) ?? 0;
    expect({ order: bytes.readUInt8(cod + 5), levels: bytes.readUInt8(cod + 9) }).toEqual({ order: 2, levels });
    expect(markers.has(0xff55)).toBe(true);
  });
});

describe.skipIf(!hasProgram('dcmdjpls'))('other programs read what we wrote (dcmtk)', () => {
  it.each(IMAGES.filter(([name]) => !name.startsWith('8 bits, signed')))(
    'dcmdjpls: %s',
    async (name, attributes, samples) => {
      const file = native(`dcmtk ${name}`, attributes, samples);
      const out = await written(`dcmtk ${name}`, file, JPEG_LS);
      const decoded = join(folder, `${name}-dcmtk.dcm`);
      execFileSync('dcmdjpls', [out, decoded]);
      expect(await shownPixels(decoded)).toEqual(await shownPixels(file));
    },
  );
});
