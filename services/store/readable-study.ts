import { type Kysely, sql } from 'kysely';
import type { ReadableImage, ReadableStudy } from '../domain/check-content.ts';
import type { ReadingContent } from '../domain/contract/reading.ts';
import type { Finding } from '../domain/finding.ts';
import type { ReadRun } from '../domain/reading-source.ts';
import type { InstanceReference } from '../domain/report-source.ts';
import type { RunState } from '../domain/run.ts';
import type { JudgedRun, Schema } from './schema.ts';

/** A run that is current, as its reader has it: without findings where its marks are not shown. */
export interface CurrentRun extends Omit<ReadRun, 'endState'> {
  readonly state: RunState;
  readonly hidden: boolean;
  readonly marksShown: boolean;
}

export async function currentRuns(database: Kysely<Schema>, StudyInstanceUID: string): Promise<readonly CurrentRun[]> {
  const { rows } = await sql<
    Omit<CurrentRun, 'report'> & { [Key in keyof InstanceReference]: InstanceReference[Key] | null }
  >`
    SELECT run.id AS "runId", run.revision, "modelId", "modelVersion", "modelHash", mode, hidden, "marksShown", state,
           reason, threshold, provider, result.series, "SRSeriesInstanceUID" AS "SeriesInstanceUID",
           "SRSOPClassUID" AS "SOPClassUID", "SRSOPInstanceUID" AS "SOPInstanceUID", (
      SELECT coalesce(jsonb_agg(lesion || jsonb_build_object('index', index, 'TrackingUID', "TrackingUID")
        ORDER BY score DESC, index), '[]') FROM finding WHERE "resultId" = result.id AND "marksShown"
    ) AS findings
    FROM shown_run run LEFT JOIN result ON result."runId" = run.id AND result.revision = run.revision
    WHERE run."StudyInstanceUID" = ${StudyInstanceUID} AND "supersededBy" IS NULL
    ORDER BY "modelId", run."createdAt", run.id`.execute(database);
  return rows.map(({ SeriesInstanceUID, SOPClassUID, SOPInstanceUID, ...run }) => {
    const isReported = SeriesInstanceUID !== null && SOPClassUID !== null && SOPInstanceUID !== null;
    return { ...run, report: isReported ? { SeriesInstanceUID, SOPClassUID, SOPInstanceUID } : null };
  });
}

export const hasEnded = ({ state }: Pick<CurrentRun, 'state'>): boolean => state !== 'WAITING' && state !== 'RUNNING';

/** What is judged when a draft is saved now. */
export const judged = (runs: readonly CurrentRun[]): readonly JudgedRun[] =>
  runs.filter(hasEnded).map(({ runId, revision }) => ({ runId, revision }));

/** What a draft may refer to: only the images that it names are looked up. */
export async function readableStudy(
  database: Kysely<Schema>,
  StudyInstanceUID: string,
  content: ReadingContent,
  runs: readonly CurrentRun[],
): Promise<ReadableStudy> {
  const lesions = [
    ...content.verdicts.flatMap((one) => ('lesion' in one ? one.lesion : [])),
    ...content.added.map(({ lesion }) => lesion),
  ];
  const uids = lesions.map(({ region }) => region.SOPInstanceUID);
  const added = content.added.map(({ TrackingUID }) => TrackingUID);
  const { rows: images } = await sql<ReadableImage & { SOPInstanceUID: string }>`
    SELECT "SOPInstanceUID", "SeriesInstanceUID", "SOPClassUID", "Rows", "Columns", "NumberOfFrames" FROM instance
    WHERE "SOPInstanceUID" = ANY(${uids}::text[]) AND "StudyInstanceUID" = ${StudyInstanceUID}`.execute(database);
  const { rows: taken } = await sql<Pick<Finding, 'TrackingUID'>>`
    SELECT "TrackingUID" FROM finding JOIN result ON result.id = "resultId" JOIN run ON run.id = "runId"
    WHERE "StudyInstanceUID" = ${StudyInstanceUID} AND "TrackingUID" = ANY(${added}::text[])`.execute(database);
  return {
    runs: runs.filter((run) => hasEnded(run) && run.marksShown),
    images: new Map(images.map(({ SOPInstanceUID, ...image }) => [SOPInstanceUID, image])),
    taken: new Set(taken.map(({ TrackingUID }) => TrackingUID)),
  };
}
