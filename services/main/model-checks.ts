import { randomUUID } from 'node:crypto';
import type { Config } from '../config.ts';
import type { AnalyzerPool } from '../detection/analyzer-pool.ts';
import type { Context } from '../domain/context.ts';
import type { ModelStore } from '../domain/ports.ts';
import type { AnalyzePorts } from '../pipeline/analyze-run.ts';
import { checkModel } from '../pipeline/check-models.ts';
import { type KnownModel, statusOf } from './models.ts';
import { every } from './timer.ts';

const MINUTE_MS = 60_000;
/** The longest pause of a timer: 25 days. */
const NEVER_MS = 2 ** 31 - 1;

/** The checks of a worker's models, at the start and again and again, and who may read studies by them. */
export function modelChecks(
  context: Context,
  config: Pick<Config, 'MODEL_CHECK_MINUTES' | 'EXECUTION_PROVIDERS'>,
  models: readonly KnownModel[],
  store: ModelStore,
  pool: Pick<AnalyzerPool, 'check'>,
): { modelOf: AnalyzePorts['modelOf']; close(): Promise<void> } {
  const gates = new Map(models.map(({ id }) => [id, Promise.withResolvers<void>()]));
  const check = (known: KnownModel) =>
    checkModel(
      context,
      {
        saveCheck: store.saveCheck,
        checkModel: ({ hash }, signal) =>
          pool.check(
            {
              id: randomUUID(),
              modelDirectory: known.loaded?.directory ?? '',
              modelHash: hash,
              providers: config.EXECUTION_PROVIDERS,
              selfTest: true,
            },
            signal,
          ),
      },
      known,
    );
  const checkAll = async () => {
    for (const model of models) {
      if (context.signal.aborted) return;
      await check(model).catch((error: unknown) => context.log.error('model.check-failed', error, { model: model.id }));
      gates.get(model.id)?.resolve();
    }
  };
  const pauseMs = config.MODEL_CHECK_MINUTES === 0 ? NEVER_MS : config.MODEL_CHECK_MINUTES * MINUTE_MS;
  const timer = every(context, 'model-checks', pauseMs, checkAll);

  return {
    async modelOf(modelId) {
      const known = models.find(({ id }) => id === modelId);
      if (known === undefined) return { disabled: 'not loaded' };
      await gates.get(modelId)?.promise; // a model that was never tested reads nothing
      const state = (await store.modelStates()).find(({ id }) => id === modelId);
      const status = statusOf(known, state);
      if (status === 'SWITCHED_OFF') return { disabled: 'switched off by an operator' };
      if (known.loaded === undefined) return { disabled: known.problem ?? 'not loaded' };
      if (status === 'FAILED') return { disabled: state?.problem ?? 'its last check failed' };
      const { directory, modelHash: hash, algorithm } = known.loaded;
      return { directory, hash, algorithm };
    },
    close: () => timer.close(),
  };
}
