import type { Context } from '../domain/context.ts';
import { AppError } from '../domain/errors.ts';
import type { ModelCheck } from '../domain/model.ts';
import type { ModelStore } from '../domain/ports.ts';

/** A model of the settings: its package, or why it does not load. */
export interface ModelToCheck {
  readonly id: string;
  readonly version: string;
  readonly hash: string;
  readonly problem?: string | undefined;
}

export interface CheckPorts extends Pick<ModelStore, 'saveCheck'> {
  /** Loads the model where it will run and runs its self test. */
  checkModel(model: ModelToCheck, signal: AbortSignal): Promise<ModelCheck>;
}

/**
 * Checks one model and writes down what came of it. A model that does not load or whose self test fails reads no study from
 * then on, until a later check passes; the other models go on.
 */
export async function checkModel(context: Context, ports: CheckPorts, model: ModelToCheck): Promise<void> {
  const log = context.log.child({ model: model.id, version: model.version });
  const outcome = await outcomeOf(context, ports, model);
  if (outcome === undefined) return;
  await ports.saveCheck(model, outcome);
  if ('problem' in outcome) return log.error('model.disabled', new AppError('MODEL_INVALID', outcome.problem));
  const { provider, precision, passedOver, selfTest } = outcome.check;
  for (const { provider: other, detail } of passedOver)
    log.warn('model.provider-passed-over', { provider: other, detail });
  if (selfTest?.passed === false)
    return log.error('model.disabled', new AppError('MODEL_INVALID', `its self test failed: ${selfTest.detail}`));
  log.info('model.checked', { provider, precision, ...(selfTest && { selfTestSeconds: selfTest.seconds }) });
}

/**
 * `undefined` when nothing was found out: the worker stops, or the analyzer was lost. That a model takes more time or memory
 * than it may is said by its runs, which are tried again; it is no wrong answer.
 */
async function outcomeOf({ metrics, signal, log }: Context, ports: CheckPorts, model: ModelToCheck) {
  if (model.problem !== undefined) return { problem: model.problem };
  try {
    return { check: await metrics.time('model_check', () => ports.checkModel(model, signal)) };
  } catch (error) {
    if (signal.aborted) return undefined;
    if (error instanceof AppError && error.retryable)
      return log.warn('model.check-lost', { model: model.id, code: error.code });
    if (error instanceof AppError) return { problem: String(error.detail.detail ?? error.message).slice(0, 200) };
    throw error;
  }
}
