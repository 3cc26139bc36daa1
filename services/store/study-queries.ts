import { type Kysely, sql } from 'kysely';
import type { Log } from '../domain/context.ts';
import type { ChangeEvent } from '../domain/contract/system.ts';
import type { StudyDetail } from '../domain/contract/worklist.ts';
import type { StudyQueries } from '../domain/ports.ts';
import type { Store } from './connect.ts';
import { CHANGE_COLUMNS, eventListener } from './event-listener.ts';
import { seriesNotWithheld } from './own-reports.ts';
import type { Schema } from './schema.ts';
import { type ResultRow, type RunRow, runDetail, type StudyRow, worklistStudy } from './screen-rows.ts';
import { STUDY_COLUMNS, STUDY_DETAILS } from './study-columns.ts';
import { priorStudies, worklist, worklistValues } from './worklist-queries.ts';

/** What the screens ask. A page of the worklist is one statement, however many studies there are. */
export function studyQueries(
  store: Store,
  log: Log,
  options: { bannerOf?(modelId: string): string } = {},
): StudyQueries {
  return {
    worklist: (query) => worklist(store, query),
    worklistValues: () => worklistValues(store),
    priorStudies: (uid) => priorStudies(store, uid),
    studyDetail: (uid) => studyDetail(store, uid, options.bannerOf ?? (() => UNVALIDATED)),
    subscribe: eventListener(store, log),
    eventsAfter: (id) => eventsAfter(store, id),
    ping: async () => {
      await sql`SELECT 1`.execute(store.database);
    },
  };
}

/** Until a model is validated, every result says this. */
const UNVALIDATED = 'AI result – not reviewed – not for primary diagnosis';
const MAX_EVENTS = 1000;

async function studyDetail({ database }: Store, uid: string, bannerOf: (modelId: string) => string) {
  return database
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (transaction): Promise<StudyDetail | undefined> => {
      const {
        rows: [row],
      } = await sql<StudyRow & { asOf: Date }>`
      SELECT now() AS "asOf", ${STUDY_COLUMNS} FROM study ${STUDY_DETAILS}
      WHERE study."StudyInstanceUID" = ${uid} AND counts."seriesCount" > 0`.execute(transaction);
      if (row === undefined) return undefined;
      const results = await resultsOf(transaction, row.runs);
      const runs = row.runs.map((run) => runDetail(run, results.get(run.id), bannerOf(run.modelId)));
      const read = new Set(runs.map((run) => run.analysedSeriesInstanceUID));
      const series = await transaction
        .selectFrom('series')
        .select(['SeriesInstanceUID', 'Modality', 'SeriesNumber', 'SeriesDescription', 'watermark as instanceCount'])
        .where('StudyInstanceUID', '=', uid)
        .where(seriesNotWithheld('series'))
        .orderBy('SeriesNumber')
        .orderBy('SeriesInstanceUID')
        .execute();
      return {
        asOf: row.asOf.toISOString(),
        study: worklistStudy(row, row.asOf),
        series: series.map((each) => ({ ...each, analysed: read.has(each.SeriesInstanceUID) })),
        runs,
      };
    });
}

async function resultsOf(database: Kysely<Schema>, runs: readonly RunRow[]): Promise<Map<string, ResultRow>> {
  if (runs.length === 0) return new Map();
  const { rows } = await sql<ResultRow & { runId: string }>`
    SELECT "runId", result.series, provider, "stageSeconds", "SRSOPInstanceUID", "SRSeriesInstanceUID", (
      SELECT coalesce(jsonb_agg(lesion || jsonb_build_object('index', index, 'TrackingUID', "TrackingUID")
        ORDER BY score DESC, index), '[]') FROM finding WHERE "resultId" = result.id
    ) AS findings
    FROM result JOIN run ON run.id = result."runId" AND run.revision = result.revision
    WHERE run.id = ANY(${runs.map(({ id }) => id)}::uuid[])`.execute(database);
  return new Map(rows.map(({ runId, ...result }) => [runId, result]));
}

async function eventsAfter({ database }: Store, id: number): Promise<readonly ChangeEvent[]> {
  const { rows } = await sql<ChangeEvent>`
    SELECT ${sql.raw(CHANGE_COLUMNS)} FROM event WHERE id > ${id} ORDER BY id LIMIT ${MAX_EVENTS}`.execute(database);
  return rows;
}
