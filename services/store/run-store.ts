import { join } from 'node:path';
import { sql } from 'kysely';
import type { WaitingJob } from '../domain/job.ts';
import type { ClaimedRun, RunStore, UnfinishedRun } from '../domain/ports.ts';
import type { InstanceReference } from '../domain/report-source.ts';
import type { AnalysisInput } from '../domain/run.ts';
import { cancelRun, isHeld } from './cancel-run.ts';
import { commitResult } from './commit-result.ts';
import type { Store } from './connect.ts';
import { recordEvents } from './event-store.ts';

export interface RunStoreOptions {
  /** Where the paths of the index lead: inputs are answered as absolute paths. */
  readonly instanceDirectory: string;
}

/** Runs on their way to an end state. Every change of a run is fenced: only its latest owner's counts. */
export function runStore(store: Store, { instanceDirectory }: RunStoreOptions): RunStore {
  return {
    claimRun: (runId) => claimRun(store, instanceDirectory, runId),
    releaseRun: (runId, fence) => releaseRun(store, runId, fence),
    countCrash: (runId, fence) => countCrash(store, runId, fence),
    commitResult: (runId, fence, result, destinations) => commitResult(store, runId, fence, result, destinations),
    unfinishedRuns: () => unfinishedRuns(store),
    renewRun: (runId) => renewRun(store, runId),
    retryRun: (runId) => retryRun(store, runId),
    cancelRun: (runId, by) => cancelRun(store, runId, by),
    isHeld: (runId, fence) => isHeld(store, runId, fence),
  };
}

async function claimRun({ database }: Store, directory: string, runId: string): Promise<ClaimedRun | undefined> {
  return database.transaction().execute(async (transaction) => {
    const run = await transaction
      .updateTable('run')
      .set((row) => ({ state: 'RUNNING', fence: row('fence', '+', 1), startedAt: sql<Date>`now()` }))
      .where('id', '=', runId)
      .where('state', 'in', ['WAITING', 'RUNNING'])
      .where('supersededBy', 'is', null)
      .returningAll()
      .executeTakeFirst();
    if (run === undefined) return undefined;
    const {
      createdAt: _,
      RequestedProcedurePriority: _priority,
      ...study
    } = await transaction
      .selectFrom('study')
      .selectAll()
      .where('StudyInstanceUID', '=', run.StudyInstanceUID)
      .executeTakeFirstOrThrow();
    const { rows: found } = await sql<AnalysisInput>`
      SELECT path AS file, sha256, instance."SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID", "TransferSyntaxUID"
      FROM instance JOIN jsonb_each_text(${JSON.stringify(run.watermarks)}::jsonb) planned
        ON planned.key = instance."SeriesInstanceUID" AND instance.watermark <= planned.value::integer
      WHERE "StudyInstanceUID" = ${run.StudyInstanceUID}
        AND NOT EXISTS (SELECT FROM written_report WHERE "SRSOPInstanceUID" = instance."SOPInstanceUID")
      ORDER BY instance."SeriesInstanceUID", "InstanceNumber", "SOPInstanceUID"`.execute(transaction);
    const { rows: before } = await sql<InstanceReference>`
      SELECT "SRSOPInstanceUID" AS "SOPInstanceUID", "SRSOPClassUID" AS "SOPClassUID", "SRSeriesInstanceUID" AS "SeriesInstanceUID"
      FROM run JOIN result ON result."runId" = run.id
      WHERE run."StudyInstanceUID" = ${run.StudyInstanceUID} AND run."modelId" = ${run.modelId} AND run.id <> ${run.id}
        AND run."supersededBy" IS NOT NULL AND result."SRSOPInstanceUID" IS NOT NULL
      ORDER BY EXISTS (SELECT FROM delivery WHERE delivery."resultId" = result.id AND delivery.attempts > 0) DESC,
        run."createdAt" DESC, result.revision DESC
      LIMIT 1`.execute(transaction);
    const { id: installationId } = await transaction.selectFrom('installation').select('id').executeTakeFirstOrThrow();
    await recordEvents(transaction, [
      { kind: 'run.started', StudyInstanceUID: run.StudyInstanceUID, runId, fields: { fence: run.fence } },
    ]);
    const { fence, revision, crashes, threshold, modelId, modelHash } = run;
    return {
      ...{ runId, fence, revision, crashes, threshold, modelId, modelHash, study, installationId },
      inputs: found.map((input) => ({ ...input, file: join(directory, input.file) })),
      considered: found.map(({ SeriesInstanceUID, SOPClassUID, SOPInstanceUID }) => ({
        SeriesInstanceUID,
        SOPClassUID,
        SOPInstanceUID,
      })),
      predecessor: before[0],
    };
  });
}

