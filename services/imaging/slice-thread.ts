import { parentPort } from 'node:worker_threads';
import { AppError } from '../domain/errors.ts';
import { placeOf } from '../isolation/place-of.ts';
import { SliceDecoder } from './decode-slices.ts';
import { prepareImage } from './prepare-image.ts';
import { rescale } from './rescale.ts';
import type { SliceReply, SliceWork } from './slice-work.ts';
import { verifyIntegrity } from './verify-integrity.ts';

/** A thread of `SliceThreads`: its own codecs, one piece of work after the other. */
const decoder = new SliceDecoder();
const port = parentPort;

port?.on('message', async (work: SliceWork) => {
  port.postMessage(await answered(work));
});

async function answered(work: SliceWork): Promise<SliceReply> {
  try {
    await act(work);
    return { done: true };
  } catch (error) {
    if (!(error instanceof AppError)) return { broken: placeOf(error) };
    return { refused: { code: error.code, message: error.message, detail: error.detail } };
  }
}

async function act(work: SliceWork): Promise<void> {
  if (work.kind === 'verify') return verifyIntegrity(work.input);
  if (work.kind === 'prepare')
    return prepareImage(work.input, work.directory, () => port?.postMessage({ alive: true } satisfies SliceReply));
  const { stored, ...mapping } = await decoder.decode(work.task);
  rescale(stored, mapping, work.out);
}
