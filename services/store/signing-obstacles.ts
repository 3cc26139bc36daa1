import { type Kysely, sql } from 'kysely';
import type { StrangeSeries } from '../domain/contract/reading.ts';
import type { ReadingRefusal } from '../domain/reading-ports.ts';
import { type CurrentRun, hasEnded, judged } from './readable-study.ts';
import type { JudgedRun, Schema } from './schema.ts';
import { strangeSeries } from './strange-series.ts';

/** Why a reading must not be signed now, whatever its verdicts are: the first reason that holds. */
export async function signingObstacle(
  database: Kysely<Schema>,
  StudyInstanceUID: string,
  runs: readonly CurrentRun[],
  judgedRuns: readonly JudgedRun[] | undefined,
): Promise<ReadingRefusal | undefined> {
  const [stranger] = await strangeSeries(database, StudyInstanceUID);
  if (stranger !== undefined) return { code: 'PATIENT_MISMATCH', detail: STRANGE[stranger.what] };
  const hidden = runs.filter((run) => run.hidden);
  if (hidden.length > 0) {
    const detail = `the marks of ${names(hidden)} were not asked for yet`;
    return { code: 'READING_NOT_REVEALED', detail };
  }
  return outdated(runs, judgedRuns, await newImages(database, StudyInstanceUID));
}

const STRANGE: Readonly<Record<StrangeSeries['what'], string>> = {
  images: 'images of this study were received under different Patient IDs',
  report: 'a report in this study names another Patient ID',
  result: 'marks in this study name another Patient ID',
};

function outdated(
  runs: readonly CurrentRun[],
  judgedRuns: readonly JudgedRun[] | undefined,
  images: number,
): ReadingRefusal | undefined {
  const refused = (detail: string): ReadingRefusal => ({ code: 'READING_OUTDATED', detail });
  if (images > 0) return refused(`${images} images came that no analysis has seen`);
  const running = runs.filter((run) => !hasEnded(run));
  if (running.length > 0) return refused(`the analysis by ${names(running)} has not ended`);
  const isJudged = judgedRuns === undefined || keys(judgedRuns) === keys(judged(runs));
  return isJudged ? undefined : refused('the results are not those that were judged: look again and save');
}

const names = (runs: readonly CurrentRun[]): string => [...new Set(runs.map(({ modelId }) => modelId))].join(', ');

const keys = (runs: readonly JudgedRun[]): string =>
  runs
    .map(({ runId, revision }) => `${runId} ${revision}`)
    .toSorted()
    .join(' ');

async function newImages(database: Kysely<Schema>, StudyInstanceUID: string): Promise<number> {
  const { rows } = await sql<{ images: number }>`
    SELECT coalesce(sum(watermark - "plannedWatermark"), 0)::integer AS images
    FROM series WHERE "StudyInstanceUID" = ${StudyInstanceUID}`.execute(database);
  return rows[0]?.images ?? 0;
}
