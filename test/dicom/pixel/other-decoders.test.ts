import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decodeFrame, type PixelInfo } from '../../../services/dicom/pixel/codecs.ts';
import { hasProgram } from '../../support/programs.ts';
import { element, item, sequence } from '../dataset/dataset-bytes.ts';
import { encoded, type Picture } from './encoders.ts';
import { bytesOf, CT_16, rawFrame, synthetic, testFolder, writeImage } from './image-file.ts';
import { PROOFS } from './proofs.ts';

const [width, height] = [96, 80];
const UID = '1.2.840.10008.1.2';
const folder = testFolder();
const at = (name: string) => join(folder, name);
const run = (program: string, ...args: string[]) => execFileSync(program, args, { stdio: 'pipe' });

const grey = (bits: number): PixelInfo => ({
  rows: height,
  columns: width,
  samplesPerPixel: 1,
  bitsAllocated: bits > 8 ? 16 : 8,
  bitsStored: bits,
  highBit: bits - 1,
  signed: false,
  planar: false,
  photometric: 'MONOCHROME2',
  transferSyntaxUID: '',
});
const colour = (photometric = 'RGB'): PixelInfo => ({ ...grey(8), samplesPerPixel: 3, photometric });
/** A picture with slopes and a little noise, as bytes where it has no more bits. */
const pixels = (bits: number, components = 1) => {
  const noise = synthetic(width * height * components, 3);
  const values = Uint16Array.from(noise, (value, index) => {
    const pixel = Math.floor(index / components);
    return (
      (((pixel % width) * (3 + (index % components)) + Math.floor(pixel / width) * 2 + value) * 2 ** (bits - 8)) %
      2 ** bits
    );
  });
  return bits > 8 ? values : Uint8Array.from(values);
};

/** PGM and PPM: words of 16 bits are big endian. */
function writePnm(file: string, samples: Uint8Array | Uint16Array, bits: number): void {
  const isColour = samples.length > width * height;
  const body = Buffer.from(bytesOf(samples));
  if (samples instanceof Uint16Array) body.swap16();
  writeFileSync(
    file,
    Buffer.concat([Buffer.from(`P${isColour ? 6 : 5}\n${width} ${height}\n${2 ** bits - 1}\n`), body]),
  );
}

