import { AppError } from '../domain/errors.ts';
import type { PassedOver, Provider } from '../domain/model.ts';
import { graphProblems } from './check-graph.ts';
import { readArtifact } from './load-model.ts';
import type { Artifact, Precision } from './manifest/artifact.ts';
import type { ModelManifest } from './model-manifest.ts';
import { readGraph } from './onnx/read-graph.ts';
import { type OnnxSession, openProbed, openSession, type SessionOptions } from './onnx-session.ts';
import { outputParity } from './output-parity.ts';
import { probeInput } from './probe-input.ts';

/** A model on the provider that was found to run it right. */
export interface Runner {
  readonly session: OnnxSession;
  readonly precision: Precision;
  readonly passedOver: readonly PassedOver[];
}

export interface RunnerOptions {
  /** In the order of preference; the processor comes last whether it is named or not. */
  readonly providers: readonly Provider[];
  readonly threads: number;
}

/**
 * Opens a model on the first provider that takes it and answers as the processor does.
 *
 * @throws {AppError} MODEL_INVALID when a graph is not what the manifest promises, or not even the processor runs it.
 */
export async function openRunner(
  directory: string,
  manifest: ModelManifest,
  { providers, threads }: RunnerOptions,
): Promise<Runner> {
  const graphs = new Map<Artifact, Uint8Array>();
  const graphOf = async (artifact: Artifact) => {
    const known = graphs.get(artifact);
    if (known) return known;
    const graph = await readArtifact(directory, artifact);
    const [problem] = graphProblems(readGraph(graph), manifest, artifact);
    if (problem !== undefined) throw new AppError('MODEL_INVALID', `${artifact.path}: ${problem}`);
    graphs.set(artifact, graph);
    return graph;
  };
  const options = (provider: Provider) => ({
    input: manifest.inputs[0].name,
    outputs: manifest.outputs.map(({ name }) => name),
    provider,
    threads,
  });
  const reference = await graphOf(cpuArtifact(manifest));
  const processor = await openSession(reference, options('cpu'));

  const passedOver: PassedOver[] = [];
  for (const provider of providers) {
    if (provider === 'cpu') break;
    const artifact = artifactFor(manifest, provider);
    try {
      if (artifact === undefined) throw new AppError('MODEL_INVALID', 'the model has no file for it');
      const session = await verified(await graphOf(artifact), artifact, options(provider), manifest, processor);
      await processor.release();
      return { session, precision: artifact.precision, passedOver };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      passedOver.push({ provider, detail: error.message.slice(0, 400) });
    }
  }
  return { session: processor, precision: 'fp32', passedOver };
}

/** @throws {AppError} MODEL_INVALID when the provider refuses the graph, leaves all of it, or answers otherwise. */
async function verified(
  graph: Uint8Array,
  { precision }: Artifact,
  options: SessionOptions & { readonly provider: Provider },
  manifest: ModelManifest,
  processor: OnnxSession,
): Promise<OnnxSession> {
  const probe = probeInput(manifest);
  const { session, answer } = await openProbed(graph, options, probe);
  const expected = await processor.run(probe.input, probe.dims);
  const problem = outputParity(answer, expected, manifest, precision);
  if (problem === undefined) return session;
  await session.release();
  throw new AppError('MODEL_INVALID', problem);
}

/** The file meant for a provider: one that names it, else the fp32 one when it names none. */
function artifactFor({ artifacts }: Pick<ModelManifest, 'artifacts'>, provider: Provider): Artifact | undefined {
  return (
    artifacts.find(({ providers }) => providers?.includes(provider)) ??
    artifacts.find(({ precision, providers }) => precision === 'fp32' && providers === undefined)
  );
}

function cpuArtifact(manifest: Pick<ModelManifest, 'artifacts'>): Artifact {
  const artifact = manifest.artifacts.find(
    ({ precision, providers }) => precision === 'fp32' && providers?.includes('cpu') !== false,
  );
  if (artifact === undefined) throw new AppError('MODEL_INVALID', 'there is no fp32 artifact for the cpu');
  return artifact;
}
