import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { type LoadedModel, loadModel } from '../detection/load-model.ts';
import { AppError } from '../domain/errors.ts';

/** How a model is run, where it differs from its manifest. */
export interface ModelChanges {
  readonly providers?: readonly string[];
  readonly precision?: string;
  readonly batch?: number;
  /** Without the operations that need a whole lung. */
  readonly lungMask?: false;
}

export interface ModelVariant {
  readonly model: LoadedModel;
  remove(): Promise<void>;
}

const Op = z.looseObject({ op: z.string() });
const Manifest = z.looseObject({
  artifacts: z.array(z.looseObject({ path: z.string(), precision: z.string() })),
  preprocess: z.array(Op),
  postprocess: z.array(Op),
  tiling: z.looseObject({}).optional(),
  runtime: z.looseObject({}),
});
type Manifest = z.infer<typeof Manifest>;

/**
 * A copy of a model package with another provider, precision, batch or without its lung mask, so that the runner that
 * ships runs it: nothing of the analysis knows about the bench. Its hash is another, as it must be.
 *
 * @throws {AppError} MODEL_INVALID when the model has no such artifact or the runner does not take such a manifest.
 */
export async function modelVariant(directory: string, changes: ModelChanges): Promise<ModelVariant> {
  const id = basename(directory);
  const manifest = changed(
    Manifest.parse(JSON.parse(await readFile(join(directory, 'manifest.json'), 'utf8'))),
    changes,
  );
  const home = await mkdtemp(join(tmpdir(), 'overread-variant-'));
  const remove = () => rm(home, { recursive: true, force: true });
  try {
    await mkdir(join(home, id));
    await writeFile(join(home, id, 'manifest.json'), JSON.stringify(manifest));
    for (const { path } of manifest.artifacts) await copyFile(join(directory, path), join(home, id, path));
    return { model: await loadModel(join(home, id)), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

function changed(manifest: Manifest, { providers, precision, batch, lungMask }: ModelChanges): Manifest {
  const wanted = manifest.artifacts.filter((artifact) => precision === undefined || artifact.precision === precision);
  if (wanted.length === 0) throw new AppError('MODEL_INVALID', `the model has no ${precision} artifact`);
  // The one at full precision stays: it is what every other is held against when it is opened.
  const artifacts = manifest.artifacts.filter((artifact) => wanted.includes(artifact) || artifact.precision === 'fp32');
  const staysIn = ({ mask }: z.infer<typeof Op>) => lungMask !== false || mask !== 'lung';
  return {
    ...manifest,
    artifacts,
    preprocess: manifest.preprocess.filter(staysIn),
    postprocess: manifest.postprocess.filter(staysIn),
    ...(manifest.tiling ? { tiling: { ...manifest.tiling, ...tilingChanges(manifest.tiling, batch, lungMask) } } : {}),
    runtime: {
      ...manifest.runtime,
      ...(providers ? { providers } : {}),
      ...(providers && precision ? { precision: Object.fromEntries(providers.map((name) => [name, precision])) } : {}),
    },
  };
}

const tilingChanges = (tiling: object, batch: number | undefined, lungMask: false | undefined): object => ({
  ...(batch === undefined ? {} : { batch }),
  ...(lungMask === false && 'skipOutsideMask' in tiling ? { skipOutsideMask: false } : {}),
});
