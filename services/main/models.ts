import { join, resolve } from 'node:path';
import type { Config } from '../config.ts';
import { type LoadedModel, loadModel, readManifest } from '../detection/load-model.ts';
import { type IndexedSeries, imageSeries, suitableSeries } from '../detection/suitable-series.ts';
import { AppError } from '../domain/errors.ts';
import type { ModelState, ModelStatus } from '../domain/model.ts';

/** Where model packages lie. */
export const modelsFolder = ({ MODELS_DIR }: Pick<Config, 'MODELS_DIR'>): string =>
  resolve(MODELS_DIR ?? join(import.meta.dirname, '../../models'));

/** A model of the settings: loaded, or with what keeps it from that. */
export interface KnownModel {
  readonly id: string;
  /** Empty when its manifest cannot be read. */
  readonly version: string;
  readonly hash: string;
  readonly loaded?: LoadedModel;
  readonly problem?: string;
  suitableSeries(series: IndexedSeries): ReturnType<typeof suitableSeries>;
  mayRead(Modality: string): boolean;
}

/** Every model of the settings, checked. One that does not load keeps its place, so that its studies say why. */
export function loadModels(config: Pick<Config, 'MODELS' | 'MODELS_DIR'>): Promise<KnownModel[]> {
  return Promise.all(config.MODELS.map((id) => knownModel(id, join(modelsFolder(config), id))));
}

async function knownModel(id: string, directory: string): Promise<KnownModel> {
  try {
    const loaded = await loadModel(directory);
    const { manifest, modelHash: hash } = loaded;
    return {
      id,
      version: manifest.version,
      hash,
      loaded,
      suitableSeries: (series) => suitableSeries(manifest, series),
      mayRead: (Modality) => Modality === '' || manifest.accepts.modality.includes(Modality),
    };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const manifest = await readManifest(directory).then(
      (read) => read.manifest,
      () => undefined,
    );
    const suitable = (series: IndexedSeries) => (manifest ? suitableSeries(manifest, series) : imageSeries(series));
    const mayRead = (Modality: string) => Modality === '' || manifest?.accepts.modality.includes(Modality) !== false;
    return {
      id,
      version: manifest?.version ?? '',
      hash: '',
      problem: error.message,
      suitableSeries: suitable,
      mayRead,
    };
  }
}

/** What a process that loaded a model may say of it, by what the tables know. */
export function statusOf({ hash, problem }: KnownModel, state: ModelState | undefined): ModelStatus {
  if (state?.status === 'SWITCHED_OFF') return 'SWITCHED_OFF';
  if (problem !== undefined) return 'FAILED';
  return state?.hash === hash ? state.status : 'UNCHECKED';
}
