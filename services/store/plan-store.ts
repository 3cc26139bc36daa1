import { randomUUID } from 'node:crypto';
import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';
import type { WaitingJob } from '../domain/job.ts';
import type { PartlyDueStudy, PlannedRun, PlanStore, StudyToPlan } from '../domain/ports.ts';
import type { StudyPriority } from '../domain/priority.ts';
import type { RunState } from '../domain/run.ts';
import type { Store } from './connect.ts';
import { type NewEvent, recordEvents } from './event-store.ts';
import type { Schema } from './schema.ts';

/** Studies planned per call: the planner asks again soon. */
const MAX_DUE = 20;
const MAX_PARTLY_DUE = 100;

const UNPLANNED = sql`SELECT "StudyInstanceUID" FROM series WHERE watermark > "plannedWatermark"`;
const IS_LOCALIZER = sql`'LOCALIZER' = ANY(string_to_array(instance."ImageType", '\\'))`;

export function planStore(store: Store): PlanStore {
  return {
    dueStudies: () => dueStudies(store),
    partlyDueStudies: () => partlyDueStudies(store),
    studyToPlan: (uid) => studyToPlan(store, uid),
    savePlan: (study, runs) => savePlan(store, study, runs),
    priorityOf: (uid) => priorityOf(store, uid),
  };
}

/** Studies of which every series is complete, and every announced one has come or was waited for long enough. */
async function dueStudies({ database }: Store): Promise<readonly StudyToPlan[]> {
  return received(
    database,
    sql`SELECT "StudyInstanceUID", max("dueAt") AS due FROM series_wait
      WHERE "StudyInstanceUID" IN (${UNPLANNED})
      GROUP BY "StudyInstanceUID"
      HAVING bool_or(watermark > "plannedWatermark") AND max("dueAt") <= now() AND NOT EXISTS (
        SELECT FROM awaited_series WHERE awaited_series."StudyInstanceUID" = series_wait."StudyInstanceUID" AND "waitUntil" > now())
      ORDER BY due LIMIT ${MAX_DUE}`,
  );
}

async function priorityOf({ database }: Store, StudyInstanceUID: string): Promise<StudyPriority> {
  const row = await database
    .selectFrom('worklist_row')
    .select('priority')
    .where('StudyInstanceUID', '=', StudyInstanceUID)
    .executeTakeFirst();
  return row?.priority ?? 'ROUTINE';
}

async function studyToPlan({ database }: Store, StudyInstanceUID: string): Promise<StudyToPlan | undefined> {
  const [study] = await received(database, sql`SELECT ${StudyInstanceUID}::text AS "StudyInstanceUID", now() AS due`);
  return study;
}

/** One statement, so one snapshot: the instances answered are exactly those at or below the watermarks answered. */
async function received(database: Kysely<Schema>, due: RawBuilder<unknown>): Promise<readonly StudyToPlan[]> {
  const { rows } = await sql<StudyToPlan>`
    WITH due AS (${due}), received AS (
      SELECT series_wait.*, due.due, bool_and(${IS_LOCALIZER}) AS localizer, jsonb_agg(
        jsonb_build_object('SOPInstanceUID', instance."SOPInstanceUID", 'SOPClassUID', instance."SOPClassUID",
          'sha256', instance.sha256) ORDER BY instance.watermark) AS instances
      FROM due JOIN series_wait USING ("StudyInstanceUID")
      JOIN instance USING ("StudyInstanceUID", "SeriesInstanceUID")
      WHERE NOT EXISTS (SELECT FROM written_report WHERE "SRSOPInstanceUID" = instance."SOPInstanceUID")
      GROUP BY series_wait."StudyInstanceUID", series_wait."SeriesInstanceUID", series_wait."Modality", series_wait.watermark,
        series_wait."plannedWatermark", series_wait."lastArrivalAt", series_wait.announced, series_wait.missing, "dueAt", due.due
    )
    SELECT "StudyInstanceUID", jsonb_agg(jsonb_build_object('SeriesInstanceUID', "SeriesInstanceUID",
      'Modality', "Modality", 'watermark', received.watermark, 'growing', "dueAt" > now(), 'localizer', localizer,
      'instances', instances) ORDER BY "SeriesInstanceUID") AS series
    FROM received GROUP BY "StudyInstanceUID", due ORDER BY due`.execute(database);
  return rows;
}

