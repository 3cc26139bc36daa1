import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { bulkData } from '../../../services/dicom/dataset/bulk-data.ts';
import { readDataset } from '../../../services/dicom/dataset/dataset.ts';
import { dicomJson } from '../../../services/dicom/dataset/dicom-json.ts';
import { readPart10Meta } from '../../../services/dicom/dataset/part10.ts';
import { followDataset } from '../../../services/dicom/dataset/passing-dataset.ts';
import { type ImageFile, openImage } from '../../../services/dicom/dataset/read-file.ts';
import { readHeader } from '../../../services/dicom/dataset/read-header.ts';
import { decodeFrame } from '../../../services/dicom/pixel/codecs.ts';
import { readFrame } from '../../../services/dicom/pixel/frames.ts';
import { frameCount, pixelInfo } from '../../../services/dicom/pixel/pixel-info.ts';
import { AppError } from '../../../services/domain/errors.ts';
import { mutants } from '../mutants.ts';
import type { Told } from '../watched-child.ts';

/**
 * Does to mutants what receiver, web server and analyzer do to files of strangers: `read`, what processes that must live
 * do, or `decode`, what only a killable child does. An AppError is an answer; anything else is told as a bug.
 */
const Order = z.object({ from: z.number(), to: z.number() });
const NamedBulkData = z.record(z.string(), z.object({ BulkDataURI: z.string().optional() }));
const [kind = '', seed = '', folder = '', ...files] = process.argv.slice(2);
const mutantAt = mutants(Number(seed), files);
const path = join(folder, `${kind}-${process.pid}.dcm`);
const tell = (told: Told) => process.send?.(told);

process.on('message', async (message) => {
  const { from, to } = Order.parse(message);
  for (let n = from; n < to; n++) await take(n);
  process.disconnect();
});

async function take(n: number): Promise<void> {
  tell({ type: 'begun', n });
  const bytes = mutantAt(n);
  const before = process.cpuUsage();
  const outcomes = await (kind === 'read' ? readAll(bytes) : decodeAll(bytes));
  const { user, system } = process.cpuUsage(before);
  tell({ type: 'done', n, outcomes, cpuMs: (user + system) / 1000 });
}

/** What came of one step: `ok`, the code of an AppError, or a bug with its place. */
async function outcomeOf(step: string, work: () => unknown): Promise<string> {
  try {
    await work();
    return `${step} ok`;
  } catch (error) {
    if (error instanceof AppError) return `${step} ${error.code}`;
    const stack = error instanceof Error ? (error.stack ?? '') : String(error);
    return `${step} bug: ${stack.split('\n').slice(0, 4).join(' | ')}`;
  }
}

const HEAD_BYTES = 64 * 1024;

async function readAll(bytes: Buffer): Promise<string[]> {
  const meta: { datasetOffset?: number; TransferSyntaxUID?: string } = {};
  const part10 = await outcomeOf('meta', () => Object.assign(meta, readPart10Meta(bytes.subarray(0, HEAD_BYTES))));
  const { datasetOffset = 0, TransferSyntaxUID = '1.2.840.10008.1.2' } = meta;
  const dataset = bytes.subarray(datasetOffset);
  return [
    part10,
    await outcomeOf('follow', () => followed(dataset, TransferSyntaxUID)),
    await outcomeOf('header', () => readHeader(dataset.subarray(0, HEAD_BYTES), TransferSyntaxUID)),
    await outcomeOf('dataset', () => JSON.parse(dicomJson(readDataset(dataset, TransferSyntaxUID)))),
    await outcomeOf('file', () => withFile(bytes, metadataOf)),
  ];
}

async function followed(dataset: Buffer, syntax: string): Promise<void> {
  const passing = followDataset(syntax);
  for (let at = 0; at < dataset.length; at += 16_378) await passing.add(dataset.subarray(at, at + 16_378));
  await passing.lacks();
}

async function metadataOf(image: ImageFile): Promise<void> {
  const model = NamedBulkData.parse(JSON.parse(dicomJson(image.dataset, 'http://x')));
  const urls = Object.values(model).flatMap(({ BulkDataURI }) => BulkDataURI ?? []);
  for (const url of urls.slice(0, 4)) bulkData(image.dataset, url.split('/').slice(3));
  const frames = image.pixelData ? frameCount(image.dataset) : 0;
  for (const frame of new Set([0, frames - 1])) if (frame >= 0) await readFrame(image, frame);
}

const decodeAll = async (bytes: Buffer): Promise<string[]> => [
  await outcomeOf('decode', () =>
    withFile(bytes, async (image) => {
      const frames = image.pixelData ? Math.min(2, frameCount(image.dataset)) : 0;
      for (let frame = 0; frame < frames; frame++) {
        const info = pixelInfo(image.dataset, image.meta.TransferSyntaxUID);
        const pixels = await decodeFrame(await readFrame(image, frame), info);
        const needed = info.rows * info.columns * info.samplesPerPixel;
        if (pixels.length !== needed) throw new Error(`${pixels.length} samples instead of ${needed}`);
      }
    }),
  ),
];

async function withFile<T>(bytes: Buffer, work: (image: ImageFile) => Promise<T>): Promise<T> {
  writeFileSync(path, bytes);
  const image = await openImage(path);
  try {
    return await work(image);
  } finally {
    await image.close();
  }
}
