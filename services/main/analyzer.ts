import { basename } from 'node:path';
import { analyzeInputs, type WarmModel } from '../detection/analyze-inputs.ts';
import { openModel } from '../detection/load-model.ts';
import { openSession } from '../detection/onnx-session.ts';
import { AppError } from '../domain/errors.ts';
import type { Reason } from '../domain/reason.ts';
import { AnalysisRequest, type AnalyzerMessage } from '../domain/run.ts';
import { refusalReason } from '../imaging/refusal.ts';
import { SliceThreads } from '../imaging/slice-threads.ts';
import type { MessageChannel } from '../isolation/message-channel.ts';
import { serveParent } from '../isolation/parent-channel.ts';
import { placeOf } from '../isolation/place-of.ts';

/**
 * An analyzer: reads hostile files, runs a model, answers JSON. It has no environment, no credentials and one open file,
 * the channel to its worker; when that closes, it ends. It must never be trusted, only killed.
 */
const MAX_REQUEST_BYTES = 64 * 1024 * 1024;
const threads = Number(process.argv[2] ?? 0);
const warm = new Map<string, WarmModel>();
const sliceThreads = new SliceThreads(threads || undefined);

serveParent(MAX_REQUEST_BYTES, (request, channel) => answer(AnalysisRequest.parse(request), channel));

async function answer(request: AnalysisRequest, channel: MessageChannel): Promise<void> {
  const { id, inputs, preparedDirectory } = request;
  const say = (message: AnalyzerMessage) => channel.send(message);
  try {
    const model = await warmModel(request);
    const progress = (stage: string, done: number, total: number) => {
      say({ type: 'progress', id, stage, done, total });
    };
    say({
      type: 'answer',
      id,
      answer: await analyzeInputs(inputs, model, { threads: sliceThreads, progress, preparedDirectory }),
    });
  } catch (error) {
    say({ type: 'error', id, ...named(error, request) });
  }
  globalThis.gc?.(); // volumes lie outside the heap: without this they wait for a collection that seldom comes
}

/** The session stays loaded; another hash is another model. */
async function warmModel({ modelDirectory, modelHash }: AnalysisRequest): Promise<WarmModel> {
  const known = warm.get(modelHash);
  if (known) return known;
  const { manifest, graph, modelHash: actual } = await openModel(modelDirectory);
  if (actual !== modelHash) throw new AppError('MODEL_INVALID', 'its files changed since it was loaded');
  const session = await openSession(graph, {
    input: manifest.inputs[0].name,
    outputs: manifest.outputs.map(({ name }) => name),
    providers: manifest.runtime.providers,
    threads: threads || manifest.runtime.intraOpThreads,
  });
  warm.set(modelHash, { manifest, session });
  return { manifest, session };
}

/** A failure with its reason; one without a name is a bug, told by its place and never by its text. */
function named(error: unknown, { modelDirectory }: AnalysisRequest): { reason: Reason; retryable: boolean } {
  const reason = refusalReason(error);
  if (reason) return { reason, retryable: false };
  if (error instanceof AppError && error.code === 'MODEL_INVALID') {
    const params = { model: basename(modelDirectory), detail: error.message.slice(0, 200) };
    return { reason: { code: 'MODEL_DISABLED', params }, retryable: false };
  }
  return { reason: { code: 'INTERNAL', params: { detail: placeOf(error) } }, retryable: true };
}
