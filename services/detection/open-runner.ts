import { AppError } from '../domain/errors.ts';
import type { PassedOver, Provider } from '../domain/model.ts';
import { graphProblems } from './check-graph.ts';
import { artifactFor, referenceArtifact } from './choose-artifact.ts';
import { cpuFallback, type FallbackSession } from './cpu-fallback.ts';
import { readArtifact } from './load-model.ts';
import type { Artifact, Precision } from './manifest/artifact.ts';
import type { ModelManifest } from './model-manifest.ts';
import { readGraph } from './onnx/read-graph.ts';
import { type OnnxSession, openProbed, openSession } from './onnx-session.ts';
import { outputParity } from './output-parity.ts';
import { probeInput } from './probe-input.ts';

/** A model on the provider that was found to run it right. */
export interface Runner {
  readonly session: FallbackSession;
  readonly precision: Precision;
  readonly passedOver: readonly PassedOver[];
}

export interface RunnerOptions {
  /** In the order of preference; the processor comes last whether it is named or not. */
  readonly providers: readonly Provider[];
  /** 0: as many as there are cores. */
  readonly threads: number;
  /** The card that this process may use; none when all are taken by others. */
  readonly device?: number | undefined;
  /** The most that a model may say it needs of a card. */
  readonly deviceMemoryMb?: number | undefined;
}

/**
 * Opens a model on the first provider that takes it and answers as the processor does.
 *
 * @throws {AppError} MODEL_INVALID when a graph is not what the manifest promises, or not even the processor runs it.
 */
export async function openRunner(directory: string, manifest: ModelManifest, options: RunnerOptions): Promise<Runner> {
  const opening = new Opening(directory, manifest, options);
  const reference = referenceArtifact(manifest);
  const processor = await opening.onProcessor();
  const passedOver: PassedOver[] = [];
  for (const provider of options.providers) {
    const artifact = artifactFor(manifest, provider);
    if (provider === 'cpu' && (artifact === undefined || artifact === reference)) break;
    try {
      if (artifact === undefined) throw new AppError('MODEL_INVALID', 'the model has no file for it');
      const session = await opening.verified(provider, artifact, processor);
      await processor.release();
      const fallback = cpuFallback(session, () => opening.onProcessor());
      return { session: fallback, precision: artifact.precision, passedOver };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      passedOver.push({ provider, detail: error.message.slice(0, 400) });
    }
  }
  return { session: processor, precision: 'fp32', passedOver };
}

class Opening {
  readonly #directory: string;
  readonly #manifest: ModelManifest;
  readonly #options: RunnerOptions;

  constructor(directory: string, manifest: ModelManifest, options: RunnerOptions) {
    this.#directory = directory;
    this.#manifest = manifest;
    this.#options = options;
  }

  async onProcessor(): Promise<OnnxSession> {
    return openSession(await this.#graph(referenceArtifact(this.#manifest)), this.#session('cpu'));
  }

  /** @throws {AppError} when the provider refuses the graph, leaves all of it, or answers otherwise than the processor. */
  async verified(provider: Provider, artifact: Artifact, processor: OnnxSession): Promise<OnnxSession> {
    if (provider !== 'cpu') this.#expectDevice();
    const probe = probeInput(this.#manifest);
    const { session, answer } = await openProbed(await this.#graph(artifact), this.#session(provider), probe);
    const expected = await processor.run(probe.input, probe.dims);
    const problem = outputParity(answer, expected, this.#manifest, artifact.precision);
    if (problem === undefined) return session;
    await session.release();
    throw new AppError('MODEL_INVALID', problem);
  }

  #expectDevice(): void {
    const { device, deviceMemoryMb } = this.#options;
    if (device === undefined) throw new AppError('MODEL_INVALID', 'the cards are taken by other analyzers (GPU_SLOTS)');
    const { gpuMemoryMb } = this.#manifest.runtime.estimate;
    if (gpuMemoryMb !== undefined && deviceMemoryMb !== undefined && gpuMemoryMb > deviceMemoryMb)
      throw new AppError('MODEL_INVALID', `it needs ${gpuMemoryMb} MB of a card, GPU_MEMORY_MB is ${deviceMemoryMb}`);
  }

  /** Checked bytes that agree with the manifest. */
  async #graph(artifact: Artifact): Promise<Uint8Array> {
    const graph = await readArtifact(this.#directory, artifact);
    const [problem] = graphProblems(readGraph(graph), this.#manifest, artifact);
    if (problem === undefined) return graph;
    throw new AppError('MODEL_INVALID', `${artifact.path}: ${problem}`);
  }

  #session(provider: Provider) {
    const { threads, device } = this.#options;
    return {
      input: this.#manifest.inputs[0].name,
      outputs: this.#manifest.outputs.map(({ name }) => name),
      ...{ provider, threads, device },
    };
  }
}
