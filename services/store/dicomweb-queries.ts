import { dirname, join } from 'node:path';
import { type RawBuilder, sql } from 'kysely';
import type { AttributeRow, DicomwebQueries, Matches, StoredFile } from '../domain/ports.ts';
import type { SeriesKey, StudyKey } from '../domain/study.ts';
import {
  allOf,
  dateMatch,
  fuzzyNameMatch,
  type Match,
  nameMatch,
  numberMatch,
  textMatch,
  timeMatch,
  uidMatch,
} from './attribute-match.ts';
import type { Store } from './connect.ts';
import { type KnownFile, KnownFiles } from './known-files.ts';
import { OWN_REPORTS, reportFile } from './own-reports.ts';

export interface DicomwebOptions {
  readonly instanceDirectory: string;
  /** Where our reports lie as files, written when first asked for; beside the instances by default. */
  readonly reportDirectory?: string;
}

/** What QIDO-RS and WADO-RS ask: what was received, and our own current reports. */
export function dicomwebQueries(
  store: Store,
  { instanceDirectory, reportDirectory = join(dirname(instanceDirectory), 'reports') }: DicomwebOptions,
): DicomwebQueries {
  const find = (of: Parameters<DicomwebQueries['files']>[0]) => files(store, instanceDirectory, reportDirectory, of);
  const known = new KnownFiles(find);
  return {
    searchStudies: (match, limit, offset, fuzzy) => searchStudies(store, match, limit, offset, fuzzy),
    searchSeries: (of, match, limit, offset, fuzzy) => searchSeries(store, of, match, limit, offset, fuzzy),
    searchInstances: (of, match, limit, offset, fuzzy) => searchInstances(store, of, match, limit, offset, fuzzy),
    files: async (of) => {
      const { SeriesInstanceUID, SOPInstanceUID } = of;
      const isOne = SeriesInstanceUID !== undefined && SOPInstanceUID !== undefined;
      if (isOne) return known.instance({ ...of, SeriesInstanceUID, SOPInstanceUID });
      return (await find(of)).map(({ file }) => file);
    },
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
  SeriesInstanceUID: uidMatch(sql`s."SeriesInstanceUID"`),
  Modality:          textMatch(sql`s."Modality"`),
  SeriesNumber:      numberMatch(sql`s."SeriesNumber"`),
  SeriesDescription: textMatch(sql`s."SeriesDescription"`),
  BodyPartExamined:  textMatch(sql`s."BodyPartExamined"`),
};
// biome-ignore format: a table
const INSTANCE_MATCHES: Readonly<Record<string, Match>> = {
  SOPInstanceUID: uidMatch(sql`i."SOPInstanceUID"`),
  SOPClassUID:    uidMatch(sql`i."SOPClassUID"`),
  InstanceNumber: numberMatch(sql`i."InstanceNumber"`),
};

// biome-ignore format: a table
const FUZZY_MATCHES: Readonly<Record<string, Match>> = {
  PatientName:            fuzzyNameMatch(sql`study."PatientName"`),
  ReferringPhysicianName: fuzzyNameMatch(sql`study."ReferringPhysicianName"`),
};
const studyMatches = (fuzzy: boolean | undefined) => (fuzzy ? { ...STUDY_MATCHES, ...FUZZY_MATCHES } : STUDY_MATCHES);

const STUDY_COLUMNS = sql`study."StudyInstanceUID", study."PatientName", study."PatientID", study."IssuerOfPatientID",
  study."PatientBirthDate", study."PatientSex", study."PatientAge", study."StudyDate", study."StudyTime",
  study."StudyID", study."AccessionNumber", study."ReferringPhysicianName", study."StudyDescription"`;
const SERIES_COLUMNS = sql`s."SeriesInstanceUID", s."Modality", s."SeriesNumber", s."SeriesDescription",
  s."BodyPartExamined", s."FrameOfReferenceUID", s.instances AS "NumberOfSeriesRelatedInstances"`;
/** Newest study first, for a search that is cut at its limit. */
const STUDY_ORDER = sql`study."StudyDate" DESC, study."StudyTime" DESC, study."StudyInstanceUID"`;

async function searchStudies(
  { database }: Store,
  match: Matches,
  limit: number,
  offset: number,
  fuzzy: boolean | undefined,
) {
  const { rows } = await sql<AttributeRow>`
    SELECT ${STUDY_COLUMNS},
           counts."ModalitiesInStudy", counts."NumberOfStudyRelatedSeries", counts."NumberOfStudyRelatedInstances"
    FROM (
      SELECT study.* FROM study WHERE ${allOf(studyMatches(fuzzy), match)}
      ORDER BY ${STUDY_ORDER} LIMIT ${limit} OFFSET ${offset}
    ) study CROSS JOIN LATERAL (
      SELECT array_agg(DISTINCT "Modality" ORDER BY "Modality") AS "ModalitiesInStudy",
             count(*) AS "NumberOfStudyRelatedSeries", sum(instances) AS "NumberOfStudyRelatedInstances"
      FROM ${SERIES} s WHERE s."StudyInstanceUID" = study."StudyInstanceUID"
    ) counts
    ORDER BY ${STUDY_ORDER}`.execute(database);
  return rows;
}

async function searchSeries(
  { database }: Store,
  of: Partial<StudyKey>,
  match: Matches,
  limit: number,
  offset: number,
  fuzzy: boolean | undefined,
) {
  const { rows } = await sql<AttributeRow>`
    SELECT ${STUDY_COLUMNS}, ${SERIES_COLUMNS}
    FROM ${SERIES} s JOIN study USING ("StudyInstanceUID")
    WHERE ${within('s', of)} AND ${allOf({ ...studyMatches(fuzzy), ...SERIES_MATCHES }, match)}
    ORDER BY ${STUDY_ORDER}, s."SeriesNumber", s."SeriesInstanceUID" LIMIT ${limit} OFFSET ${offset}`.execute(database);
  return rows;
}

async function searchInstances(
  { database }: Store,
  of: Partial<SeriesKey>,
  match: Matches,
  limit: number,
  offset: number,
  fuzzy: boolean | undefined,
) {
  const matches = { ...studyMatches(fuzzy), ...SERIES_MATCHES, ...INSTANCE_MATCHES };
  const { rows } = await sql<AttributeRow>`
    SELECT ${STUDY_COLUMNS}, ${SERIES_COLUMNS}, i."SOPInstanceUID", i."SOPClassUID",
           i."TransferSyntaxUID" AS "AvailableTransferSyntaxUID", i."InstanceNumber", i."Rows", i."Columns",
           i."NumberOfFrames"
    FROM ${INSTANCES} i JOIN ${SERIES} s USING ("StudyInstanceUID", "SeriesInstanceUID")
         JOIN study USING ("StudyInstanceUID")
    WHERE ${within('i', of)} AND ${within('s', of)} AND ${allOf(matches, match)}
    ORDER BY ${STUDY_ORDER}, s."SeriesNumber", s."SeriesInstanceUID", i."InstanceNumber", i."SOPInstanceUID"
    LIMIT ${limit} OFFSET ${offset}`.execute(database);
  return rows.map(withoutAbsent);
}

/** Below a study or a series that the path names; told of each table, so that each is read by its index. */
function within(table: 's' | 'i', of: Partial<SeriesKey>): RawBuilder<unknown> {
  const keys = Object.entries(of).map(([key, uid]) => sql`${sql.ref(`${table}.${key}`)} = ${uid}`);
  return keys.length === 0 ? sql`true` : sql.join(keys, sql` AND `);
}

/** Attributes of an image that say nothing about an instance which has none. */
const OF_IMAGES = new Set(['Rows', 'Columns', 'NumberOfFrames']);

const withoutAbsent = (row: AttributeRow): AttributeRow =>
  Object.fromEntries(Object.entries(row).filter(([keyword, value]) => value !== null || !OF_IMAGES.has(keyword)));

interface FoundFile extends Omit<StoredFile, 'file'> {
  readonly path: string | null;
  readonly resultId: string | null;
}

async function files(
  store: Store,
  instanceDirectory: string,
  reportDirectory: string,
  of: Parameters<DicomwebQueries['files']>[0],
): Promise<readonly KnownFile[]> {
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
    rows.map(async ({ path, resultId, ...row }) => {
      const isForEver = path !== null;
      const file = isForEver ? join(instanceDirectory, path) : await reportFile(store, reportDirectory, resultId ?? '');
      return { file: { ...row, file }, isForEver };
    }),
  );
}
