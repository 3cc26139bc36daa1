import { join, resolve } from 'node:path';
import type { Config } from '../config.ts';
import { type LoadedModel, loadModel } from '../detection/load-model.ts';

/** Where model packages lie. */
export const modelsFolder = ({ MODELS_DIR }: Pick<Config, 'MODELS_DIR'>): string =>
  resolve(MODELS_DIR ?? join(import.meta.dirname, '../../models'));

/** Every model of the settings, checked; one that does not load stops the role with its reason. */
export function loadModels(config: Pick<Config, 'MODELS' | 'MODELS_DIR'>): Promise<LoadedModel[]> {
  return Promise.all(config.MODELS.map((id) => loadModel(join(modelsFolder(config), id))));
}
