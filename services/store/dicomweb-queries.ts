import { dirname, join } from 'node:path';
import { type RawBuilder, sql } from 'kysely';
import type { AttributeRow, DicomwebQueries, StoredFile } from '../domain/ports.ts';
import type { SeriesKey } from '../domain/study.ts';
import {
  allOf,
  dateMatch,
  type Match,
  nameMatch,
  numberMatch,
  textMatch,
  timeMatch,
  uidMatch,
} from './attribute-match.ts';
import type { Store } from './connect.ts';
import { OWN_REPORTS, reportFile } from './own-reports.ts';

export interface DicomwebOptions {
  readonly instanceDirectory: string;
  /** Where our reports lie as files, written when first asked for; beside the instances by default. */
  readonly reportDirectory?: string;
}

type Matches = Readonly<Record<string, string>>;

/** What QIDO-RS and WADO-RS ask: what was received, and our own current reports. */
export function dicomwebQueries(
  store: Store,
  { instanceDirectory, reportDirectory = join(dirname(instanceDirectory), 'reports') }: DicomwebOptions,
): DicomwebQueries {
  return {
    searchStudies: (match, limit, offset) => searchStudies(store, match, limit, offset),
    searchSeries: (uid, match, limit, offset) => searchSeries(store, uid, match, limit, offset),
    searchInstances: (series, match, limit, offset) => searchInstances(store, series, match, limit, offset),
    files: (of) => files(store, instanceDirectory, reportDirectory, of),
  };
}

/** Everything there is, as one table: received series with their counts, and the series of our reports. */
const SERIES = sql`(
  SELECT "StudyInstanceUID", "SeriesInstanceUID", "Modality", "SeriesNumber", "SeriesDescription", "BodyPartExamined",
         "FrameOfReferenceUID", watermark AS instances FROM series
  UNION ALL
  SELECT "StudyInstanceUID", "SeriesInstanceUID", 'SR', NULL, '', '', '', count(*)::integer FROM ${OWN_REPORTS} own
  GROUP BY "StudyInstanceUID", "SeriesInstanceUID"
)`;

/** The same for instances; a report of ours has the id of its result instead of a path. */
const INSTANCES = sql`(
  SELECT "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID", "TransferSyntaxUID",
         "InstanceNumber", "Rows", "Columns", "NumberOfFrames", bytes, path, NULL::uuid AS "resultId" FROM instance
  UNION ALL
  SELECT "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID", "TransferSyntaxUID",
         1, NULL, NULL, NULL, bytes, NULL, "resultId" FROM ${OWN_REPORTS} own
)`;

// biome-ignore format: a table
const STUDY_MATCHES: Readonly<Record<string, Match>> = {
  StudyInstanceUID:       uidMatch(sql`study."StudyInstanceUID"`),
  PatientName:            nameMatch(sql`study."PatientName"`),
  PatientID:              textMatch(sql`study."PatientID"`),
  PatientBirthDate:       dateMatch(sql`study."PatientBirthDate"`),
  PatientSex:             textMatch(sql`study."PatientSex"`),
  StudyDate:              dateMatch(sql`study."StudyDate"`),
  StudyTime:              timeMatch(sql`study."StudyTime"`),
  StudyID:                textMatch(sql`study."StudyID"`),
  AccessionNumber:        textMatch(sql`study."AccessionNumber"`),
  ReferringPhysicianName: nameMatch(sql`study."ReferringPhysicianName"`),
  StudyDescription:       textMatch(sql`study."StudyDescription"`),
  ModalitiesInStudy:      (value) => sql`EXISTS (SELECT FROM ${SERIES} s
    WHERE s."StudyInstanceUID" = study."StudyInstanceUID" AND ${textMatch(sql`s."Modality"`)(value)})`,
};
// biome-ignore format: a table
const SERIES_MATCHES: Readonly<Record<string, Match>> = {
  SeriesInstanceUID: uidMatch(sql`"SeriesInstanceUID"`),
  Modality:          textMatch(sql`"Modality"`),
  SeriesNumber:      numberMatch(sql`"SeriesNumber"`),
  SeriesDescription: textMatch(sql`"SeriesDescription"`),
  BodyPartExamined:  textMatch(sql`"BodyPartExamined"`),
};
// biome-ignore format: a table
const INSTANCE_MATCHES: Readonly<Record<string, Match>> = {
  SOPInstanceUID: uidMatch(sql`"SOPInstanceUID"`),
  SOPClassUID:    uidMatch(sql`"SOPClassUID"`),
  InstanceNumber: numberMatch(sql`"InstanceNumber"`),
};

