import { type RawBuilder, sql } from 'kysely';
import type { AttributeRow, Matches } from '../domain/ports.ts';
import type { Query } from '../domain/query.ts';
import { momentMatch } from './attribute-match.ts';
import type { Store } from './connect.ts';
import { SERIES_COLUMNS, STUDY_COLUMNS, withoutAbsent } from './dicomweb-search.ts';
import {
  hasInstance,
  hasSeries,
  INSTANCES_OF_SERIES,
  matchesInstance,
  matchesSeries,
  matchesStudy,
  SERIES_OF_STUDY,
  STUDY_ORDER,
} from './search-tables.ts';

type Condition = RawBuilder<unknown>;

/** The first batch is there soon; later ones cost less for each match. */
const FIRST_BATCH = 20;
const BATCH = 500;
/** Studies whose series are read at once. */
const STUDIES_AT_ONCE = 50;

/**
 * The matches of a C-FIND in batches (PS3.4 §C.4.1). Each batch is a query of its own that begins behind the last match of the
 * one before, along an index where there is one: no transaction and no connection is held while a peer reads.
 */
export async function* findMatches(store: Store, query: Query): AsyncGenerator<readonly AttributeRow[]> {
  // biome-ignore format: a table
  switch (query.level) {
    case 'PATIENT': yield* patients(store, query); break;
    case 'STUDY':   yield* studies(store, query); break;
    case 'SERIES':  yield* series(store, query); break;
    case 'IMAGE':   yield* images(store, query); break;
  }
}

/** The patients of the studies that match, by their ID; with the attributes of their newest study. */
async function* patients({ database }: Store, query: Query): AsyncGenerator<readonly AttributeRow[]> {
  const condition = studyCondition(query);
  const counts = isCounted(query)
    ? sql`SELECT count(DISTINCT study."StudyInstanceUID") AS "NumberOfPatientRelatedStudies",
            count(*) AS "NumberOfPatientRelatedSeries", coalesce(sum(instances), 0) AS "NumberOfPatientRelatedInstances"
          FROM study CROSS JOIN LATERAL ${SERIES_OF_STUDY} s WHERE ${ofPatient}`
    : sql`SELECT`;
  let after = sql`true`;
  for (let batch = FIRST_BATCH; ; batch = BATCH) {
    const { rows } = await sql<AttributeRow>`
      SELECT newest.*, counts.*
      FROM (
        SELECT DISTINCT "PatientID" COLLATE "C" AS id, "IssuerOfPatientID" COLLATE "C" AS issuer FROM study
        WHERE study."PatientID" COLLATE "C" > '' AND ${condition} AND ${after} ORDER BY 1, 2 LIMIT ${batch}
      ) patient CROSS JOIN LATERAL (
        SELECT "PatientID", "PatientName", "IssuerOfPatientID", "PatientBirthDate", "PatientSex" FROM study
        WHERE ${ofPatient} ORDER BY ${STUDY_ORDER} LIMIT 1
      ) newest CROSS JOIN LATERAL (${counts}) counts
      ORDER BY id, issuer`.execute(database);
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    if (rows.length < batch || last === undefined) return;
    after = sql`(study."PatientID" COLLATE "C", study."IssuerOfPatientID" COLLATE "C")
      > (${last.PatientID}, ${last.IssuerOfPatientID})`;
  }
}

const ofPatient = sql`study."PatientID" COLLATE "C" = id AND study."IssuerOfPatientID" COLLATE "C" = issuer`;

/** Newest first. */
async function* studies({ database }: Store, query: Query): AsyncGenerator<readonly AttributeRow[]> {
  const counts =
    isCounted(query) || query.wanted.has('ModalitiesInStudy')
      ? sql`SELECT array_agg(DISTINCT "Modality" ORDER BY "Modality") AS "ModalitiesInStudy",
              count(*) AS "NumberOfStudyRelatedSeries", coalesce(sum(instances), 0) AS "NumberOfStudyRelatedInstances"
            FROM ${SERIES_OF_STUDY} s`
      : sql`SELECT`;
  const condition = studyCondition(query);
  let after = sql`true`;
  for (let batch = FIRST_BATCH; ; batch = BATCH) {
    const { rows } = await sql<AttributeRow & StudyPlace>`
      SELECT ${STUDY_COLUMNS}, counts.*
      FROM (
        SELECT "StudyInstanceUID" FROM study WHERE ${condition} AND ${after} ORDER BY ${STUDY_ORDER} LIMIT ${batch}
      ) page JOIN study USING ("StudyInstanceUID") CROSS JOIN LATERAL (${counts}) counts
      ORDER BY ${STUDY_ORDER}`.execute(database);
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows;
    if (rows.length < batch) return;
    after = behind(last);
  }
}

