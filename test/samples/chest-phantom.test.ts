import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { openImage } from '../../services/dicom/dataset/read-file.ts';
import { TAG } from '../../services/dicom/dataset/tags.ts';
import { decodeFrame } from '../../services/dicom/pixel/codecs.ts';
import { readFrame } from '../../services/dicom/pixel/frames.ts';
import { pixelInfo } from '../../services/dicom/pixel/pixel-info.ts';

const SAMPLES = join(import.meta.dirname, '../../dicom-samples');
const MAX_BYTES = 12e6;

const Manifest = z.object({
  samples: z.array(
    z.object({
      path: z.string(),
      licence: z.string(),
      provenance: z.string(),
      files: z.array(z.object({ path: z.string(), bytes: z.number(), sha256: z.string() })),
    }),
  ),
});
const GroundTruth = z.object({
  geometry: z.object({ slices: z.number() }),
  nodules: z.array(
    z.object({
      centerMm: z.tuple([z.number(), z.number(), z.number()]),
      diameterMm: z.number(),
      kind: z.string(),
      InstanceNumber: z.number(),
      SOPInstanceUID: z.string(),
    }),
  ),
});
const json = (path: string): unknown => JSON.parse(readFileSync(join(SAMPLES, path), 'utf8'));
const { samples } = Manifest.parse(json('manifest.json'));
const truth = GroundTruth.parse(json('chest-phantom/ground-truth.json'));

it('the manifest names every file of every sample, with its size and hash', () => {
  for (const { path, files } of samples) {
    const there = readdirSync(join(SAMPLES, path)).filter((name) => name !== 'README.md');
    expect(files.map((file) => file.path).sort()).toEqual(there.map((name) => `${path}/${name}`).sort());
    for (const file of files) {
      const bytes = readFileSync(join(SAMPLES, file.path));
      expect([bytes.length, createHash('sha256').update(bytes).digest('hex')]).toEqual([file.bytes, file.sha256]);
    }
  }
});

it('the chest phantom has at least 120 slices in at most 12 MB', () => {
  const folder = join(SAMPLES, 'chest-phantom');
  const sizes = readdirSync(folder).map((name) => statSync(join(folder, name)).size);
  expect(truth.geometry.slices).toBeGreaterThanOrEqual(120);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(MAX_BYTES);
});

it.each(truth.nodules)('shows the $kind nodule of $diameterMm mm on the image its truth names', async (nodule) => {
  const file = join(SAMPLES, 'chest-phantom', `${String(nodule.InstanceNumber).padStart(4, '0')}.dcm`);
  const image = await openImage(file);
  try {
    const { dataset } = image;
    expect(dataset.string(TAG.SOPInstanceUID)).toBe(nodule.SOPInstanceUID);
    const [x = 0, y = 0, z = 0] = dataset.numbers(TAG.ImagePositionPatient);
    const [spacing = 1] = dataset.numbers(TAG.PixelSpacing);
    expect(Math.abs(z - nodule.centerMm[2])).toBeLessThanOrEqual(1.25);
    const info = pixelInfo(dataset, image.meta.TransferSyntaxUID);
    const pixels = await decodeFrame(await readFrame(image, 0), info);
    const hu = (dx: number) => {
      const column = Math.round((nodule.centerMm[0] - x + dx) / spacing);
      const row = Math.round((nodule.centerMm[1] - y) / spacing);
      return (pixels[row * info.columns + column] ?? 0) - 1024;
    };
    const mean = [-0.7, 0, 0.7].reduce((sum, dx) => sum + hu(dx), 0) / 3;
    expect(mean).toBeGreaterThan(nodule.kind === 'ground-glass' ? -720 : -150);
    expect(mean).toBeLessThan(120);
  } finally {
    await image.close();
  }
});