/** Cheap enough to be asked twice a second while a large study arrives: two images of each series say what it is. */
async function partlyDueStudies({ database }: Store): Promise<readonly PartlyDueStudy[]> {
  const { rows } = await sql<PartlyDueStudy>`
    WITH waits AS (SELECT * FROM series_wait WHERE "StudyInstanceUID" IN (${UNPLANNED})), partly AS (
      SELECT "StudyInstanceUID", min("dueAt") AS due FROM waits GROUP BY "StudyInstanceUID"
      HAVING bool_or(watermark > "plannedWatermark" AND "dueAt" <= now())
        AND (max("dueAt") > now() OR EXISTS (
          SELECT FROM awaited_series WHERE awaited_series."StudyInstanceUID" = waits."StudyInstanceUID" AND "waitUntil" > now()))
      ORDER BY due LIMIT ${MAX_PARTLY_DUE}
    )
    SELECT "StudyInstanceUID", (
      SELECT coalesce(jsonb_agg(jsonb_build_object('SeriesInstanceUID', "SeriesInstanceUID", 'Modality', "Modality")), '[]')
      FROM awaited_series WHERE awaited_series."StudyInstanceUID" = partly."StudyInstanceUID" AND "waitUntil" > now()
    ) AS awaited, (
      SELECT jsonb_agg(jsonb_build_object('SeriesInstanceUID', "SeriesInstanceUID", 'Modality', "Modality",
        'watermark', waits.watermark, 'growing', "dueAt" > now(), 'localizer', ends.localizer, 'instances', ends.instances))
      FROM waits CROSS JOIN LATERAL (
        SELECT bool_and(${IS_LOCALIZER}) AS localizer, jsonb_agg(jsonb_build_object('SOPInstanceUID', "SOPInstanceUID",
          'SOPClassUID', "SOPClassUID", 'sha256', sha256)) AS instances
        FROM instance WHERE instance."StudyInstanceUID" = waits."StudyInstanceUID"
          AND instance."SeriesInstanceUID" = waits."SeriesInstanceUID" AND instance.watermark IN (1, waits.watermark)
          AND NOT EXISTS (SELECT FROM written_report WHERE "SRSOPInstanceUID" = instance."SOPInstanceUID")
      ) ends
      WHERE waits."StudyInstanceUID" = partly."StudyInstanceUID" AND ends.instances IS NOT NULL
    ) AS series
    FROM partly ORDER BY due`.execute(database);
  return rows.filter(({ series }) => series !== null);
}

async function savePlan({ database }: Store, study: StudyToPlan, runs: readonly PlannedRun[]) {
  return database.transaction().execute(async (transaction): Promise<readonly WaitingJob[]> => {
    const { StudyInstanceUID } = study;
    await transaction
      .selectFrom('study')
      .select('StudyInstanceUID')
      .where('StudyInstanceUID', '=', StudyInstanceUID)
      .forUpdate()
      .execute();
    if (await overtaken(transaction, study)) return [];
    const waiting: WaitingJob[] = [];
    const events: NewEvent[] = [];
    for (const [modelId, planned] of Map.groupBy(runs, (run) => run.modelId)) {
      const saved: SavedRun[] = [];
      for (const run of planned) saved.push(await saveRun(transaction, study, run));
      await supersede(transaction, StudyInstanceUID, modelId, saved);
      for (const { id, generation, state } of saved.filter(({ isOld }) => !isOld)) {
        events.push({ kind: 'run.planned', StudyInstanceUID, runId: id, fields: { modelId, state } });
        if (state === 'WAITING') waiting.push({ id, generation });
      }
    }
    await rememberWatermarks(transaction, study);
    await recordEvents(transaction, [
      ...events,
      { kind: 'study.planned', StudyInstanceUID, fields: { runs: events.length } },
    ]);
    return waiting;
  });
}

/**
 * A plan made from newer images was saved meanwhile: this one must not supersede it. A series that holds nothing but
 * returned reports of ours counts as planned without a plan.
 */