async function* series(store: Store, query: Query): AsyncGenerator<readonly AttributeRow[]> {
  for await (const uids of studyPages(store, query)) {
    const { rows } = await sql<AttributeRow>`
      SELECT ${STUDY_COLUMNS}, ${SERIES_COLUMNS} FROM study CROSS JOIN LATERAL ${SERIES_OF_STUDY} s
      WHERE study."StudyInstanceUID" = ANY(${uids}::text[]) AND ${anyOf(query, matchesSeries)}
      ORDER BY ${STUDY_ORDER}, s."SeriesNumber", s."SeriesInstanceUID"`.execute(store.database);
    if (rows.length > 0) yield rows;
  }
}

/** By series; those of a series by their UID, for numbers are not unique. */
async function* images(store: Store, query: Query): AsyncGenerator<readonly AttributeRow[]> {
  const condition = anyOf(query, matchesInstance);
  for await (const parents of series(store, query)) {
    for (const parent of parents) yield* imagesOf(store, parent, condition);
  }
}

async function* imagesOf({ database }: Store, parent: AttributeRow, condition: Condition) {
  let after = '';
  for (;;) {
    const { rows } = await sql<AttributeRow>`
      SELECT i."SOPInstanceUID", i."SOPClassUID", i."TransferSyntaxUID" AS "AvailableTransferSyntaxUID",
             i."InstanceNumber", i."Rows", i."Columns", i."NumberOfFrames"
      FROM (SELECT ${parent.StudyInstanceUID}::text AS "StudyInstanceUID") study
      CROSS JOIN (SELECT ${parent.SeriesInstanceUID}::text AS "SeriesInstanceUID") s
      CROSS JOIN LATERAL ${INSTANCES_OF_SERIES} i
      WHERE i."SOPInstanceUID" COLLATE "C" > ${after} AND ${condition}
      ORDER BY i."SOPInstanceUID" COLLATE "C" LIMIT ${BATCH}`.execute(database);
    if (rows.length > 0) yield rows.map((row) => withoutAbsent({ ...parent, ...row }));
    if (rows.length < BATCH) return;
    after = String(rows.at(-1)?.SOPInstanceUID ?? '');
  }
}

interface StudyPlace {
  readonly StudyInstanceUID: string;
  readonly StudyDate: string;
  readonly StudyTime: string;
}

/** The studies that have a series or image that may match, a page at a time. */
async function* studyPages({ database }: Store, query: Query): AsyncGenerator<readonly string[]> {
  const single = singleValued(query);
  const condition = sql`${studyCondition(query)} AND ${hasSeries(single)} AND ${hasInstance(single)}`;
  let after = sql`true`;
  for (;;) {
    const { rows } = await sql<StudyPlace>`
      SELECT "StudyInstanceUID", "StudyDate", "StudyTime" FROM study WHERE ${condition} AND ${after}
      ORDER BY ${STUDY_ORDER} LIMIT ${STUDIES_AT_ONCE}`.execute(database);
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows.map(({ StudyInstanceUID }) => StudyInstanceUID);
    if (rows.length < STUDIES_AT_ONCE) return;
    after = behind(last);
  }
}

/** Behind a study in {@link STUDY_ORDER}; the date alone comes first, for an index knows it. */
function behind({ StudyInstanceUID, StudyDate, StudyTime }: StudyPlace): Condition {
  return sql`study."StudyDate" <= ${StudyDate} AND (study."StudyDate" < ${StudyDate} OR study."StudyTime" < ${StudyTime}
    OR (study."StudyTime" = ${StudyTime} AND study."StudyInstanceUID" > ${StudyInstanceUID}))`;
}

function studyCondition(query: Query): Condition {
  const { StudyDate = [], StudyTime = [], ...match } = query.match;
  const [[date], [time]] = [StudyDate, StudyTime];
  const isOneRange = query.combinedDateTime && date !== undefined && time !== undefined;
  if (!isOneRange) return anyOf(query, (asked) => matchesStudy(asked, query.fuzzy));
  const moment = momentMatch(sql`study."StudyDate"`, sql`study."StudyTime"`, date, time);
  return sql`${anyOf({ match }, (asked) => matchesStudy(asked, query.fuzzy))} AND ${moment}`;
}

/** For each key one of its values; a list of UIDs is one condition. */
function anyOf({ match }: Pick<Query, 'match'>, conditionOf: (asked: Matches) => Condition): Condition {
  const keys = Object.entries(match).map(([keyword, values]) => {
    const asked = keyword.endsWith('UID') ? [values.join('\\')] : values;
    return sql`(${sql.join(
      asked.map((value) => conditionOf({ [keyword]: value })),
      sql` OR `,
    )})`;
  });
  return keys.length === 0 ? sql`true` : sql.join(keys, sql` AND `);
}

/** The keys that one look at the series of a study can answer together. */
function singleValued({ match }: Query): Matches {
  const asked = Object.entries(match).flatMap(([keyword, values]) => {
    if (keyword.endsWith('UID')) return [[keyword, values.join('\\')] as const];
    return values.length === 1 ? [[keyword, values[0] ?? ''] as const] : [];
  });
  return Object.fromEntries(asked);
}

const isCounted = ({ wanted }: Query): boolean => [...wanted].some((keyword) => keyword.startsWith('NumberOf'));
