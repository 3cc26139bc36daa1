import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { part10Header } from '../dicom/dataset/part10.ts';
import { AppError } from '../domain/errors.ts';
import type { Store } from './connect.ts';

/** Every report of ours is written so. */
export const EXPLICIT_VR_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';
const SOURCE = 'OVERREAD';

/**
 * The newest report of each current run and every signed one, unless a PACS has sent it back: then it is an instance like
 * any other. Those that hold marks nobody may see yet are not among them.
 */
export const OWN_REPORTS = sql`(
  SELECT run."StudyInstanceUID", "SRSeriesInstanceUID" AS "SeriesInstanceUID", "SRSOPInstanceUID" AS "SOPInstanceUID",
         "SRSOPClassUID" AS "SOPClassUID", ${sql.lit(EXPLICIT_VR_LITTLE_ENDIAN)} AS "TransferSyntaxUID",
         length("srDataset")::bigint AS bytes, result.id AS "resultId"
  FROM run JOIN result ON result."runId" = run.id AND result.revision = run.revision
  WHERE run."supersededBy" IS NULL AND "SRSOPInstanceUID" IS NOT NULL
    AND NOT EXISTS (SELECT FROM instance WHERE instance."SOPInstanceUID" = "SRSOPInstanceUID")
    AND NOT EXISTS (SELECT FROM withheld_report held WHERE held."SRSOPInstanceUID" = result."SRSOPInstanceUID")
  UNION ALL
  SELECT "StudyInstanceUID", "SRSeriesInstanceUID", "SRSOPInstanceUID", "SRSOPClassUID",
         ${sql.lit(EXPLICIT_VR_LITTLE_ENDIAN)}, length("srDataset")::bigint, id
  FROM signed_report
  WHERE NOT EXISTS (SELECT FROM instance WHERE instance."SOPInstanceUID" = "SRSOPInstanceUID")
)`;

/** An instance that is no report of marks that nobody may see yet, sent back by a PACS. */
export const NOT_WITHHELD = sql`NOT EXISTS (
  SELECT FROM withheld_report held WHERE held."SRSOPInstanceUID" = instance."SOPInstanceUID")`;

/** A series that holds no such report: its description says how many findings there are. */
export const seriesNotWithheld = (table: string) => sql<boolean>`NOT EXISTS (
  SELECT FROM withheld_report held WHERE held."SRSeriesInstanceUID" = ${sql.ref(`${table}.SeriesInstanceUID`)})`;

/** The report of a result, or a signed one, as a Part 10 file, made when first asked for. The row is the truth, the file a copy. */
export async function reportFile({ database }: Store, directory: string, resultId: string): Promise<string> {
  const file = join(directory, `${resultId}.dcm`);
  if (existsSync(file)) return file;
  const columns = ['SRSOPClassUID', 'SRSOPInstanceUID', 'srDataset'] as const;
  const row =
    (await database.selectFrom('result').select(columns).where('id', '=', resultId).executeTakeFirst()) ??
    (await database.selectFrom('signed_report').select(columns).where('id', '=', resultId).executeTakeFirst());
  const { SRSOPClassUID, SRSOPInstanceUID, srDataset } = row ?? {};
  if (!SRSOPClassUID || !SRSOPInstanceUID || !srDataset) {
    throw new AppError('INSTANCE_NOT_FOUND', 'This result has no report', { resultId });
  }
  const header = part10Header({
    SOPClassUID: SRSOPClassUID,
    SOPInstanceUID: SRSOPInstanceUID,
    TransferSyntaxUID: EXPLICIT_VR_LITTLE_ENDIAN,
    sourceAETitle: SOURCE,
  });
  await mkdir(directory, { recursive: true });
  const partial = `${file}.${randomUUID()}`;
  try {
    await writeFile(partial, Buffer.concat([header, srDataset]));
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
  return file;
}
