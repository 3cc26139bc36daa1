import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Store } from './connect.ts';
import { recordEvents } from './event-store.ts';

const UNFINISHED = ['WAITING', 'RUNNING'] as const;

/** The end of a run by a person: under a new fence, so that nothing its worker commits later counts. */
export async function cancelRun({ database }: Store, runId: string, by: string): Promise<boolean> {
  return database.transaction().execute(async (transaction) => {
    const run = await transaction
      .updateTable('run')
      .set((row) => ({
        state: 'FAILED',
        reason: JSON.stringify({ code: 'CANCELLED', params: { by } }),
        finishedAt: sql<Date>`now()`,
        fence: row('fence', '+', 1),
      }))
      .where(sql`id::text`, '=', runId)
      .where('state', 'in', UNFINISHED)
      .where('supersededBy', 'is', null)
      .returning(['StudyInstanceUID', 'revision'])
      .executeTakeFirst();
    if (run === undefined) return false;
    const { StudyInstanceUID, revision } = run;
    await transaction.insertInto('result').values({ id: randomUUID(), runId, revision, stageSeconds: '{}' }).execute();
    await recordEvents(transaction, [{ kind: 'run.cancelled', StudyInstanceUID, runId, fields: { revision } }]);
    return true;
  });
}

export async function isHeld({ database }: Store, runId: string, fence: number): Promise<boolean> {
  const run = await database
    .selectFrom('run')
    .select('id')
    .where('id', '=', runId)
    .where('fence', '=', fence)
    .where('state', 'in', UNFINISHED)
    .executeTakeFirst();
  return run !== undefined;
}
