import { AppError } from '../domain/errors.ts';
import type { Provider } from '../domain/model.ts';
import type { Artifact } from './manifest/artifact.ts';
import type { ModelManifest } from './model-manifest.ts';

type Packaged = Pick<ModelManifest, 'artifacts' | 'runtime'>;

/**
 * The file for a provider: of the precision that `runtime` wants there, else one that names the provider, else the fp32 one
 * that names none.
 */
export function artifactFor({ artifacts, runtime }: Packaged, provider: Provider): Artifact | undefined {
  const isFor = ({ providers }: Artifact) => providers === undefined || providers.includes(provider);
  const wanted = runtime.precision?.[provider];
  if (wanted !== undefined) return artifacts.find((artifact) => artifact.precision === wanted && isFor(artifact));
  return (
    artifacts.find(({ providers }) => providers?.includes(provider)) ??
    artifacts.find(({ precision, providers }) => precision === 'fp32' && providers === undefined)
  );
}

/** What every other file is held against. @throws {AppError} MODEL_INVALID */
export function referenceArtifact({ artifacts }: Pick<ModelManifest, 'artifacts'>): Artifact {
  const reference = artifacts.find(
    ({ precision, providers }) => precision === 'fp32' && providers?.includes('cpu') !== false,
  );
  if (reference === undefined) throw new AppError('MODEL_INVALID', 'there is no fp32 artifact for the cpu');
  return reference;
}
