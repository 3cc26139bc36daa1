import { InferenceSession, Tensor } from 'onnxruntime-node';
import { AppError } from '../domain/errors.ts';
import type { Provider } from '../domain/model.ts';
import { profiledProviders } from './session-profile.ts';

/** A tensor's values and dimensions. */
export interface OutputTensor {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/** A loaded graph. `run` holds the calling thread until it is done. */
export interface OnnxSession {
  /** What really runs. */
  readonly provider: string;
  /**
   * The answers lie in buffers of the session: they hold until the next run.
   *
   * @throws {AppError} DEVICE_OUT_OF_MEMORY; MODEL_INVALID when an answer is not float32 or holds what is no number.
   */
  run(input: Float32Array, dims: readonly number[]): Promise<readonly OutputTensor[]>;
  release(): Promise<void>;
}

export interface SessionOptions {
  readonly input: string;
  readonly outputs: readonly string[];
  /** Default the processor. */
  readonly provider?: Provider;
  /** 0: as many as there are cores. */
  readonly threads: number;
  /** Of several cards. */
  readonly device?: number | undefined;
}

/** A run whose answers and whose executing providers are known. */
export interface ProbedSession {
  readonly session: OnnxSession;
  readonly answer: readonly OutputTensor[];
}

/**
 * Opens a graph from verified bytes, never from a path: a graph that names external data finds nothing.
 *
 * @throws {AppError} MODEL_INVALID when the runtime refuses the graph or it lacks an input or output.
 */
export async function openSession(graph: Uint8Array, options: SessionOptions): Promise<OnnxSession> {
  const session = await create(graph, options, {});
  return wrapped(session, options, options.provider ?? 'cpu');
}

/**
 * Opens a graph on another provider and runs it once, watched: the runtime may give any node, or all of them, to the
 * processor without a word, and its profile is what says so.
 *
 * @throws {AppError} MODEL_INVALID as `openSession` does, and when the provider runs no node at all.
 */
export async function openProbed(
  graph: Uint8Array,
  options: SessionOptions & { readonly provider: Provider },
  probe: { readonly input: Float32Array; readonly dims: readonly number[] },
): Promise<ProbedSession> {
  const { ran, result } = await profiledProviders(async (profile) => {
    const session = await create(graph, options, { enableProfiling: true, profileFilePrefix: profile });
    const first = wrapped(session, options, options.provider);
    try {
      const answer = (await first.run(probe.input, probe.dims)).map(({ data, dims }) => ({ data: data.slice(), dims }));
      session.endProfiling();
      return { session, answer };
    } catch (error) {
      await session.release();
      throw error;
    }
  });
  const { session, answer } = result;
  if (!ran.includes(options.provider)) {
    await session.release();
    throw new AppError('MODEL_INVALID', `the runtime gave every node to ${ran.join(', ') || 'no provider'}`);
  }
  const names = [options.provider, ...ran.filter((name) => name !== options.provider)];
  return { session: wrapped(session, options, names.join('+')), answer };
}

/** Providers that tell cards apart by a number. */
const HAS_DEVICES: ReadonlySet<Provider> = new Set(['cuda', 'tensorrt', 'dml']);

async function create(
  graph: Uint8Array,
  { provider = 'cpu', threads, device = 0, input, outputs }: SessionOptions,
  profiling: InferenceSession.SessionOptions,
): Promise<InferenceSession> {
  const session = await InferenceSession.create(graph, {
    ...profiling,
    executionProviders: [HAS_DEVICES.has(provider) ? { name: provider, deviceId: device } : provider],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    // The arena keeps the peak of the largest tile for ever (measured: 640 MB instead of 310 MB, no faster).
    enableCpuMemArena: false,
    logSeverityLevel: 4,
  }).catch((error: unknown) => {
    const what = provider === 'cpu' ? 'the runtime refuses the graph' : `${provider} does not open it`;
    throw new AppError('MODEL_INVALID', `${what}: ${firstLine(error)}`, {}, error);
  });
  const missing = [
    ...(session.inputNames.length === 1 && session.inputNames[0] === input ? [] : [input]),
    ...outputs.filter((name) => !session.outputNames.includes(name)),
  ];
  if (missing.length === 0) return session;
  await session.release();
  throw new AppError('MODEL_INVALID', `the graph has no ${missing.join(', ')}`, { detail: missing.join(', ') });
}

function wrapped(session: InferenceSession, { input, outputs }: SessionOptions, provider: string): OnnxSession {
  // Tiles of one shape answer in one shape: the runtime writes into what it answered before.
  const last: { shape: string; answers: InferenceSession.OnnxValueMapType } = { shape: '', answers: {} };
  return {
    provider,
    run: async (values, dims) => {
      const shape = dims.join('x');
      const into = last.shape === shape ? last.answers : Object.fromEntries(outputs.map((name) => [name, null]));
      const results = await session
        .run({ [input]: new Tensor('float32', values, [...dims]) }, into)
        .catch((error: unknown) => {
          throw runFailure(error, provider);
        });
      Object.assign(last, { shape, answers: results });
      return outputs.map((name) => floatTensor(name, results[name]));
    },
    release: () => session.release(),
  };
}

/** Labels of boxes are whole numbers of 32 or 64 bits in some graphs; all that a class can be is exact in a float. */
function floatTensor(name: string, tensor: Tensor | undefined): OutputTensor {
  const data = floats(tensor?.data);
  if (tensor === undefined || data === undefined)
    throw new AppError('MODEL_INVALID', `output ${name} is neither float32 nor whole numbers`, { detail: name });
  // A comparison with what is no number is false, so it would look like "nothing found".
  if (holdsNoNumber(data))
    throw new AppError('ANALYZER_INVALID', `output ${name} holds what is no number`, {
      reason: 'INVALID_MODEL_OUTPUT',
      detail: `output ${name} holds what is no number`,
    });
  return { data, dims: tensor.dims };
}

/** Labels of classes come as integers. */
function floats(data: unknown): Float32Array | undefined {
  if (data instanceof Float32Array) return data;
  if (data instanceof Int32Array) return Float32Array.from(data);
  return data instanceof BigInt64Array ? Float32Array.from(data, Number) : undefined;
}

/** A loop: the callback of `some` takes longer than the graph on a small model. */
function holdsNoNumber(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i])) return true;
  return false;
}

const OUT_OF_MEMORY = /out of (device |gpu )?memory|failed to allocate|CUDNN_STATUS_ALLOC_FAILED|E_OUTOFMEMORY/i;

function runFailure(error: unknown, provider: string): AppError {
  const detail = firstLine(error);
  return OUT_OF_MEMORY.test(detail)
    ? new AppError('DEVICE_OUT_OF_MEMORY', `${provider} is out of memory`, { provider }, error)
    : new AppError('MODEL_INVALID', `the run failed on ${provider}: ${detail}`, { detail }, error);
}

/** What the runtime says, without the places of its own source files. */
function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const [line = ''] = message.replace(/^\s+/, '').split('\n');
  return line
    .replace(/^\/\S+:\d+ .*?(?=[A-Z][a-z]+ )/, '')
    .replace(/^\S+ was false\. /, '')
    .slice(0, 300);
}
