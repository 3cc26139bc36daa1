import { execFileSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeFrame } from '../../../services/dicom/pixel/codecs.ts';
import { hasProgram, hasSharedData, SHARED_DATA } from '../../support/programs.ts';
import { workMeter } from '../../support/work-meter.ts';
import { element } from '../dataset/dataset-bytes.ts';
import { bytesOf, CT_16, decodeFile, rawFrame, synthetic, testFolder, writeImage } from './image-file.ts';

/** An answer long before a watchdog would ask. */
async function soon<T>(work: () => Promise<T>): Promise<T> {
  const done = workMeter();
  try {
    return await work();
  } finally {
    expect(done()).toBeLessThan(500);
  }
}

describe.skipIf(!hasProgram('dcmcjpls'))('dcmtk dcmcjpls writes JPEG-LS', () => {
  const folder = testFolder();
  const count = 64 * 48;
  const pixels = synthetic(count, 12);
  const native = (values: ArrayBufferView) => element(0x7fe00010, 'OW', bytesOf(values));
  const encode = (name: string, attributes: typeof CT_16, values: ArrayBufferView, ...options: string[]) => {
    const source = writeImage(join(folder, `${name}-source.dcm`), attributes, native(values));
    const encoded = join(folder, `${name}.dcm`);
    execFileSync('dcmcjpls', [...options, source, encoded]);
    return encoded;
  };
  const lossless = encode('lossless', CT_16, pixels);

  it('that decodes to the same pixels', async () => {
    expect(await decodeFile(lossless)).toEqual(pixels);
  });

  it('with signed samples, their sign from Bits Stored', async () => {
    const signed = Int16Array.from(pixels, (value) => value - 2048);
    const attributes = { ...CT_16, PixelRepresentation: 1 };
    const stored = Uint16Array.from(signed, (value) => value & 0xfff);
    expect(await decodeFile(encode('signed', attributes, stored))).toEqual(signed);
  });

  it('of 8 bits', async () => {
    const bytes = Uint8Array.from(pixels);
    const attributes = { ...CT_16, BitsAllocated: 8, BitsStored: 8, HighBit: 7 };
    expect(await decodeFile(encode('eight', attributes, bytes))).toEqual(bytes);
  });

  it.each([
    ['by pixel', 0, '+il'],
    ['by plane', 1, '+in'],
  ])('in colour, %s', async (_name, PlanarConfiguration, option) => {
    const bytes = Uint8Array.from(synthetic(count * 3, 8));
    const rgb = { SamplesPerPixel: 3, PhotometricInterpretation: 'RGB', PlanarConfiguration };
    const attributes = { ...CT_16, ...rgb, BitsAllocated: 8, BitsStored: 8, HighBit: 7 };
    const encoded = encode(`colour${PlanarConfiguration}`, attributes, bytes, option);
    const decoded = join(folder, `colour${PlanarConfiguration}-peer.dcm`);
    execFileSync('dcmdjpls', [encoded, decoded]);
    expect(await decodeFile(encoded)).toEqual(await decodeFile(decoded));
  });

  it('near-lossless, within the error that was asked for', async () => {
    const decoded = await decodeFile(encode('near', CT_16, pixels, '+en', '+md', '2'));
    expect(Math.max(...decoded.map((value, at) => Math.abs(value - (pixels[at] ?? 0))))).toBeLessThanOrEqual(2);
  });

  describe('of a damaged frame (stale pixels, hangs)', () => {
    it('refuses every cut before decoding: the end marker is missing', async () => {
      const { bytes, info } = await rawFrame(lossless);
      for (let length = 0; length < bytes.length - 3; length += 97) {
        const cut = bytes.subarray(0, length);
        await expect(soon(() => decodeFrame(cut, info))).rejects.toMatchObject({ code: 'DATASET_UNREADABLE' });
      }
    });

    it('refuses garbage, a missing start, a marker inside the scan', async () => {
      const { bytes, info } = await rawFrame(lossless);
      const changed = (at: number, ...values: number[]) => {
        const copy = Uint8Array.from(bytes);
        copy.set(values, at);
        return copy;
      };
      const damaged: [Uint8Array, string][] = [
        [new Uint8Array(5_000).fill(7), 'no JPEG-LS start marker'],
        [new Uint8Array(0), 'no JPEG-LS start marker'],
        [changed(0, 0xff, 0xd9), 'no JPEG-LS start marker'],
        [changed(2, 0x00), 'no marker at byte 2'],
        [changed(4, 0xff, 0xff), 'no marker at byte 2'],
        [changed(1_000, 0xff, 0xd9), 'marker ffd9 inside the JPEG-LS scan'],
        [Uint8Array.of(0xff, 0xd8, 0xff, 0xd9), 'no JPEG-LS scan'],
      ];
      for (const [frame, message] of damaged) {
        await expect(soon(() => decodeFrame(frame, info))).rejects.toMatchObject({
          code: 'DATASET_UNREADABLE',
          message,
        });
      }
    });

    it('refuses another image than the attributes describe', async () => {
      const { bytes, info } = await rawFrame(lossless);
      const others: [object, string][] = [
        [{ rows: 32, columns: 96 }, 'JPEG-LS frame of 48 x 64, the attributes say 96 x 32'],
        [{ samplesPerPixel: 3, photometric: 'RGB' }, 'JPEG-LS frame of 1 components, the attributes say 3'],
        [{ bitsAllocated: 8, bitsStored: 8 }, 'JPEG-LS frame of 16 bits, the attributes allocate 8'],
      ];
      for (const [differing, message] of others) {
        await expect(decodeFrame(bytes, { ...info, ...differing })).rejects.toMatchObject({ message });
      }
    });

    it('never hands out the frame before, and decodes the next one exactly', async () => {
      const { bytes, info } = await rawFrame(lossless);
      const whole = bytesOf(await decodeFrame(bytes, info));
      const outcomes = { refused: 0, decoded: 0 };
      for (let round = 0; round < 60; round++) {
        const damaged = Uint8Array.from(bytes);
        // Behind the markers, one byte of the scan: never FF, which would be a marker.
        damaged[60 + ((round * 7919) % (bytes.length - 70))] = (round * 31) % 0x7f;
        try {
          const decoded = await decodeFrame(damaged, info);
          expect(bytesOf(decoded)).toHaveLength(whole.length);
          outcomes.decoded++;
        } catch (error) {
          expect(error).toMatchObject({ code: 'DATASET_UNREADABLE' });
          outcomes.refused++;
        }
        expect(bytesOf(await decodeFrame(bytes, info)).equals(whole)).toBe(true);
      }
      expect(outcomes.refused + outcomes.decoded).toBe(60);
    });
  });
});

describe.skipIf(!hasSharedData || !hasProgram('dcmdjpls'))('dcmtk dcmdjpls reads the same pixels', () => {
  const folder = testFolder();
  const slices = globSync(`${SHARED_DATA}/ct/lidc-0063/*.dcm`).sort();

  it.each([0, 33, 66, 99, 132])('lidc-0063, slice %i', async (slice) => {
    const file = slices[slice] ?? '';
    const decoded = join(folder, `${slice}.dcm`);
    execFileSync('dcmdjpls', [file, decoded]);
    const [ours, theirs] = [await decodeFile(file), await decodeFile(decoded)];
    expect(ours).toHaveLength(512 * 512);
    expect(bytesOf(ours).equals(bytesOf(theirs))).toBe(true);
    expect(Array.from(ours).reduce((low, value) => Math.min(low, value), 0)).toBeLessThan(-900);
  });
});
