import { randomUUID } from 'node:crypto';
import type { Transaction } from 'kysely';
import type { ReadingContent } from '../domain/contract/reading.ts';
import type { Finding } from '../domain/finding.ts';
import type { ReadingRefusal, SignatureChange } from '../domain/reading-ports.ts';
import type { ReadingSource } from '../domain/reading-source.ts';
import type { InstanceReference } from '../domain/report-source.ts';
import { openFindings, withRestRejected } from '../domain/review.ts';
import { EndState } from '../domain/run.ts';
import { type HeldReading, type NextReading, signed } from './change-reading.ts';
import { comparedLesions, imageNumbers } from './compared-lesions.ts';
import { type CurrentRun, currentRuns, hasEnded, judged } from './readable-study.ts';
import type { Schema } from './schema.ts';
import { signingObstacle } from './signing-obstacles.ts';

/** The draft becomes a report: its bytes once, and a delivery of them to each PACS. */
export async function signReading(held: HeldReading, change: SignatureChange): Promise<NextReading> {
  const { transaction, current, judgedRuns } = held;
  if (current.state === 'SIGNED') return { refused: signed(current) };
  const { StudyInstanceUID, rejectRest, signedAt } = change;
  const runs = await currentRuns(transaction, StudyInstanceUID);
  const obstacle = await signingObstacle(transaction, StudyInstanceUID, runs, judgedRuns);
  if (obstacle !== undefined) return { refused: obstacle };
  const open = openFindings(current.content, runs);
  if (open.length > 0 && !rejectRest) return { refused: incomplete(open) };
  const decided = withRestRejected(current.content, open, signedAt);
  const content = await withTruePriors(transaction, StudyInstanceUID, decided);
  await insertReport(transaction, change, content, runs);
  return { action: 'SIGN', state: 'SIGNED', content, judgedRuns: judged(runs) };
}

/** What a browser said of an earlier study is not signed: it is looked up, and what is not found is left out. */
async function withTruePriors(
  transaction: Transaction<Schema>,
  StudyInstanceUID: string,
  { comparisons: said, ...content }: ReadingContent,
): Promise<ReadingContent> {
  if (said === undefined) return content;
  return { ...content, comparisons: await comparedLesions(transaction, StudyInstanceUID, said) };
}

function incomplete(open: readonly Finding[]): ReadingRefusal {
  const named = open.map(({ index, label }) => `${index} (${label})`).join(', ');
  return {
    code: 'READING_INCOMPLETE',
    detail: `no verdict on finding ${named}`,
    findings: open.map(({ TrackingUID }) => TrackingUID),
  };
}

async function insertReport(
  transaction: Transaction<Schema>,
  change: SignatureChange,
  content: ReadingContent,
  runs: readonly CurrentRun[],
): Promise<void> {
  const { StudyInstanceUID, reader, signedAt, destinations } = change;
  const revision = change.revision + 1;
  const before = await lastReport(transaction, StudyInstanceUID);
  const source = await sourceOf(transaction, change, content, runs, before);
  const report = change.write(source);
  const id = randomUUID();
  await transaction
    .insertInto('signed_report')
    .values({
      ...{ id, StudyInstanceUID, revision, signedAt },
      readerName: reader.name,
      readerOrganization: reader.organization,
      predecessorId: before?.id ?? null,
      content: JSON.stringify(content),
      judgedRuns: JSON.stringify(judged(runs)),
      SRSOPInstanceUID: report.SOPInstanceUID,
      SRSOPClassUID: report.SOPClassUID,
      SRSeriesInstanceUID: report.SeriesInstanceUID,
      srDataset: Buffer.from(report.dataset),
    })
    .execute();
  const rows = [...new Set(destinations)].map((destination) => ({
    ...{ id: randomUUID(), signedReportId: id, destination },
    state: 'PENDING' as const,
  }));
  if (rows.length > 0) await transaction.insertInto('delivery').values(rows).execute();
}

async function lastReport(transaction: Transaction<Schema>, StudyInstanceUID: string) {
  return transaction
    .selectFrom('signed_report')
    .select(['id', 'SRSOPInstanceUID', 'SRSOPClassUID', 'SRSeriesInstanceUID'])
    .where('StudyInstanceUID', '=', StudyInstanceUID)
    .orderBy('revision', 'desc')
    .limit(1)
    .executeTakeFirst();
}

async function sourceOf(
  transaction: Transaction<Schema>,
  { StudyInstanceUID, reader, signedAt, revision, language }: SignatureChange,
  content: ReadingContent,
  runs: readonly CurrentRun[],
  before: Awaited<ReturnType<typeof lastReport>>,
): Promise<ReadingSource> {
  const { id: installationId } = await transaction.selectFrom('installation').select('id').executeTakeFirstOrThrow();
  const ofStudy = { study: transaction.selectFrom('study').selectAll(), series: transaction.selectFrom('series') };
  const {
    createdAt: _at,
    nameGroups: _groups,
    nameWords: _words,
    RequestedProcedurePriority: _priority,
    ...study
  } = await ofStudy.study.where('StudyInstanceUID', '=', StudyInstanceUID).executeTakeFirstOrThrow();
  const series = await ofStudy.series
    .select(['SeriesInstanceUID', 'FrameOfReferenceUID'])
    .where('StudyInstanceUID', '=', StudyInstanceUID)
    .execute();
  const predecessor: InstanceReference | undefined = before && {
    SeriesInstanceUID: before.SRSeriesInstanceUID,
    SOPClassUID: before.SRSOPClassUID,
    SOPInstanceUID: before.SRSOPInstanceUID,
  };
  return {
    ...{ installationId, study, reader, signedAt, content, language, predecessor },
    imageNumbers: await imageNumbers(transaction, StudyInstanceUID, content, runs),
    revision: revision + 1,
    runs: runs.filter(hasEnded).map(({ state, ...run }) => ({ ...run, endState: EndState.parse(state) })),
    framesOfReference: new Map(series.map((each) => [each.SeriesInstanceUID, each.FrameOfReferenceUID])),
  };
}
