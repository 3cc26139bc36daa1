import { dirname, join } from 'node:path';
import { type RawBuilder, sql } from 'kysely';
import type { DicomwebQueries, StoredFile } from '../domain/ports.ts';
import type { Store } from './connect.ts';
import { searchInstances, searchSeries, searchStudies } from './dicomweb-search.ts';
import { type KnownFile, KnownFiles } from './known-files.ts';
import { NOT_WITHHELD, OWN_REPORTS, reportFile } from './own-reports.ts';

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
    searchStudies: (match, limit, offset, fuzzy) => searchStudies(store, match, { limit, offset }, fuzzy),
    searchSeries: (of, match, limit, offset, fuzzy) => searchSeries(store, of, match, { limit, offset }, fuzzy),
    searchInstances: (of, match, limit, offset, fuzzy) => searchInstances(store, of, match, { limit, offset }, fuzzy),
    files: async (of) => {
      const { SeriesInstanceUID, SOPInstanceUID } = of;
      const isOne = SeriesInstanceUID !== undefined && SOPInstanceUID !== undefined;
      if (isOne) return known.instance({ ...of, SeriesInstanceUID, SOPInstanceUID });
      return (await find(of)).map(({ file }) => file);
    },
  };
}

/** Every instance, as one table: received ones, and our reports, which have the id of their result instead of a path. */
export const INSTANCES = sql`(
  SELECT "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID", "TransferSyntaxUID",
         "InstanceNumber", "NumberOfFrames", bytes, path, NULL::uuid AS "resultId" FROM instance
  WHERE ${NOT_WITHHELD}
  UNION ALL
  SELECT "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID", "TransferSyntaxUID",
         1, NULL, bytes, NULL, "resultId" FROM ${OWN_REPORTS} own
)`;

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
