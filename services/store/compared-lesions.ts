import { type Kysely, sql } from 'kysely';
import type { ComparedLesion } from '../domain/contract/guideline-record.ts';
import type { ReadingContent } from '../domain/contract/reading.ts';
import type { ImageNumber } from '../domain/reading-source.ts';
import type { CurrentRun } from './readable-study.ts';
import type { Schema } from './schema.ts';

type Comparisons = NonNullable<ReadingContent['comparisons']>;

/**
 * The earlier lesions that `said` names, as they are stored: of another study of the same patient, and only where its marks
 * may be shown. What is not so is left out.
 */
export async function comparedLesions(
  database: Kysely<Schema>,
  StudyInstanceUID: string,
  said: Comparisons,
): Promise<Comparisons> {
  const named = Object.values(said).map(({ TrackingUID }) => TrackingUID);
  const { rows } = await sql<ComparedLesion>`
    SELECT finding."TrackingUID", run."StudyInstanceUID", prior."StudyDate",
      coalesce((lesion #>> '{measurement,meanDiameterMm}')::float8, (lesion ->> 'diameterMm')::float8) AS "meanDiameterMm",
      coalesce((lesion #>> '{measurement,volumeMm3}')::float8, (lesion ->> 'volumeMm3')::float8) AS "volumeMm3"
    FROM finding
    JOIN result ON result.id = finding."resultId"
    JOIN shown_run run ON run.id = result."runId" AND run."marksShown"
    JOIN study prior ON prior."StudyInstanceUID" = run."StudyInstanceUID"
    JOIN study now ON now."PatientID" = prior."PatientID" AND now."PatientID" <> ''
    WHERE now."StudyInstanceUID" = ${StudyInstanceUID} AND run."StudyInstanceUID" <> ${StudyInstanceUID}
      AND finding."diameterMm" IS NOT NULL AND finding."TrackingUID" = ANY(${named}::text[])`.execute(database);
  const found = new Map(rows.map((row) => [row.TrackingUID, row]));
  return Object.fromEntries(
    Object.entries(said).flatMap(([of, { TrackingUID }]) => {
      const lesion = found.get(TrackingUID);
      return lesion === undefined ? [] : [[of, lesion]];
    }),
  );
}

/** Instance Numbers of the images on which the lesions of a reading lie. */
export async function imageNumbers(
  database: Kysely<Schema>,
  StudyInstanceUID: string,
  { verdicts, added }: ReadingContent,
  runs: readonly CurrentRun[],
): Promise<ReadonlyMap<string, ImageNumber>> {
  const lesions = [
    ...runs.flatMap(({ findings }) => findings),
    ...verdicts.flatMap((one) => ('lesion' in one ? one.lesion : [])),
    ...added.map(({ lesion }) => lesion),
  ];
  const { rows } = await sql<ImageNumber & { SOPInstanceUID: string }>`
    SELECT "SOPInstanceUID", "InstanceNumber", "NumberOfFrames" FROM instance
    WHERE "StudyInstanceUID" = ${StudyInstanceUID}
      AND "SOPInstanceUID" = ANY(${lesions.map(({ region }) => region.SOPInstanceUID)}::text[])`.execute(database);
  return new Map(rows.map(({ SOPInstanceUID, ...numbers }) => [SOPInstanceUID, numbers]));
}
