import type { Delivery, RunDetail, RunSummary, WorklistStudy } from '../domain/contract/worklist.ts';
import type { Finding } from '../domain/finding.ts';
import type { ReadingMode, ReadingState } from '../domain/reading-state.ts';
import type { Reason } from '../domain/reason.ts';
import type { AnalysedSeries, RunState, StageSeconds } from '../domain/run.ts';

/** A study with its counts and current runs as PostgreSQL answers it; times inside `runs` are JSON, so text. */
export interface StudyRow
  extends Omit<
    WorklistStudy,
    | 'runs'
    | 'lastArrivalAt'
    | 'firstArrivalAt'
    | 'receiving'
    | 'quietSecondsLeft'
    | 'announced'
    | 'reading'
    | 'openedBy'
  > {
  /** Images that others announce, in all; null: nobody does. */
  readonly announced: number | null;
  readonly missing: number;
  readonly lastArrivalAt: Date;
  readonly firstArrivalAt: Date;
  readonly readingState: ReadingState;
  readonly reader: string;
  readonly readingChangedAt: Date | null;
  readonly quietAt: Date;
  readonly runs: readonly RunRow[];
}

export interface RunRow {
  readonly id: string;
  readonly modelId: string;
  readonly modelVersion: string;
  readonly modelHash: string;
  readonly state: RunState;
  readonly routeRule: string | null;
  readonly reason: Reason | null;
  readonly revision: number;
  readonly crashes: number;
  readonly threshold: number;
  readonly findingCount: number;
  readonly largestMm: number | null;
  readonly topScore: number | null;
  readonly newInstances: number;
  readonly hidden: boolean;
  readonly mode: ReadingMode;
  /** Its findings, and the report that holds them, may be sent. */
  readonly marksShown: boolean;
  readonly belowCount: number;
  readonly queuePosition: number | null;
  readonly withdrawnAt: string | null;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly deliveries: readonly (Omit<Delivery, 'nextAttemptAt'> & { readonly nextAttemptAt: string })[];
}

export interface ResultRow {
  readonly series: AnalysedSeries | null;
  readonly provider: string | null;
  readonly stageSeconds: StageSeconds;
  readonly SRSOPInstanceUID: string | null;
  readonly SRSeriesInstanceUID: string | null;
  readonly findings: readonly Finding[];
}

const time = (text: string): string => new Date(text).toISOString();
const timeOrNull = (text: string | null): string | null => (text === null ? null : time(text));

export function worklistStudy(row: StudyRow, asOf: Date): WorklistStudy {
  const leftMs = row.quietAt.getTime() - asOf.getTime();
  return {
    StudyInstanceUID: row.StudyInstanceUID,
    PatientName: row.PatientName,
    PatientID: row.PatientID,
    PatientBirthDate: row.PatientBirthDate,
    PatientSex: row.PatientSex,
    PatientAge: row.PatientAge,
    StudyDate: row.StudyDate,
    StudyTime: row.StudyTime,
    StudyDescription: row.StudyDescription,
    AccessionNumber: row.AccessionNumber,
    modalities: row.modalities,
    seriesCount: row.seriesCount,
    instanceCount: row.instanceCount,
    receiving: leftMs > 0,
    quietSecondsLeft: leftMs > 0 ? leftMs / 1000 : null,
    announced: row.announced === null ? null : { images: row.announced, missing: row.missing },
    lastArrivalAt: row.lastArrivalAt.toISOString(),
    firstArrivalAt: row.firstArrivalAt.toISOString(),
    priority: row.priority,
    aiCritical: row.aiCritical,
    aiState: row.aiState,
    sources: row.sources,
    bodyParts: row.bodyParts,
    reading:
      row.readingChangedAt === null
        ? null
        : { state: row.readingState, reader: row.reader, changedAt: row.readingChangedAt.toISOString() },
    openedBy: [],
    runs: row.runs.map(runSummary),
  };
}

/** Of a model that is read for triage a screen has the flag and nothing else. */
const onlyFlag = ({ state }: RunRow) => ({
  findingCount: state === 'FINDINGS' ? 1 : 0,
  largestMm: null,
  topScore: null,
  belowCount: 0,
});

function runSummary(row: RunRow): RunSummary {
  const flagOnly = row.mode === 'triage';
  const run = flagOnly ? { ...row, ...onlyFlag(row) } : row;
  return {
    runId: run.id,
    model: { id: run.modelId, version: run.modelVersion, hash: run.modelHash },
    state: run.state,
    routeRule: run.routeRule,
    reason: run.reason,
    findingCount: run.findingCount,
    largestMm: run.largestMm,
    topScore: run.topScore,
    threshold: run.threshold,
    newInstances: run.newInstances,
    hidden: run.hidden,
    flagOnly,
    belowCount: run.belowCount,
    queuePosition: run.queuePosition,
    withdrawnAt: timeOrNull(run.withdrawnAt),
    attempt: run.revision + run.crashes,
    createdAt: time(run.createdAt),
    startedAt: timeOrNull(run.startedAt),
    finishedAt: timeOrNull(run.finishedAt),
    deliveries: run.deliveries.map(
      ({ destination, state, attempts, lastError, deliveredAt, nextAttemptAt, commitment }) => ({
        ...{ destination, state, attempts, lastError, commitment },
        deliveredAt: timeOrNull(deliveredAt),
        nextAttemptAt: state === 'PENDING' ? time(nextAttemptAt) : null,
      }),
    ),
  };
}

/**
 * A run with the result of its present revision, if that has ended. How long its stages took tells how much there was to
 * measure, so it stays with the marks.
 */
export function runDetail(run: RunRow, result: ResultRow | undefined, banner: string): RunDetail {
  return {
    ...runSummary(run),
    findings: run.marksShown ? [...(result?.findings ?? [])] : [],
    analysedSeriesInstanceUID: result?.series?.SeriesInstanceUID ?? null,
    warnings: result?.series?.warnings ?? [],
    banner,
    provider: result?.provider ?? null,
    stageSeconds: (run.marksShown ? result?.stageSeconds : undefined) ?? {},
    SRSOPInstanceUID: (run.marksShown ? result?.SRSOPInstanceUID : null) ?? null,
    SRSeriesInstanceUID: (run.marksShown ? result?.SRSeriesInstanceUID : null) ?? null,
  };
}
