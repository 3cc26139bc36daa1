import { setPriority } from 'node:os';
import { AppError } from '../domain/errors.ts';
import { PrepareRequest, type PreparerMessage } from '../domain/run.ts';
import { SliceThreads } from '../imaging/slice-threads.ts';
import type { MessageChannel } from '../isolation/message-channel.ts';
import { serveParent } from '../isolation/parent-channel.ts';

/**
 * A preparer: decodes hostile images ahead of their analysis and writes what comes out to files of ours. Like an analyzer
 * it has no environment and no credentials, and must never be trusted, only killed.
 */
const MAX_REQUEST_BYTES = 1024 * 1024;
/** Analyses go first. */
const NICE = 5;

setPriority(NICE);
const threads = new SliceThreads(Number(process.argv[2] ?? 0) || undefined);
serveParent(MAX_REQUEST_BYTES, (request, channel) => answer(PrepareRequest.parse(request), channel));

async function answer({ id, directory, inputs }: PrepareRequest, channel: MessageChannel): Promise<void> {
  const work = inputs.map((input) => threads.run({ kind: 'prepare', input, directory }));
  const outcomes = await Promise.allSettled(work);
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
  const bug = refused.find(({ reason }) => !(reason instanceof AppError));
  if (bug) throw bug.reason;
  const message: PreparerMessage = {
    type: 'prepared',
    id,
    prepared: inputs.length - refused.length,
    refused: refused.length,
  };
  await channel.send(message);
}