/** Newest first, for a search that is cut at its limit. */
async function searchStudies({ database }: Store, match: Matches, limit: number, offset: number) {
  const { rows } = await sql<AttributeRow>`
    SELECT page."StudyInstanceUID", page."PatientName", page."PatientID", page."IssuerOfPatientID",
           page."PatientBirthDate", page."PatientSex", page."PatientAge", page."StudyDate", page."StudyTime",
           page."StudyID", page."AccessionNumber", page."ReferringPhysicianName", page."StudyDescription",
           counts."ModalitiesInStudy", counts."NumberOfStudyRelatedSeries", counts."NumberOfStudyRelatedInstances"
    FROM (
      SELECT study.* FROM study WHERE ${allOf(STUDY_MATCHES, match)}
      ORDER BY "StudyDate" DESC, "StudyTime" DESC, "StudyInstanceUID" LIMIT ${limit} OFFSET ${offset}
    ) page CROSS JOIN LATERAL (
      SELECT array_agg(DISTINCT "Modality" ORDER BY "Modality") AS "ModalitiesInStudy",
             count(*) AS "NumberOfStudyRelatedSeries", sum(instances) AS "NumberOfStudyRelatedInstances"
      FROM ${SERIES} s WHERE s."StudyInstanceUID" = page."StudyInstanceUID"
    ) counts
    ORDER BY page."StudyDate" DESC, page."StudyTime" DESC, page."StudyInstanceUID"`.execute(database);
  return rows;
}

async function searchSeries({ database }: Store, uid: string, match: Matches, limit: number, offset: number) {
  const { rows } = await sql<AttributeRow>`
    SELECT "StudyInstanceUID", "SeriesInstanceUID", "Modality", "SeriesNumber", "SeriesDescription",
           "BodyPartExamined", "FrameOfReferenceUID", instances AS "NumberOfSeriesRelatedInstances"
    FROM ${SERIES} s WHERE "StudyInstanceUID" = ${uid} AND ${allOf(SERIES_MATCHES, match)}
    ORDER BY "SeriesNumber", "SeriesInstanceUID" LIMIT ${limit} OFFSET ${offset}`.execute(database);
  return rows;
}

async function searchInstances({ database }: Store, of: SeriesKey, match: Matches, limit: number, offset: number) {
  const { rows } = await sql<AttributeRow>`
    SELECT "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID",
           "TransferSyntaxUID" AS "AvailableTransferSyntaxUID", "InstanceNumber", "Rows", "Columns", "NumberOfFrames"
    FROM ${INSTANCES} i
    WHERE "StudyInstanceUID" = ${of.StudyInstanceUID} AND "SeriesInstanceUID" = ${of.SeriesInstanceUID}
      AND ${allOf(INSTANCE_MATCHES, match)}
    ORDER BY "InstanceNumber", "SOPInstanceUID" LIMIT ${limit} OFFSET ${offset}`.execute(database);
  return rows.map(withoutAbsent);
}

/** An image has rows; an instance without them says nothing about them. */
const withoutAbsent = (row: AttributeRow): AttributeRow =>
  Object.fromEntries(Object.entries(row).filter(([keyword, value]) => value !== null || keyword === 'InstanceNumber'));

interface FoundFile extends Omit<StoredFile, 'file'> {
  readonly path: string | null;
  readonly resultId: string | null;
}

async function files(
  store: Store,
  instanceDirectory: string,
  reportDirectory: string,
  of: Parameters<DicomwebQueries['files']>[0],
): Promise<readonly StoredFile[]> {
  const narrowed: RawBuilder<unknown>[] = [sql`i."StudyInstanceUID" = ${of.StudyInstanceUID}`];
  if (of.SeriesInstanceUID !== undefined) narrowed.push(sql`i."SeriesInstanceUID" = ${of.SeriesInstanceUID}`);
  if (of.SOPInstanceUID !== undefined) narrowed.push(sql`i."SOPInstanceUID" = ${of.SOPInstanceUID}`);
  const { rows } = await sql<FoundFile>`
    SELECT i."StudyInstanceUID", i."SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID", "TransferSyntaxUID",
           coalesce("NumberOfFrames", 1) AS "NumberOfFrames", bytes, path, "resultId"
    FROM ${INSTANCES} i LEFT JOIN series USING ("StudyInstanceUID", "SeriesInstanceUID")
    WHERE ${sql.join(narrowed, sql` AND `)}
    ORDER BY series."SeriesNumber", i."SeriesInstanceUID", "InstanceNumber", "SOPInstanceUID"`.execute(store.database);
  return Promise.all(
    rows.map(async ({ path, resultId, ...row }) => ({
      ...row,
      file: path === null ? await reportFile(store, reportDirectory, resultId ?? '') : join(instanceDirectory, path),
    })),
  );
}
