import { type RawBuilder, sql } from 'kysely';
import type { AttributeRow, Matches } from '../domain/ports.ts';
import type { SeriesKey, StudyKey } from '../domain/study.ts';
import type { Store } from './connect.ts';
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

export interface Page {
  readonly limit: number;
  readonly offset: number;
}

export const STUDY_COLUMNS = sql`study."StudyInstanceUID", study."PatientName", study."PatientID", study."IssuerOfPatientID",
  study."PatientBirthDate", study."PatientSex", study."PatientAge", study."StudyDate", study."StudyTime",
  study."StudyID", study."AccessionNumber", study."ReferringPhysicianName", study."StudyDescription"`;
export const SERIES_COLUMNS = sql`s."SeriesInstanceUID", s."Modality", s."SeriesNumber", s."SeriesDescription",
  s."BodyPartExamined", s."FrameOfReferenceUID", s.instances AS "NumberOfSeriesRelatedInstances"`;

/** The page is found by its keys alone, which an index holds; the rest is read of its studies only. */
export async function searchStudies({ database }: Store, match: Matches, { limit, offset }: Page, fuzzy?: boolean) {
  const { rows } = await sql<AttributeRow>`
    SELECT ${STUDY_COLUMNS},
           counts."ModalitiesInStudy", counts."NumberOfStudyRelatedSeries", counts."NumberOfStudyRelatedInstances"
    FROM (
      SELECT "StudyInstanceUID" FROM study WHERE ${matchesStudy(match, fuzzy)}
      ORDER BY ${STUDY_ORDER} LIMIT ${limit} OFFSET ${offset}
    ) page JOIN study USING ("StudyInstanceUID") CROSS JOIN LATERAL (
      SELECT array_agg(DISTINCT "Modality" ORDER BY "Modality") AS "ModalitiesInStudy",
             count(*) AS "NumberOfStudyRelatedSeries", sum(instances) AS "NumberOfStudyRelatedInstances"
      FROM ${SERIES_OF_STUDY} s
    ) counts
    ORDER BY ${STUDY_ORDER}`.execute(database);
  return rows;
}

export async function searchSeries(
  { database }: Store,
  of: Partial<StudyKey>,
  match: Matches,
  { limit, offset }: Page,
  fuzzy?: boolean,
) {
  const { rows } = await sql<AttributeRow>`
    SELECT ${STUDY_COLUMNS}, ${SERIES_COLUMNS}
    FROM study CROSS JOIN LATERAL ${SERIES_OF_STUDY} s
    WHERE ${within('study', of)} AND ${matchesStudy(match, fuzzy)} AND ${hasSeries(match)} AND ${matchesSeries(match)}
    ORDER BY ${STUDY_ORDER}, s."SeriesNumber", s."SeriesInstanceUID" LIMIT ${limit} OFFSET ${offset}`.execute(database);
  return rows;
}

export async function searchInstances(
  { database }: Store,
  { SeriesInstanceUID, ...of }: Partial<SeriesKey>,
  match: Matches,
  { limit, offset }: Page,
  fuzzy?: boolean,
) {
  const ofSeries = SeriesInstanceUID === undefined ? {} : { SeriesInstanceUID };
  const { rows } = await sql<AttributeRow>`
    SELECT ${STUDY_COLUMNS}, ${SERIES_COLUMNS}, i."SOPInstanceUID", i."SOPClassUID",
           i."TransferSyntaxUID" AS "AvailableTransferSyntaxUID", i."InstanceNumber", i."Rows", i."Columns",
           i."NumberOfFrames"
    FROM study CROSS JOIN LATERAL ${SERIES_OF_STUDY} s CROSS JOIN LATERAL ${INSTANCES_OF_SERIES} i
    WHERE ${within('study', of)} AND ${within('s', ofSeries)} AND ${matchesStudy(match, fuzzy)} AND ${hasSeries(match)}
      AND ${hasInstance(match)} AND ${matchesSeries(match)} AND ${matchesInstance(match)}
    ORDER BY ${STUDY_ORDER}, s."SeriesNumber", s."SeriesInstanceUID", i."InstanceNumber", i."SOPInstanceUID"
    LIMIT ${limit} OFFSET ${offset}`.execute(database);
  return rows.map(withoutAbsent);
}

/** Below a study or a series that the path names. */
function within(table: 'study' | 's', of: Partial<SeriesKey>): RawBuilder<unknown> {
  const keys = Object.entries(of).map(([key, uid]) => sql`${sql.ref(`${table}.${key}`)} = ${uid}`);
  return keys.length === 0 ? sql`true` : sql.join(keys, sql` AND `);
}

/** Attributes of an image that say nothing about an instance which has none. */
const OF_IMAGES = new Set(['Rows', 'Columns', 'NumberOfFrames']);

export const withoutAbsent = (row: AttributeRow): AttributeRow =>
  Object.fromEntries(Object.entries(row).filter(([keyword, value]) => value !== null || !OF_IMAGES.has(keyword)));
