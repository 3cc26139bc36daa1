import { randomUUID } from 'node:crypto';
import type { Transaction } from 'kysely';
import type { Finding } from '../domain/finding.ts';
import type { WaitingJob } from '../domain/job.ts';
import type { RunResult } from '../domain/ports.ts';
import type { EncodedReport } from '../domain/report-source.ts';
import type { Store } from './connect.ts';
import { recordEvents } from './event-store.ts';
import type { Schema } from './schema.ts';

/**
 * The end of a run: result, findings, deliveries and event in one transaction, under the run's latest fence or not at
 * all. A superseded run keeps its result, and its report is not sent.
 */
export async function commitResult(
  { database }: Store,
  runId: string,
  fence: number,
  result: RunResult,
  /** Unless the rule that planned the run has named others. */
  destinations: readonly string[],
): Promise<readonly WaitingJob[] | undefined> {
  return database.transaction().execute(async (transaction) => {
    const run = await transaction
      .selectFrom('run')
      .select(['StudyInstanceUID', 'revision', 'threshold', 'supersededBy', 'destinations'])
      .where('id', '=', runId)
      .where('fence', '=', fence)
      .where('state', 'in', ['WAITING', 'RUNNING'])
      .forUpdate()
      .executeTakeFirst();
    if (run === undefined) return undefined;
    const { StudyInstanceUID, revision, threshold, destinations: routed } = run;
    const { endState: state, finishedAt, reason, findings, report } = result;
    await transaction
      .updateTable('run')
      .set({
        ...{ state, finishedAt, ...summary(findings, threshold) },
        reason: reason === undefined ? null : JSON.stringify(reason),
      })
      .where('id', '=', runId)
      .execute();
    const resultId = await insertResult(transaction, runId, revision, result);
    await insertFindings(transaction, resultId, findings);
    const isSent = report !== undefined && run.supersededBy === null;
    const deliveries = isSent ? await insertDeliveries(transaction, resultId, routed ?? destinations) : [];
    await recordEvents(transaction, [
      { kind: 'run.ended', StudyInstanceUID, runId, fields: { state, findings: findings.length, revision } },
    ]);
    return deliveries;
  });
}

/** What the worklist shows and sorts by: the findings at or above the operating point. */
function summary(findings: readonly Finding[], threshold: number) {
  const marked = findings.filter(({ score }) => score >= threshold);
  return {
    findingCount: marked.length,
    largestMm: largest(marked.flatMap(({ diameterMm }) => diameterMm ?? [])),
    topScore: marked.length === 0 ? null : Math.max(...marked.map(({ score }) => score)),
  };
}

const largest = (values: readonly number[]): number | null => (values.length === 0 ? null : Math.max(...values));

async function insertResult(
  transaction: Transaction<Schema>,
  runId: string,
  revision: number,
  { series, provider, stageSeconds, report }: RunResult,
): Promise<string> {
  const id = randomUUID();
  await transaction
    .insertInto('result')
    .values({
      ...{ id, runId, revision, ...reportColumns(report) },
      provider: provider ?? null,
      series: series === undefined ? null : JSON.stringify(series),
      stageSeconds: JSON.stringify(stageSeconds),
    })
    .execute();
  return id;
}

function reportColumns(report: EncodedReport | undefined) {
  if (report === undefined) return {};
  return {
    SRSOPInstanceUID: report.SOPInstanceUID,
    SRSOPClassUID: report.SOPClassUID,
    SRSeriesInstanceUID: report.SeriesInstanceUID,
    srDataset: Buffer.from(report.dataset),
  };
}

async function insertFindings(transaction: Transaction<Schema>, resultId: string, findings: readonly Finding[]) {
  if (findings.length === 0) return;
  const rows = findings.map(({ index, TrackingUID, ...lesion }) => ({
    ...{ resultId, index, TrackingUID, score: lesion.score, diameterMm: lesion.diameterMm },
    lesion: JSON.stringify(lesion),
  }));
  await transaction.insertInto('finding').values(rows).execute();
}

async function insertDeliveries(
  transaction: Transaction<Schema>,
  resultId: string,
  destinations: readonly string[],
): Promise<readonly WaitingJob[]> {
  if (destinations.length === 0) return [];
  return transaction
    .insertInto('delivery')
    .values(
      [...new Set(destinations)].map((destination) => ({ id: randomUUID(), resultId, destination, state: 'PENDING' })),
    )
    .returning(['id', 'generation'])
    .execute();
}
