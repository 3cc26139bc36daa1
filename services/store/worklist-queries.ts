import { type RawBuilder, sql } from 'kysely';
import type { PriorStudies, Worklist, WorklistQuery, WorklistValues } from '../domain/contract/worklist.ts';
import type { Store } from './connect.ts';
import { containsPattern } from './like-pattern.ts';
import { type StudyRow, worklistStudy } from './screen-rows.ts';
import { AI_STATE_OF_MANY, IS_MASKED, STUDY_COLUMNS, STUDY_DETAILS } from './study-columns.ts';

type Condition = RawBuilder<unknown>;

interface Counts {
  readonly asOf: Date;
  readonly total: number;
  readonly toRead: number;
  readonly critical: number;
  readonly signed: number;
  readonly all: number;
  readonly newer: number;
  readonly moved: number;
}

const MAX_PRIORS = 20;

/**
 * A page and the counts of the whole list, in one statement. The page is read in the order of an index wherever there is one,
 * so the counts are what grows with the number of studies.
 */
export async function worklist({ database }: Store, query: WorklistQuery): Promise<Worklist> {
  const masks = await anyMasks(database);
  const filtered = filters(query);
  const inTab = TABS[query.tab];
  const shown = query.before === undefined ? sql`true` : sql`w."firstArrivalAt" <= ${query.before}::timestamptz`;
  const from = sql`FROM worklist_row w ${needsStudy(query) ? JOIN_STUDY : sql``}`;
  const page =
    query.uids.length > 0
      ? sql`SELECT w."StudyInstanceUID" FROM worklist_row w WHERE w."StudyInstanceUID" = ANY(${query.uids}::text[])`
      : sql`SELECT w."StudyInstanceUID" FROM worklist_row w ${needsStudy(query) || sortsStudy(query) ? JOIN_STUDY : sql``}
          WHERE ${filtered} AND ${inTab} AND ${shown}
          ORDER BY ${sortOrder(query, masks)} LIMIT ${query.limit} OFFSET ${query.offset}`;
  const { rows } = await sql<Counts & Partial<StudyRow>>`
    WITH counted AS (
      SELECT now() AS "asOf", count(*) FILTER (WHERE ${inTab} AND ${shown}) AS total,
        count(*) FILTER (WHERE ${TABS.toRead}) AS "toRead", count(*) FILTER (WHERE ${TABS.critical}) AS critical,
        count(*) FILTER (WHERE ${TABS.signed}) AS signed, count(*) AS "all",
        count(*) FILTER (WHERE ${inTab} AND NOT ${shown}) AS newer,
        count(*) FILTER (WHERE ${inTab} AND ${shown} AND ${movedSince(query.before)}) AS moved
      ${from} WHERE ${filtered}
    ), page AS (
      SELECT "StudyInstanceUID", row_number() OVER () AS place FROM (${page}) ordered
    ), shown AS (
      SELECT page.place, ${STUDY_COLUMNS} FROM page JOIN study USING ("StudyInstanceUID") ${STUDY_DETAILS}
    )
    SELECT counted.*, shown.* FROM counted LEFT JOIN shown ON true ORDER BY shown.place`.execute(database);
  const [first] = rows;
  if (first === undefined) throw new Error('an aggregate answers one row');
  const { asOf, total, toRead, critical, signed, all, newer, moved } = first;
  return {
    asOf: asOf.toISOString(),
    ...{ total, tabs: { toRead, critical, signed, all }, newer, moved },
    studies: rows.filter(isStudy).map((row) => worklistStudy(row, asOf)),
  };
}

const JOIN_STUDY = sql`JOIN study USING ("StudyInstanceUID")`;

const TABS: Readonly<Record<WorklistQuery['tab'], Condition>> = {
  toRead: sql`(w."readingState" <> 'SIGNED' AND NOT w."asPrior")`,
  critical: sql`(w."readingState" <> 'SIGNED' AND (w.priority = 'STAT' OR (w.critical AND NOT ${IS_MASKED})))`,
  signed: sql`w."readingState" = 'SIGNED'`,
  all: sql`true`,
};

/** That a masked study has moved tells what a model found. */
const movedSince = (before: string | undefined): Condition =>
  before === undefined ? sql`false` : sql`w."rankedAt" > ${before}::timestamptz AND NOT ${IS_MASKED}`;

/** Where no model is read blind, the order is that of an index. */
async function anyMasks(database: Store['database']): Promise<boolean> {
  const row = await database
    .selectFrom('reading_mode')
    .select('modelId')
    .where('mode', '=', 'second')
    .executeTakeFirst();
  return row !== undefined;
}

const needsStudy = ({ search, from, to }: WorklistQuery): boolean =>
  wordsOf(search).length > 1 || from !== '' || to !== '';
const sortsStudy = ({ sort }: WorklistQuery): boolean => ['patient', 'id', 'study', 'date'].includes(sort);

