import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Log } from '../domain/context.ts';
import type { ChangeEvent } from '../domain/contract/system.ts';
import type { StudyDetail, Worklist, WorklistQuery } from '../domain/contract/worklist.ts';
import type { StudyQueries } from '../domain/ports.ts';
import type { Store } from './connect.ts';
import { CHANGE_COLUMNS, eventListener } from './event-listener.ts';
import { containsPattern } from './like-pattern.ts';
import { seriesNotWithheld } from './own-reports.ts';
import type { Schema } from './schema.ts';
import { type ResultRow, type RunRow, runDetail, type StudyRow, worklistStudy } from './screen-rows.ts';

/** What the screens ask. A page of the worklist is one statement, however many studies there are. */
export function studyQueries(
  store: Store,
  log: Log,
  options: { bannerOf?(modelId: string): string } = {},
): StudyQueries {
  return {
    worklist: (query) => worklist(store, query),
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

/** The study columns, series counts and runs of the rows of `page`; its `place` is their order. */
const STUDY_COLUMNS = sql`
  study.*, counts.modalities, counts."seriesCount", counts."instanceCount", counts."lastArrivalAt", counts."quietAt",
  coalesce(runs.runs, '[]') AS runs`;

const STUDY_DETAILS = sql`
  CROSS JOIN LATERAL (
    SELECT array_agg(DISTINCT "Modality" ORDER BY "Modality") AS modalities, count(*) AS "seriesCount",
           sum(watermark) AS "instanceCount", max("lastArrivalAt") AS "lastArrivalAt", max("quietAt") AS "quietAt"
    FROM series WHERE series."StudyInstanceUID" = study."StudyInstanceUID"
  ) counts
  CROSS JOIN LATERAL (
    SELECT jsonb_agg(to_jsonb(run) || jsonb_build_object(
      'newInstances', (
        SELECT coalesce(sum(watermark - "plannedWatermark"), 0) FROM series
        WHERE series."StudyInstanceUID" = run."StudyInstanceUID" AND "Modality" IN (
          SELECT "Modality" FROM series planned
          WHERE planned."StudyInstanceUID" = run."StudyInstanceUID" AND run.watermarks ? planned."SeriesInstanceUID")),
      'deliveries', (
        SELECT coalesce(jsonb_agg(to_jsonb(delivery) ORDER BY destination), '[]')
        FROM delivery JOIN result ON result.id = delivery."resultId"
        WHERE result."runId" = run.id AND result.revision = run.revision)
      ) ORDER BY run."modelId", run."createdAt") AS runs
    FROM shown_run run WHERE run."StudyInstanceUID" = study."StudyInstanceUID" AND run."supersededBy" IS NULL
  ) runs`;

async function worklist({ database }: Store, { search, limit, offset }: WorklistQuery): Promise<Worklist> {
  const matching = searched(search.trim());
  const { rows } = await sql<{ total: number; asOf: Date } & Partial<StudyRow>>`
    WITH arrived AS (
      SELECT "StudyInstanceUID", max("lastArrivalAt") AS at FROM series GROUP BY "StudyInstanceUID"
    ), ended AS (
      SELECT "StudyInstanceUID", bool_or(state = 'FINDINGS' AND NOT hidden) AS "hasFindings", bool_or(state = 'FAILED') AS "hasFailed",
             max("topScore") FILTER (WHERE state = 'FINDINGS') AS "topScore"
      FROM shown_run WHERE "supersededBy" IS NULL GROUP BY "StudyInstanceUID"
    ), matching AS MATERIALIZED (
      SELECT "StudyInstanceUID", at, "topScore",
             CASE WHEN "hasFindings" THEN 0 WHEN "hasFailed" THEN 1 ELSE 2 END AS rank
      FROM study JOIN arrived USING ("StudyInstanceUID") LEFT JOIN ended USING ("StudyInstanceUID")
      WHERE ${matching}
    ), page AS (
      SELECT "StudyInstanceUID", row_number() OVER () AS place FROM (
        SELECT "StudyInstanceUID" FROM matching
        ORDER BY rank, "topScore" DESC NULLS LAST, at DESC, "StudyInstanceUID" LIMIT ${limit} OFFSET ${offset}
      ) ordered
    ), shown AS (
      SELECT page.place, ${STUDY_COLUMNS} FROM page JOIN study USING ("StudyInstanceUID") ${STUDY_DETAILS}
    )
    SELECT now() AS "asOf", matched.total, shown.*
    FROM (SELECT count(*) AS total FROM matching) matched LEFT JOIN shown ON true
    ORDER BY shown.place`.execute(database);
  const asOf = rows[0]?.asOf ?? new Date();
  const studies = rows.filter(isStudy).map((row) => worklistStudy(row, asOf));
  return { asOf: asOf.toISOString(), total: rows[0]?.total ?? 0, studies };
}

/**
 * Text anywhere in name, identifiers or description. In a name also as a screen shows it: its words in any order, and
 * without a gap between the components of Chinese, Japanese and Korean ones.
 */
function searched(text: string): RawBuilder<unknown> {
  if (text === '') return sql`true`;
  const words = text.split(/[\s,]+/).filter((word) => word !== '');
  const inName = words.map((word) => sql`study."PatientName" ILIKE ${containsPattern(word)}`);
  const pattern = containsPattern(text);
  return sql`(study."PatientName" ILIKE ${pattern} ${inName.length > 1 ? sql`OR (${sql.join(inName, sql` AND `)})` : sql``}
    OR replace(study."PatientName", '^', '') ILIKE ${pattern}
    OR study."PatientID" ILIKE ${pattern} OR study."AccessionNumber" ILIKE ${pattern}
    OR study."StudyDescription" ILIKE ${pattern})`;
}

/** A page beyond the last has its total and no study. */
const isStudy = <Row extends Partial<StudyRow>>(row: Row): row is Row & StudyRow =>
  typeof row.StudyInstanceUID === 'string';

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
