import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Config, loadConfig } from '../../config.ts';
import { AppError } from '../../domain/errors.ts';
import { pinoLog } from '../../observability/pino-log.ts';
import { connect } from '../../store/connect.ts';
import { embeddedDatabaseUrl } from '../../store/embedded-database.ts';
import { modelStore } from '../../store/model-store.ts';
import { modelsFolder } from '../models.ts';

/**
 * An operator's order, written into the tables: every worker heeds it from its next study on, and what waits for a model
 * that is switched off ends as failed, to be ordered again later.
 *
 * @throws {AppError} MODEL_NOT_FOUND; DATABASE_UNAVAILABLE while Overread is not running.
 */
export async function switchCommand(id: string, enabled: boolean): Promise<void> {
  const config = loadConfig(process.env);
  if (!config.MODELS.includes(id) && !existsSync(join(modelsFolder(config), id)))
    throw new AppError('MODEL_NOT_FOUND', `there is no model ${id} below ${modelsFolder(config)}`);
  const store = await connect(await databaseUrl(config), pinoLog('silent', 'model'));
  try {
    const models = modelStore(store);
    await models.switchModel(id, enabled);
    const state = (await models.modelStates()).find((each) => each.id === id);
    const problem = state?.problem ? ` (${state.problem})` : '';
    process.stdout.write(`${id}: ${enabled ? 'switched on' : 'switched off'}, ${state?.status ?? ''}${problem}\n`);
    if (enabled && !config.MODELS.includes(id))
      process.stdout.write(`note    it is not in the setting MODELS, so no worker loads it\n`);
  } finally {
    await store.close();
  }
}

/** That of the settings, or the embedded one of a running Overread. @throws {AppError} DATABASE_UNAVAILABLE */
export async function databaseUrl({ DATABASE_URL, DATA_DIR }: Config): Promise<string> {
  const url = DATABASE_URL ?? (await embeddedDatabaseUrl(resolve(DATA_DIR)));
  if (url !== undefined) return url;
  throw new AppError(
    'DATABASE_UNAVAILABLE',
    `no database below ${resolve(DATA_DIR)}: start Overread, or set DATABASE_URL`,
  );
}
