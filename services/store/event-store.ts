import type { Transaction } from 'kysely';
import type { Fields } from '../domain/context.ts';
import type { Schema } from './schema.ts';

export interface NewEvent {
  /** `noun.past`: `run.planned`, `result.delivered`. */
  readonly kind: string;
  readonly StudyInstanceUID: string;
  readonly runId?: string;
  /** Identifiers and numbers, never a value that names a patient. */
  readonly fields?: Fields;
}

/**
 * Adds to the append-only account inside the transaction of the fact itself: screens hear of it when, and only when,
 * that commits (a trigger notifies `overread_event` with the id).
 */
export async function recordEvents(transaction: Transaction<Schema>, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  const rows = events.map(({ kind, StudyInstanceUID, runId = null, fields = {} }) => ({
    kind,
    StudyInstanceUID,
    runId,
    fields: JSON.stringify(fields),
  }));
  await transaction.insertInto('event').values(rows).execute();
}
