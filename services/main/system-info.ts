import packageJson from '../../package.json' with { type: 'json' };
import type { Config } from '../config.ts';
import type { Health, SystemInfo } from '../domain/contract/system.ts';
import type { ModelState } from '../domain/model.ts';
import { type KnownModel, statusOf } from './models.ts';

/** How this node is reached and what it runs. */
export function systemInfo(
  config: Config,
  destinations: readonly string[],
  models: readonly KnownModel[],
  states: readonly ModelState[],
): SystemInfo {
  return {
    version: packageJson.version,
    AETitle: config.AE_TITLE,
    dimsePort: config.DIMSE_PORT,
    destinations: [...destinations],
    models: models.map((known) =>
      modelInfo(
        known,
        states.find(({ id }) => id === known.id),
      ),
    ),
  };
}

function modelInfo(known: KnownModel, state: ModelState | undefined): SystemInfo['models'][number] {
  const { id, version, hash, loaded } = known;
  const status = statusOf(known, state);
  const isOfThis = status !== 'UNCHECKED' && state?.hash === hash;
  return {
    ...{ id, version, hash, status },
    title: loaded?.manifest.title ?? id,
    banner: loaded?.manifest.report.banner ?? '',
    label: loaded?.manifest.card.label ?? '',
    threshold: loaded?.threshold ?? 1,
    validated: loaded?.manifest.card.clinicalUse ?? false,
    problem: known.problem ?? (isOfThis ? (state?.problem ?? null) : null),
    provider: isOfThis ? (state?.check?.provider ?? null) : null,
    passedOver: isOfThis ? (state?.check?.passedOver ?? []) : [],
    checkedAt: isOfThis ? (state?.checkedAt?.toISOString() ?? null) : null,
  };
}

/** Not ok when a model of the settings is disabled: its studies end as failed, while all others are read as before. */
export function modelHealth(models: readonly KnownModel[], states: readonly ModelState[]): Health['checks'][string] {
  const status = models.map((known) => ({
    id: known.id,
    is: statusOf(
      known,
      states.find(({ id }) => id === known.id),
    ),
  }));
  const failed = status.filter(({ is }) => is === 'FAILED').map(({ id }) => id);
  return {
    ok: failed.length === 0,
    detail: failed.length === 0 ? `${models.length} loaded` : `disabled: ${failed.join(', ')}`,
  };
}