async function overtaken(
  transaction: Transaction<Schema>,
  { StudyInstanceUID, series }: StudyToPlan,
): Promise<boolean> {
  const seen = Object.fromEntries(series.map(({ SeriesInstanceUID, watermark }) => [SeriesInstanceUID, watermark]));
  const { rows } = await sql`
    SELECT FROM series
    WHERE "StudyInstanceUID" = ${StudyInstanceUID}
      AND "plannedWatermark" > coalesce((${JSON.stringify(seen)}::jsonb ->> "SeriesInstanceUID")::integer, 0)
      AND EXISTS (
        SELECT FROM instance
        WHERE instance."StudyInstanceUID" = series."StudyInstanceUID"
          AND instance."SeriesInstanceUID" = series."SeriesInstanceUID"
          AND NOT EXISTS (SELECT FROM written_report WHERE "SRSOPInstanceUID" = instance."SOPInstanceUID"))
    LIMIT 1`.execute(transaction);
  return rows.length > 0;
}

interface SavedRun extends WaitingJob {
  readonly state: RunState;
  /** It was there before, and current: nothing happened. */
  readonly isOld: boolean;
}

/** The run of this key: a new one, or the one there is, which is current again where it had been superseded. */
async function saveRun(transaction: Transaction<Schema>, study: StudyToPlan, planned: PlannedRun): Promise<SavedRun> {
  const { StudyInstanceUID } = study;
  const { modelId, modelVersion, modelHash, inputDigest, threshold, outOfScope } = planned;
  const seriesSet = planned.seriesSet.toSorted().join('\\');
  const watermarks = Object.fromEntries(
    study.series
      .filter(({ SeriesInstanceUID }) => planned.seriesSet.includes(SeriesInstanceUID))
      .map(({ SeriesInstanceUID, watermark }) => [SeriesInstanceUID, watermark]),
  );
  const end = outOfScope && {
    state: 'NOT_ANALYSABLE' as const,
    reason: JSON.stringify(outOfScope),
    finishedAt: new Date(),
  };
  const inserted = await transaction
    .insertInto('run')
    .values({
      ...{ id: randomUUID(), StudyInstanceUID, seriesSet, modelId, modelVersion, modelHash, inputDigest, threshold },
      ...(end ?? { state: 'WAITING' as const }),
      ...routeColumns(planned),
      watermarks: JSON.stringify(watermarks),
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning(['id', 'generation', 'state'])
    .executeTakeFirst();
  if (inserted !== undefined) return { ...inserted, isOld: false };

  const known = await transaction
    .selectFrom('run')
    .select(['id', 'generation', 'state', 'supersededBy'])
    .where('StudyInstanceUID', '=', StudyInstanceUID)
    .where('seriesSet', '=', seriesSet)
    .where('modelId', '=', modelId)
    .where('modelHash', '=', modelHash)
    .where('inputDigest', '=', inputDigest)
    .executeTakeFirstOrThrow();
  if (known.supersededBy !== null) {
    await transaction.updateTable('run').set({ supersededBy: null }).where('id', '=', known.id).execute();
  }
  if (known.state === 'WAITING') {
    await transaction.updateTable('run').set(routeColumns(planned)).where('id', '=', known.id).execute();
  }
  return { ...known, isOld: known.supersededBy === null };
}

const routeColumns = ({ routeRule, destinations }: PlannedRun) => ({
  routeRule: routeRule ?? null,
  destinations: destinations === undefined ? null : JSON.stringify(destinations),
});

async function supersede(
  transaction: Transaction<Schema>,
  StudyInstanceUID: string,
  modelId: string,
  current: readonly SavedRun[],
): Promise<void> {
  await transaction
    .updateTable('run')
    .set({ supersededBy: current[0]?.id ?? null })
    .where('StudyInstanceUID', '=', StudyInstanceUID)
    .where('modelId', '=', modelId)
    .where('supersededBy', 'is', null)
    .where(
      'id',
      'not in',
      current.map(({ id }) => id),
    )
    .execute();
}

async function rememberWatermarks(transaction: Transaction<Schema>, { StudyInstanceUID, series }: StudyToPlan) {
  for (const { SeriesInstanceUID, watermark } of series.filter(({ growing }) => growing !== true)) {
    await transaction
      .updateTable('series')
      .set((row) => ({ plannedWatermark: row.fn('greatest', ['plannedWatermark', row.val(watermark)]) }))
      .where('StudyInstanceUID', '=', StudyInstanceUID)
      .where('SeriesInstanceUID', '=', SeriesInstanceUID)
      .execute();
  }
}
