import { basename } from 'node:path';
import { z } from 'zod';
import { analyzeInputs } from '../detection/analyze-inputs.ts';
import { loadModel } from '../detection/load-model.ts';
import type { ModelManifest } from '../detection/model-manifest.ts';
import type { OnnxSession } from '../detection/onnx-session.ts';
import { openRunner, type Runner } from '../detection/open-runner.ts';
import { probeInput } from '../detection/probe-input.ts';
import { runSelfTest } from '../detection/self-test.ts';
import type { WarmModel } from '../detection/warm-model.ts';
import { AppError } from '../domain/errors.ts';
import { type ModelCheck, ModelCheckRequest, type Provider } from '../domain/model.ts';
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
const [, , threadsText = '0', deviceText = '', deviceMemoryText = ''] = process.argv;
const threads = Number(threadsText);
const device = deviceText === '' ? undefined : Number(deviceText);
const deviceMemoryMb = deviceMemoryText === '' ? undefined : Number(deviceMemoryText);
const warm = new Map<string, WarmModel & Runner>();
const sliceThreads = new SliceThreads(threads || undefined);

const Request = z.union([ModelCheckRequest, AnalysisRequest]);
type Request = z.infer<typeof Request>;

serveParent(MAX_REQUEST_BYTES, (request, channel) => answer(Request.parse(request), channel));

async function answer(request: Request, channel: MessageChannel): Promise<void> {
  const { id } = request;
  const say = (message: AnalyzerMessage) => channel.send(message);
  try {
    if ('inputs' in request) say({ type: 'answer', id, answer: await analysis(request, say) });
    else say({ type: 'checked', id, check: await check(request, say) });
  } catch (error) {
    say({ type: 'error', id, ...named(error, request) });
  }
  globalThis.gc?.(); // volumes lie outside the heap: without this they wait for a collection that seldom comes
}

type Say = (message: AnalyzerMessage) => void;

const progressOf = (id: string, say: Say) => (stage: string, done: number, total: number) =>
  say({ type: 'progress', id, stage, done, total });

async function analysis(request: AnalysisRequest, say: Say) {
  const { id, inputs, preparedDirectory } = request;
  const model = await warmModel(request);
  const progress = progressOf(id, say);
  const answer = await analyzeInputs(inputs, model, { threads: sliceThreads, progress, preparedDirectory });
  if (model.session.leftProvider !== undefined) await forget(model);
  return answer;
}

async function check(request: ModelCheckRequest, say: Say): Promise<ModelCheck> {
  const { manifest, session, precision, passedOver } = await warmModel(request);
  const selfTest = request.selfTest
    ? await runSelfTest(request.modelDirectory, manifest, session, precision, progressOf(request.id, say))
    : null;
  const probe = await timedProbe(manifest, session);
  return { provider: session.provider, precision, passedOver: [...passedOver], probe, selfTest };
}

/** The second of two runs: the first one prepares buffers. */
async function timedProbe(manifest: ModelManifest, session: OnnxSession): Promise<ModelCheck['probe']> {
  const { input, dims } = probeInput(manifest);
  await session.run(input, dims);
  const startedAt = performance.now();
  await session.run(input, dims);
  return { values: input.length, seconds: (performance.now() - startedAt) / 1000 };
}

/** A card that was full may have room for the next study. */
async function forget(model: WarmModel): Promise<void> {
  for (const [key, known] of warm) if (known === model) warm.delete(key);
  await model.session.release();
}

interface Wanted {
  readonly modelDirectory: string;
  readonly modelHash: string;
  readonly providers?: readonly Provider[] | undefined;
}

/** The session stays loaded; another hash is another model, and another order of providers another session. */
async function warmModel({ modelDirectory, modelHash, providers }: Wanted): Promise<WarmModel & Runner> {
  const key = [modelHash, ...(providers ?? [])].join(' ');
  const known = warm.get(key);
  if (known) return known;
  const { manifest, modelHash: actual } = await loadModel(modelDirectory);
  if (actual !== modelHash) throw new AppError('MODEL_INVALID', 'its files changed since it was loaded');
  const wanted = providers?.length ? providers : manifest.runtime.providers;
  const runner = await openRunner(modelDirectory, manifest, {
    providers: wanted,
    threads: threads || manifest.runtime.intraOpThreads,
    device,
    deviceMemoryMb,
  });
  const model = { manifest, ...runner };
  warm.set(key, model);
  return model;
}

/** A failure with its reason; one without a name is a bug, told by its place and never by its text. */
function named(error: unknown, { modelDirectory }: Request): { reason: Reason; retryable: boolean } {
  const reason = refusalReason(error);
  if (reason) return { reason, retryable: false };
  if (error instanceof AppError && error.code === 'MODEL_INVALID') {
    const params = { model: basename(modelDirectory), detail: error.message.slice(0, 200) };
    return { reason: { code: 'MODEL_DISABLED', params }, retryable: false };
  }
  const isFull = error instanceof AppError && error.code === 'DEVICE_OUT_OF_MEMORY';
  return { reason: { code: 'INTERNAL', params: { detail: isFull ? error.message : placeOf(error) } }, retryable: true };
}
