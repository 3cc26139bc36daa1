import { sql, type Transaction } from 'kysely';
import type { Reading, ReadingContent } from '../domain/contract/reading.ts';
import type { ReadingChange, ReadingOutcome, ReadingRefusal } from '../domain/reading-ports.ts';
import { verdictChanges } from '../domain/review.ts';
import type { Store } from './connect.ts';
import { recordEvents } from './event-store.ts';
import { readReading } from './reading-rows.ts';
import type { JudgedRun, Schema } from './schema.ts';

/** A reading that nobody else can change until the transaction ends, and the change that is asked for. */
export interface HeldReading {
  readonly transaction: Transaction<Schema>;
  readonly change: ReadingChange;
  readonly current: Reading;
  /** Of the last time its content was saved; `undefined` before the first. */
  readonly judgedRuns: readonly JudgedRun[] | undefined;
}

/** What a change leaves behind, or why it is not made. */
export type NextReading =
  | { readonly refused: ReadingRefusal }
  | {
      readonly action: Schema['reading_action']['action'];
      readonly state: Reading['state'];
      readonly content: ReadingContent;
      readonly judgedRuns: readonly JudgedRun[];
      readonly revealed?: boolean;
    };

const EVENT = { SAVE: 'changed', REVEAL: 'revealed', SIGN: 'signed', AMEND: 'amended' } as const;

/** Locks the study, so that neither another reader nor a plan of newer images comes in between. */
export async function changing(
  store: Store,
  change: ReadingChange,
  next: (held: HeldReading) => Promise<NextReading>,
): Promise<ReadingOutcome> {
  const { StudyInstanceUID, revision } = change;
  return store.database.transaction().execute(async (transaction) => {
    const study = transaction.selectFrom('study').select('StudyInstanceUID').forNoKeyUpdate();
    await study.where('StudyInstanceUID', '=', StudyInstanceUID).execute();
    const current = await readReading(transaction, StudyInstanceUID);
    if (current === undefined)
      return { refused: { code: 'STUDY_NOT_FOUND', detail: 'No study with this UID was received' } };
    const row = await transaction
      .selectFrom('reading')
      .select('judgedRuns')
      .where('StudyInstanceUID', '=', StudyInstanceUID)
      .executeTakeFirst();
    if (current.revision !== revision) return { refused: conflict(current) };
    const made = await next({ transaction, change, current, judgedRuns: row?.judgedRuns });
    if ('refused' in made) return made;
    await write(transaction, change, current, made);
    const reading = await readReading(transaction, StudyInstanceUID);
    if (reading === undefined) throw new Error('the study was locked');
    return { reading };
  });
}

/** A reader whose draft met a signature wants to know that first. */
function conflict(current: Reading): ReadingRefusal {
  if (current.state === 'SIGNED') return signed(current);
  const detail = `the reading was changed meanwhile: it is at revision ${current.revision}`;
  return { code: 'READING_CHANGED', detail, current };
}

export const signed = (current: Reading): ReadingRefusal => ({
  code: 'READING_SIGNED',
  detail: 'the reading is signed; only an amendment changes it',
  current,
});

async function write(
  transaction: Transaction<Schema>,
  { StudyInstanceUID, revision, reader }: ReadingChange,
  current: Reading,
  made: Exclude<NextReading, { refused: unknown }>,
): Promise<void> {
  const { action, state, content, judgedRuns, revealed = false } = made;
  const { name: readerName, organization: readerOrganization } = reader;
  const values = {
    ...{ state, readerName, readerOrganization, revision: revision + 1 },
    content: JSON.stringify(content),
    judgedRuns: JSON.stringify(judgedRuns),
    changedAt: sql<Date>`now()`,
    ...(revealed && { revealedAt: sql<Date>`now()` }),
  };
  await transaction
    .insertInto('reading')
    .values({ StudyInstanceUID, ...values })
    .onConflict((row) => row.column('StudyInstanceUID').doUpdateSet(values))
    .execute();
  await transaction
    .insertInto('reading_action')
    .values({
      ...{ StudyInstanceUID, action, actor: readerName, actorOrganization: readerOrganization },
      ...{ revisionBefore: revision, revisionAfter: revision + 1 },
      changes: JSON.stringify(verdictChanges(current.content, content)),
    })
    .execute();
  await recordEvents(transaction, [
    { kind: `reading.${EVENT[action]}`, StudyInstanceUID, fields: { revision: revision + 1 } },
  ]);
}
