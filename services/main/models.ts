import { join } from 'node:path';
import { type LoadedModel, loadModel } from '../detection/load-model.ts';

/** The folder of a model by its id. */
export const modelDirectory = (id: string): string => join(import.meta.dirname, '../../models', id);

/** Every model of the settings, checked; one that does not load stops the role with its reason. */
export function loadModels(ids: readonly string[]): Promise<LoadedModel[]> {
  return Promise.all(ids.map((id) => loadModel(modelDirectory(id))));
}