function readPnm(file: string): readonly number[] {
  const bytes = readFileSync(file);
  // Comments are allowed between the words of the header, and OpenJPEG writes one.
  const words = /^P[56](?:\s+#.*)*\s+\d+\s+\d+\s+(\d+)\s/.exec(bytes.toString('latin1', 0, 200));
  if (!words) throw new Error(`${file} is no PGM or PPM`);
  const body = Buffer.from(bytes.subarray(words[0].length));
  return Number(words[1]) > 255 ? [...new Uint16Array(Uint8Array.from(body.swap16()).buffer)] : [...body];
}

async function farthest(frame: Uint8Array, info: PixelInfo, theirs: readonly number[]): Promise<number> {
  const ours = await decodeFrame(frame, info);
  expect(ours).toHaveLength(theirs.length);
  return theirs.reduce((far, value, index) => Math.max(far, Math.abs(value - (ours[index] as number))), 0);
}

it('has a proof for each syntax that the documentation says is compared here', () => {
  const proven = Object.entries(PROOFS).flatMap(([syntax, { program }]) => (program ? [syntax] : []));
  expect(proven.sort()).toEqual(['1.98', '4.110', '4.111', '4.112', '4.90', '4.91', '4.92', '4.93', '8.1'].sort());
});

describe.skipIf(!hasProgram('djxl'))('djxl of libjxl', () => {
  const decodedByPeer = (frame: Uint8Array, components: number, bits: number) => {
    const file = at(components === 3 ? 'theirs.ppm' : 'theirs.pgm');
    writeFileSync(at('ours.jxl'), frame);
    run('djxl', '--quiet', `--bits_per_sample=${bits}`, at('ours.jxl'), file);
    return readPnm(file);
  };
  const written = (samples: Uint8Array | Uint16Array, bits: number, ...options: string[]) => {
    const file = at(samples.length > width * height ? 'source.ppm' : 'source.pgm');
    writePnm(file, samples, bits);
    run('cjxl', '--quiet', ...options, file, at('theirs.jxl'));
    return new Uint8Array(readFileSync(at('theirs.jxl')));
  };
  const syntax = (info: PixelInfo, end: 110 | 111 | 112) => ({ ...info, transferSyntaxUID: `${UID}.4.${end}` });

  it.each([8, 12, 16])('decodes what our encoder wrote without loss to the same pixels: %i bits', async (bits) => {
    const samples = pixels(bits);
    const frame = await encoded('jxl', { samples, width, height, bits, signed: false, components: 1 });
    const theirs = decodedByPeer(frame, 1, bits > 8 ? 16 : 8);
    // It writes 12 bits as 16.
    const scaled = bits === 12 ? theirs.map((value) => Math.round((value * 4095) / 65_535)) : theirs;
    expect(await farthest(frame, syntax(grey(bits), 110), scaled)).toBe(0);
  });

  it.each<[string, number, number, string[]]>([
    ['8 bits', 8, 1, []],
    ['16 bits', 16, 1, []],
    ['colours', 8, 3, []],
    ['colours in boxes', 8, 3, ['--container=1']],
  ])('agrees on what cjxl wrote without loss: %s', async (_name, bits, components, options) => {
    const samples = pixels(bits, components);
    const frame = written(samples, bits, '-d', '0', ...options);
    const info = components === 3 ? colour() : grey(bits);
    expect(await farthest(frame, syntax(info, 110), decodedByPeer(frame, components, bits))).toBe(0);
    expect(await farthest(frame, syntax(info, 110), [...samples])).toBe(0);
  });

  it.each<[string, number, PixelInfo]>([
    ['8 bits', 8, grey(8)],
    ['16 bits', 16, grey(16)],
    ['RGB', 8, colour()],
    ['XYB', 8, colour('XYB')],
  ])('agrees to one step on what cjxl wrote with loss: %s', async (_name, bits, info) => {
    const frame = written(pixels(bits, info.samplesPerPixel), bits, '-d', '1');
    const theirs = decodedByPeer(frame, info.samplesPerPixel, bits);
    expect(await farthest(frame, syntax(info, 112), theirs)).toBeLessThanOrEqual(1);
  });

  it.skipIf(!hasProgram('dcmcjpeg')).each([
    ['grey', 1, 'MONOCHROME2'],
    ['colour', 3, 'YBR_FULL'],
  ])('agrees to one step on recompressed JPEG, and JPEG itself is near: %s', async (_name, components, photometric) => {
    const attributes = { ...CT_16, Rows: height, Columns: width, BitsAllocated: 8, BitsStored: 8, HighBit: 7 };
    const rgb = { SamplesPerPixel: 3, PhotometricInterpretation: 'RGB', PlanarConfiguration: 0 };
    const source = element(0x7fe00010, 'OB', bytesOf(pixels(8, components)));
    writeImage(at('source.dcm'), { ...attributes, ...(components === 3 ? rgb : {}) }, source);
    run('dcmcjpeg', '+eb', '+s4', at('source.dcm'), at('jpeg.dcm'));
    const jpeg = await rawFrame(at('jpeg.dcm'));
    writeFileSync(at('source.jpg'), jpeg.bytes);
    run('cjxl', '--quiet', at('source.jpg'), at('theirs.jxl'));
    const frame = new Uint8Array(readFileSync(at('theirs.jxl')));
    const info = { ...syntax(components === 3 ? colour() : grey(8), 111), photometric };
    expect(await farthest(frame, info, decodedByPeer(frame, components, 8))).toBeLessThanOrEqual(1);
    const asJpeg = Array.from(await decodeFrame(jpeg.bytes, jpeg.info), Number);
    // JPEG clips luminance and chrominance before it makes colours of them, JPEG XL only the colours.
    const ours = Array.from(await decodeFrame(frame, info), Number);
    const apart = ours.reduce((sum, value, at) => sum + Math.abs(value - (asJpeg[at] ?? 0)), 0);
    expect(apart / ours.length).toBeLessThanOrEqual(3);
  });
});

describe.skipIf(!hasProgram('opj_decompress'))('opj_decompress of OpenJPEG', () => {
  const decodedByPeer = (frame: Uint8Array, components: number) => {
    const file = at(components === 3 ? 'theirs.ppm' : 'theirs.pgm');
    writeFileSync(at('ours.j2k'), frame);
    run('opj_decompress', '-i', at('ours.j2k'), '-o', file);
    return readPnm(file);
  };
  const picture = (samples: Picture['samples'], bits: number, components: number) => ({
    samples,
    width,
    height,
    bits,
    signed: false,
    components,
  });

  describe.each(['4.90', '4.92', '4.93'])('.%s without loss', (syntax) => {
    it.each<[string, number, PixelInfo]>([
      ['8 bits', 8, grey(8)],
      ['12 bits', 12, grey(12)],
      ['16 bits', 16, grey(16)],
      ['colours', 8, colour()],
    ])('%s are the same', async (_name, bits, info) => {
      const samples = pixels(bits, info.samplesPerPixel);
      const frame = await encoded('j2k', picture(samples, bits, info.samplesPerPixel));
      const labelled = { ...info, transferSyntaxUID: `${UID}.${syntax}` };
      expect(await farthest(frame, labelled, decodedByPeer(frame, info.samplesPerPixel))).toBe(0);
      expect(await farthest(frame, labelled, [...samples])).toBe(0);
    });
  });

  it.each<[string, string, number, number, string[]]>([
    ['4.91', '8 bits', 8, 1, []],
    ['4.91', '12 bits', 12, 1, []],
    ['4.91', 'colours', 8, 3, []],
    [
      '4.93',
      '12 bits in tiles, layers and small precincts',
      12,
      1,
      ['-t', '40,40', '-r', '20,10,5', '-c', '[64,64]', '-p', 'RPCL'],
    ],
    ['4.91', '12 bits in tile-parts by resolution', 12, 1, ['-TP', 'R', '-p', 'RLCP']],
  ])('.%s with loss: %s are the same to one step', async (syntax, _name, bits, components, options) => {
    const source = at(components === 3 ? 'source.ppm' : 'source.pgm');
    writePnm(source, pixels(bits, components), bits);
    const rates = options.includes('-r') ? [] : ['-r', '6'];
    run('opj_compress', '-I', ...rates, ...options, '-i', source, '-o', at('theirs.j2k'));
    const frame = new Uint8Array(readFileSync(at('theirs.j2k')));
    const info = { ...(components === 3 ? colour('YBR_ICT') : grey(bits)), transferSyntaxUID: `${UID}.${syntax}` };
    expect(await farthest(frame, info, decodedByPeer(frame, components))).toBeLessThanOrEqual(1);
  });

  it('frames that are the components of one codestream are refused by name (PS3.5 §A.4.4.1)', async () => {
    const four = Buffer.concat([0, 1, 2, 3].map((frame) => bytesOf(pixels(8).map((value) => value ^ frame))));
    writeFileSync(at('four.raw'), four);
    run('opj_compress', '-mct', '0', '-F', `${width},${height},4,8,u`, '-i', at('four.raw'), '-o', at('four.j2k'));
    const info = { ...grey(8), transferSyntaxUID: `${UID}.4.92` };
    await expect(decodeFrame(new Uint8Array(readFileSync(at('four.j2k'))), info)).rejects.toMatchObject({
      code: 'NOT_ANALYSABLE',
      message: '4 frames in one JPEG 2000 codestream (1.2.840.10008.1.2.4.92) are not decoded by this version',
    });
  });
});

describe.skipIf(!hasProgram('python3'))('zlib of Python', () => {
  it('inflates a deflated frame to the same bytes (PS3.5 §8.2.16)', async () => {
    const samples = pixels(12);
    const frame = new Uint8Array(deflateRawSync(bytesOf(samples)));
    writeFileSync(at('frame.deflated'), frame);
    const script = 'import sys,zlib; sys.stdout.buffer.write(zlib.decompress(open(sys.argv[1],"rb").read(),-15))';
    const theirs = Uint8Array.from(run('python3', '-c', script, at('frame.deflated')));
    expect(
      await farthest(frame, { ...grey(12), transferSyntaxUID: `${UID}.8.1` }, [...new Uint16Array(theirs.buffer)]),
    ).toBe(0);
  });
});

describe.skipIf(!hasProgram('dcmdump'))('dcmdump of dcmtk', () => {
  it('writes the fragments of encapsulated uncompressed frames as the same bytes (PS3.5 §A.4.11)', async () => {
    const samples = pixels(12);
    const fragments = [new Uint8Array(0), new Uint8Array(bytesOf(samples))].map((each) => item(each));
    const attributes = { ...CT_16, Rows: height, Columns: width };
    const encapsulated = sequence(0x7fe00010, fragments, 'explicit', true, 'OB');
    writeImage(at('encapsulated.dcm'), attributes, encapsulated, `${UID}.1.98`);
    run('dcmdump', '+W', folder, at('encapsulated.dcm'));
    const written = readdirSync(folder)
      .filter((name) => /^encapsulated\.dcm\..*\.raw$/.test(name))
      .sort();
    const theirs = Uint8Array.from(readFileSync(at(written.at(-1) ?? '')));
    const { bytes, info } = await rawFrame(at('encapsulated.dcm'));
    expect(await farthest(bytes, info, [...new Uint16Array(theirs.buffer)])).toBe(0);
  });
});
