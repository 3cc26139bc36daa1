import { sql } from 'kysely';
import type { InstanceIndex } from '../domain/ports.ts';
import type { StoredInstance } from '../domain/study.ts';
import type { Store } from './connect.ts';

type Outcome = Awaited<ReturnType<InstanceIndex['recordInstance']>>;

interface Waiting {
  readonly instance: StoredInstance;
  readonly done: PromiseWithResolvers<Outcome>;
}

const MAX_BATCH = 64;

/**
 * Records arrivals, one commit at a time: those that come while a commit is under way share the next. A single sender
 * waits for one round trip and one sync; of several, each waits for little more. Two commits side by side would only
 * queue for the lock of their series and of the notification.
 */
export function instanceRecorder(store: Store, quietSeconds: number): InstanceIndex['recordInstance'] {
  const waiting: Waiting[] = [];
  const state = { busy: false };

  async function work(): Promise<void> {
    state.busy = true;
    for (let batch = waiting.splice(0, MAX_BATCH); batch.length > 0; batch = waiting.splice(0, MAX_BATCH)) {
      await recordBatch(store, quietSeconds, batch);
    }
    state.busy = false;
  }

  return (instance) => {
    const done = Promise.withResolvers<Outcome>();
    waiting.push({ instance, done });
    if (!state.busy) void work();
    return done.promise;
  };
}

/** Never throws. One arrival that cannot be recorded does not fail those that share its batch. */
async function recordBatch(store: Store, quietSeconds: number, batch: readonly Waiting[]): Promise<void> {
  try {
    const outcomes = await record(store, quietSeconds, batch);
    for (const [place, { done }] of batch.entries()) {
      const outcome = outcomes.get(place);
      if (outcome === undefined) done.reject(new Error('record_instances answered without this instance'));
      else done.resolve(outcome);
    }
  } catch (error) {
    if (batch.length === 1) batch[0]?.done.reject(error);
    else for (const one of batch) await recordBatch(store, quietSeconds, [one]);
  }
}

async function record({ database }: Store, quietSeconds: number, batch: readonly Waiting[]) {
  const items = JSON.stringify(
    batch.map(({ instance }, place) => item(instance, place)),
    plain,
  );
  const { rows } = await sql<{ place: number; outcome: Outcome }>`
    SELECT place, outcome FROM record_instances(${items}::jsonb, ${quietSeconds})`.execute(database);
  return new Map(rows.map(({ place, outcome }) => [place, outcome]));
}

function item({ header, sourceAETitle, path, sha256, bytes, TransferSyntaxUID }: StoredInstance, place: number) {
  const { study, series, instance } = header;
  return {
    place,
    study,
    series: { ...series, SeriesNumber: integer(series.SeriesNumber) },
    instance: {
      ...instance,
      InstanceNumber: integer(instance.InstanceNumber),
      Rows: integer(instance.Rows),
      Columns: integer(instance.Columns),
      NumberOfFrames: integer(instance.NumberOfFrames),
      ...{ TransferSyntaxUID, path, sha256, bytes, sourceAETitle },
    },
  };
}

/** An IS that no integer column takes is no number. */
const integer = (value: number | undefined): number | null =>
  value !== undefined && Number.isInteger(value) && Math.abs(value) <= 0x7fff_ffff ? value : null;

/** PostgreSQL takes neither NUL nor half a surrogate pair in a text. */
const plain = (_key: string, value: unknown): unknown =>
  typeof value === 'string' ? value.replaceAll('\0', '').toWellFormed() : value;