function filters({ search, modality, state, source, bodyPart, from, to }: WorklistQuery): Condition {
  const conditions = [
    ...(search.trim() === '' ? [] : [searched(search.trim())]),
    ...(modality.length === 0 ? [] : [sql`w.modalities && ${modality}::text[]`]),
    ...(state.length === 0 ? [] : [sql`${AI_STATE_OF_MANY} = ANY(${state}::text[])`]),
    ...(source === '' ? [] : [sql`w.sources && ARRAY[${source}::text]`]),
    ...(bodyPart === '' ? [] : [sql`w."bodyParts" && ARRAY[${bodyPart}::text]`]),
    ...(from === '' ? [] : [sql`study."StudyDate" >= ${from}`]),
    ...(to === '' ? [] : [sql`study."StudyDate" <= ${to}`]),
  ];
  return conditions.length === 0 ? sql`true` : sql.join(conditions, sql` AND `);
}

/** Every order ends in the UID: it is the same each time. */
function sortOrder({ sort, order }: WorklistQuery, masks: boolean): Condition {
  const queue = masks ? sql`CASE WHEN ${IS_MASKED} THEN w."plainQueueAt" ELSE w."queueAt" END` : sql`w."queueAt"`;
  const score = masks ? sql`CASE WHEN ${IS_MASKED} THEN NULL ELSE w."topScore" END` : sql`w."topScore"`;
  const [up, down] = order === 'reverse' ? [sql`DESC`, sql`ASC`] : [sql`ASC`, sql`DESC`];
  const keys: Record<WorklistQuery['sort'], readonly Condition[]> = {
    priority: [sql`(w.priority <> 'STAT') ${up}`, sql`${queue} ${up}`],
    wait: [sql`w."firstArrivalAt" ${up}`],
    patient: [sql`study."PatientName" ${up}`],
    id: [sql`study."PatientID" ${up}`],
    study: [sql`study."StudyDescription" ${up}`],
    date: [sql`study."StudyDate" ${down}`, sql`study."StudyTime" ${down}`],
    ai: [sql`coalesce(${score}, -1) ${down}`, sql`${queue} ${up}`],
  };
  return sql.join([...keys[sort], sql`w."StudyInstanceUID" ${up}`], sql`, `);
}

/**
 * Text anywhere in name, identifiers or description. In a name also as a screen shows it: its words in any order, and
 * without a gap between the components of Chinese, Japanese and Korean ones.
 */
function searched(text: string): Condition {
  const contains = (part: string) => sql`w."searchText" LIKE lower(${containsPattern(part)})`;
  const words = wordsOf(text);
  if (words.length < 2) return contains(text);
  const inName = words.map((word) => sql`${contains(word)} AND study."PatientName" ILIKE ${containsPattern(word)}`);
  return sql`(${contains(text)} OR (${sql.join(inName, sql` AND `)}))`;
}

const wordsOf = (text: string): readonly string[] => text.split(/[\s,]+/).filter((word) => word !== '');

/** A page beyond the last has its total and no study. */
const isStudy = <Row extends Partial<StudyRow>>(row: Row): row is Row & StudyRow =>
  typeof row.StudyInstanceUID === 'string';

/** What there is to filter by, each in the order of the alphabet. */
export async function worklistValues({ database }: Store): Promise<WorklistValues> {
  const { rows } = await sql<WorklistValues>`
    SELECT array(SELECT DISTINCT unnest(modalities) FROM worklist_row ORDER BY 1) AS modalities,
           array(SELECT DISTINCT unnest(sources) FROM worklist_row ORDER BY 1) AS sources,
           array(SELECT DISTINCT unnest("bodyParts") FROM worklist_row ORDER BY 1) AS "bodyParts"`.execute(database);
  return rows[0] ?? { modalities: [], sources: [], bodyParts: [] };
}

/**
 * Other studies of the same patient, newest first: the same ID of the same issuer, and no other birth date. `undefined` when
 * there is no such study.
 */
export async function priorStudies({ database }: Store, uid: string): Promise<PriorStudies | undefined> {
  const { rows } = await sql<{ priors: PriorStudies['priors'] }>`
    SELECT coalesce((SELECT jsonb_agg(jsonb_build_object('StudyInstanceUID', other."StudyInstanceUID",
        'StudyDate', other."StudyDate", 'StudyDescription', other."StudyDescription", 'modalities', other.modalities)) FROM (
      SELECT prior.*, w.modalities FROM study prior JOIN worklist_row w USING ("StudyInstanceUID")
      WHERE prior."PatientID" = study."PatientID" AND prior."IssuerOfPatientID" = study."IssuerOfPatientID"
        AND prior."PatientID" <> '' AND prior."StudyInstanceUID" <> study."StudyInstanceUID"
        AND (prior."PatientBirthDate" = study."PatientBirthDate" OR '' IN (prior."PatientBirthDate", study."PatientBirthDate"))
      ORDER BY prior."StudyDate" DESC, prior."StudyTime" DESC, prior."StudyInstanceUID" LIMIT ${MAX_PRIORS}
    ) other), '[]') AS priors FROM study WHERE "StudyInstanceUID" = ${uid}`.execute(database);
  return rows[0];
}
