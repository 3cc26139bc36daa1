import { parentPort } from 'node:worker_threads';
import { decodeFrame } from '../../services/dicom/pixel/codecs.ts';
import type { PixelInfo } from '../../services/dicom/pixel/pixel-info.ts';

/** One thread of the pool: codecs of its own; decodes what it is sent and hands the samples over without a copy. */
parentPort?.on('message', async ({ frame, info }: { frame: Uint8Array; info: PixelInfo }) => {
  const samples = await decodeFrame(frame, info);
  parentPort?.postMessage(samples, [samples.buffer as ArrayBuffer]);
});
