import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openImage } from '../../../services/dicom/dataset/read-file.ts';
import { decodeFrame } from '../../../services/dicom/pixel/codecs.ts';
import { readFrame } from '../../../services/dicom/pixel/frames.ts';
import { frameCount, pixelInfo } from '../../../services/dicom/pixel/pixel-info.ts';
import { rearranged } from '../../../services/dicom/pixel/samples.ts';
import { hasSharedData, SHARED_DATA } from '../../support/programs.ts';

/** Made by reference/make.py from what pydicom, pylibjpeg, pyjpegls, Pillow and GDCM decode. */
interface Reference {
  /** Hash of all pixels: the decoders that agree on it. */
  readonly exact?: Readonly<Record<string, string>>;
  readonly lossy?: Readonly<Record<string, { count: number; mean: number; samples: readonly number[] }>>;
}
const REFERENCE: Readonly<Record<string, Reference>> = JSON.parse(
  readFileSync(join(import.meta.dirname, 'reference/frames.json'), 'utf8'),
);
const STEP = 104_729;
/** Decoders of a lossy stream may round differently, and spread halved colours differently. */
const LOSSY_TOLERANCE = { sample: 2, mean: 0.1 };

/** All frames as 32-bit numbers, pixel by pixel. */
async function decodeAll(file: string): Promise<Int32Array> {
  const image = await openImage(file);
  try {
    const info = pixelInfo(image.dataset, image.meta.TransferSyntaxUID);
    const frames = frameCount(image.dataset);
    const size = info.rows * info.columns * info.samplesPerPixel;
    const all = new Int32Array(size * frames);
    for (let frame = 0; frame < frames; frame++) {
      const pixels = Int32Array.from(await decodeFrame(await readFrame(image, frame), info), (value) => value | 0);
      const byPixel = info.planar ? rearranged(bytes(pixels), info.samplesPerPixel, 4, 'pixels') : bytes(pixels);
      all.set(new Int32Array(byPixel.buffer, byPixel.byteOffset, size), frame * size);
    }
    return all;
  } finally {
    await image.close();
  }
}

const bytes = (values: Int32Array) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
const hash = (values: Int32Array) => createHash('sha256').update(bytes(values)).digest('hex').slice(0, 32);

/** Objects that a reader could guess at, and that this one does not: the words of the refusal. */
const REFUSED: Readonly<Record<string, string>> = {
  'corpus/pydicom/test_files/MR_small_padded.dcm': 'Pixel Data holds 8320 bytes, its frames are 8192',
};

const entries = Object.entries(REFERENCE);

describe.skipIf(!hasSharedData)('independent decoders (reference/frames.json)', () => {
  const exact = entries.flatMap(([file, { exact: hashes }]) =>
    hashes ? [[file, Object.entries(hashes)] as const] : [],
  );
  it.each(exact)('agree to the last pixel: %s', async (file, hashes) => {
    // More than one hash would be decoders that do not agree among themselves.
    expect(hashes).toHaveLength(1);
    const refused = REFUSED[file];
    if (refused) return expect(decodeAll(join(SHARED_DATA, file))).rejects.toThrow(refused);
    expect(hash(await decodeAll(join(SHARED_DATA, file)))).toBe(hashes[0]?.[0]);
  });

  const lossy = entries.flatMap(([file, { lossy: answers }]) =>
    answers ? [[file, Object.entries(answers)] as const] : [],
  );
  it.each(lossy)('agree as far as lossy decoders do: %s', async (file, answers) => {
    const ours = await decodeAll(join(SHARED_DATA, file));
    const mean = ours.reduce((sum, value) => sum + value, 0) / ours.length;
    const distances = answers.map(([name, theirs]) => {
      expect(ours).toHaveLength(theirs.count);
      const differences = theirs.samples.map((value, at) => Math.abs(value - (ours[(at * STEP) % ours.length] ?? 0)));
      return { name, sample: Math.max(...differences), mean: Math.abs(mean - theirs.mean) };
    });
    const best = distances.reduce((low, next) => (next.sample < low.sample ? next : low));
    expect(best.sample, JSON.stringify(distances)).toBeLessThanOrEqual(LOSSY_TOLERANCE.sample);
    expect(best.mean, JSON.stringify(distances)).toBeLessThanOrEqual(LOSSY_TOLERANCE.mean);
  });
});
