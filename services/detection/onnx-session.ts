import { InferenceSession, listSupportedBackends, Tensor } from 'onnxruntime-node';
import { AppError } from '../domain/errors.ts';

/** A tensor's values and dimensions. */
interface OutputTensor {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/** A loaded graph. `run` holds the calling thread until it is done. */
export interface OnnxSession {
  /** What really runs. */
  readonly provider: string;
  run(input: Float32Array, dims: readonly number[]): Promise<readonly OutputTensor[]>;
  release(): Promise<void>;
}

export interface SessionOptions {
  readonly input: string;
  readonly outputs: readonly string[];
  /** In the order of preference; one that this build does not hold is passed over. */
  readonly providers: readonly string[];
  /** 0: as many as there are cores. */
  readonly threads: number;
}

/**
 * Opens a graph from verified bytes, never from a path: a graph that names external data finds nothing.
 *
 * @throws {AppError} MODEL_INVALID when the runtime refuses the graph or it lacks an input or output.
 */
export async function openSession(graph: Uint8Array, options: SessionOptions): Promise<OnnxSession> {
  const provider = chooseProvider(options.providers);
  const session = await InferenceSession.create(graph, {
    executionProviders: [provider],
    intraOpNumThreads: options.threads,
    interOpNumThreads: 1,
    // The arena keeps the peak of the largest tile for ever (measured: 640 MB instead of 310 MB, no faster).
    enableCpuMemArena: false,
    logSeverityLevel: 3,
  }).catch((error: unknown) => {
    throw new AppError('MODEL_INVALID', 'the runtime refuses the graph', {}, error);
  });
  const missing = [
    ...(session.inputNames.length === 1 && session.inputNames[0] === options.input ? [] : [options.input]),
    ...options.outputs.filter((name) => !session.outputNames.includes(name)),
  ];
  if (missing.length > 0)
    throw new AppError('MODEL_INVALID', `the graph has no ${missing.join(', ')}`, { detail: missing.join(', ') });

  return {
    provider,
    run: async (input, dims) => {
      const results = await session.run({ [options.input]: new Tensor('float32', input, [...dims]) }, [
        ...options.outputs,
      ]);
      return options.outputs.map((name) => floatTensor(name, results[name]));
    },
    release: () => session.release(),
  };
}

/** Labels of boxes are whole numbers of 32 or 64 bits in some graphs; all that a class can be is exact in a float. */
function floatTensor(name: string, tensor: Tensor | undefined): OutputTensor {
  if (tensor?.data instanceof Float32Array) return { data: tensor.data, dims: tensor.dims };
  if (tensor?.data instanceof Int32Array) return { data: Float32Array.from(tensor.data), dims: tensor.dims };
  if (tensor?.data instanceof BigInt64Array) return { data: Float32Array.from(tensor.data, Number), dims: tensor.dims };
  throw new AppError('MODEL_INVALID', `output ${name} is neither float32 nor whole numbers`, { detail: name });
}

/** The first wanted provider that this installation holds; the CPU when none. */
function chooseProvider(wanted: readonly string[]): string {
  const bundled = new Set(
    listSupportedBackends()
      .filter((backend) => backend.bundled)
      .map((backend) => backend.name),
  );
  return wanted.find((name) => bundled.has(name)) ?? 'cpu';
}