async function releaseRun({ database }: Store, runId: string, fence: number): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    const run = await transaction
      .updateTable('run')
      .set({ state: 'WAITING' })
      .where('id', '=', runId)
      .where('fence', '=', fence)
      .where('state', '=', 'RUNNING')
      .returning('StudyInstanceUID')
      .executeTakeFirst();
    if (run !== undefined) await recordEvents(transaction, [{ kind: 'run.released', ...run, runId }]);
  });
}

async function countCrash({ database }: Store, runId: string, fence: number): Promise<number> {
  return database.transaction().execute(async (transaction) => {
    const counted = await transaction
      .updateTable('run')
      .set((row) => ({ crashes: row('crashes', '+', 1) }))
      .where('id', '=', runId)
      .where('fence', '=', fence)
      .returning(['crashes', 'StudyInstanceUID'])
      .executeTakeFirst();
    if (counted === undefined) {
      const stale = await transaction.selectFrom('run').select('crashes').where('id', '=', runId).executeTakeFirst();
      return stale?.crashes ?? 0;
    }
    const { crashes, StudyInstanceUID } = counted;
    await recordEvents(transaction, [{ kind: 'run.crashed', StudyInstanceUID, runId, fields: { crashes } }]);
    return crashes;
  });
}

async function unfinishedRuns({ database }: Store): Promise<readonly UnfinishedRun[]> {
  const rows = await database
    .selectFrom('run')
    .leftJoin('worklist_row', 'worklist_row.StudyInstanceUID', 'run.StudyInstanceUID')
    .select(['run.id', 'run.generation', 'run.state', 'worklist_row.priority'])
    .where('run.state', 'in', ['WAITING', 'RUNNING'])
    .where('run.supersededBy', 'is', null)
    .orderBy('run.createdAt')
    .execute();
  return rows.map(({ id, generation, state, priority }) => ({
    ...{ id, generation, priority: priority ?? 'ROUTINE' },
    state: state as UnfinishedRun['state'],
  }));
}

/** The fence stays: should the lost owner still be at work and commit first, its result counts. */
async function renewRun({ database }: Store, runId: string): Promise<WaitingJob | undefined> {
  return database.transaction().execute(async (transaction) => {
    const run = await transaction
      .updateTable('run')
      .set((row) => ({ state: 'WAITING', generation: row('generation', '+', 1) }))
      .where('id', '=', runId)
      .where('state', 'in', ['WAITING', 'RUNNING'])
      .where('supersededBy', 'is', null)
      .returning(['id', 'generation', 'StudyInstanceUID'])
      .executeTakeFirst();
    if (run === undefined) return undefined;
    const { id, generation, StudyInstanceUID } = run;
    await recordEvents(transaction, [{ kind: 'run.renewed', StudyInstanceUID, runId, fields: { generation } }]);
    return { id, generation };
  });
}

async function retryRun({ database }: Store, runId: string): Promise<WaitingJob | undefined> {
  return database.transaction().execute(async (transaction) => {
    const run = await transaction
      .updateTable('run')
      .set((row) => ({
        state: 'WAITING',
        reason: null,
        crashes: 0,
        startedAt: null,
        finishedAt: null,
        fence: row('fence', '+', 1),
        generation: row('generation', '+', 1),
        revision: row('revision', '+', 1),
      }))
      .where(sql`id::text`, '=', runId)
      .where('state', '=', 'FAILED')
      .where('supersededBy', 'is', null)
      .returning(['id', 'generation', 'revision', 'StudyInstanceUID'])
      .executeTakeFirst();
    if (run === undefined) return undefined;
    const { id, generation, revision, StudyInstanceUID } = run;
    await recordEvents(transaction, [{ kind: 'run.retried', StudyInstanceUID, runId, fields: { revision } }]);
    return { id, generation };
  });
}
