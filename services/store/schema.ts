import type { ColumnType, Generated, JSONColumnType } from 'kysely';
import type { CommitmentState } from '../domain/commitment.ts';
import type { ReadingContent } from '../domain/contract/reading.ts';
import type { DeliveryState } from '../domain/contract/worklist.ts';
import type { Diagnosis } from '../domain/diagnosis.ts';
import type { Lesion } from '../domain/finding.ts';
import type { ModelCheck } from '../domain/model.ts';
import type { StudyPriority } from '../domain/priority.ts';
import type { ReadingMode, ReadingState } from '../domain/reading-state.ts';
import type { Reason } from '../domain/reason.ts';
import type { VerdictChange } from '../domain/review.ts';
import type { RouteFile } from '../domain/routing/route-file.ts';
import type { AnalysedSeries, RunState, StageSeconds } from '../domain/run.ts';
import type {
  CommitmentRequestTable,
  DeliveryCommitmentTable,
  PerformedStepTable,
  SeriesAnnouncementTable,
} from './commitment-tables.ts';
import type { PullPriorSearchTable, PullStudyTable, PullWatchTable } from './pull-tables.ts';

type NullableJson<T> = ColumnType<T | null, string | null, string | null>;

/** A run that was judged, as it was then. */
export interface JudgedRun {
  readonly runId: string;
  readonly revision: number;
}

/** The tables as the last migration leaves them. A column that holds an attribute has its keyword as name. */
export interface Schema {
  readonly installation: { id: string; createdAt: Generated<Date> };
  readonly study: {
    StudyInstanceUID: string;
    PatientName: string;
    PatientID: string;
    IssuerOfPatientID: string;
    PatientBirthDate: string;
    PatientSex: string;
    PatientAge: string;
    StudyDate: string;
    StudyTime: string;
    StudyID: string;
    AccessionNumber: string;
    ReferringPhysicianName: string;
    StudyDescription: string;
    createdAt: Generated<Date>;
    /** (0040,1003) as received; null where nothing says it. */
    RequestedProcedurePriority: string | null;
    /** PatientName prepared for matching, by a trigger. */
    nameGroups: Generated<string>;
    nameWords: Generated<string>;
  };
  readonly series: {
    SeriesInstanceUID: string;
    StudyInstanceUID: string;
    Modality: string;
    SeriesNumber: number | null;
    SeriesDescription: string;
    BodyPartExamined: string;
    FrameOfReferenceUID: string;
    /** Rises by one with every new instance: the truth about what was there when. */
    watermark: Generated<number>;
    /** The watermark at which the study was last planned; below `watermark`, images are new. */
    plannedWatermark: Generated<number>;
    lastArrivalAt: Date;
    /** The longest pause between two arrivals so far. */
    longestPauseMs: Generated<number>;
    /** Before this moment the series may still grow. */
    quietAt: Date;
    /** Of the first image, what only routing asks for; null: nothing of it, or received before it was kept. */
    technique: NullableJson<Readonly<Record<string, string>>>;
  };
  readonly instance: {
    SOPInstanceUID: string;
    SeriesInstanceUID: string;
    StudyInstanceUID: string;
    SOPClassUID: string;
    TransferSyntaxUID: string;
    InstanceNumber: number | null;
    Rows: number | null;
    Columns: number | null;
    NumberOfFrames: number | null;
    ImageType: string;
    path: string;
    sha256: string;
    bytes: number;
    sourceAETitle: string;
    receivedAt: Generated<Date>;
    /** The watermark of its series once it was recorded: what a plan saw is every instance at or below its own. */
    watermark: number;
  };
  /** Same SOP Instance UID, other bytes: kept apart, never overwriting, shown to an operator. */
  readonly quarantine: {
    id: Generated<number>;
    SOPInstanceUID: string;
    path: string;
    sha256: string;
    sourceAETitle: string;
    receivedAt: Generated<Date>;
  };
  readonly run: {
    id: string;
    StudyInstanceUID: string;
    /** Sorted SeriesInstanceUIDs given to the model, joined by a backslash. */
    seriesSet: string;
    modelId: string;
    modelVersion: string;
    modelHash: string;
    /** SHA-256 over the sorted (SOPInstanceUID, sha256) pairs. */
    inputDigest: string;
    /** The watermark of each series of the set when it was planned: a late instance is not an input of this run. */
    watermarks: JSONColumnType<Readonly<Record<string, number>>>;
    state: RunState;
    reason: NullableJson<Reason>;
    /** Rises with each hand-out; a commit with an older one is dropped. */
    fence: Generated<number>;
    /** Part of the queue's job id; rises when the reconciler must add the job again. */
    generation: Generated<number>;
    crashes: Generated<number>;
    revision: Generated<number>;
    threshold: number;
    /** Of the newest result, at or above the threshold: what the worklist sorts and shows. */
    findingCount: Generated<number>;
    largestMm: number | null;
    topScore: number | null;
    createdAt: Generated<Date>;
    startedAt: Date | null;
    finishedAt: Date | null;
    /** The run of newer images that replaced this one. */
    supersededBy: string | null;
    /** The routing rule that planned it. */
    routeRule: string | null;
    /** Where its report goes; null: everywhere the settings say. */
    destinations: NullableJson<readonly string[]>;
  };
  readonly result: {
    id: string;
    runId: string;
    revision: number;
    series: NullableJson<AnalysedSeries>;
    provider: string | null;
    stageSeconds: JSONColumnType<StageSeconds>;
    /** The encoded report, once; every re-send uses these bytes. Null for a failed run and an out-of-scope study. */
    SRSOPInstanceUID: string | null;
    SRSOPClassUID: string | null;
    SRSeriesInstanceUID: string | null;
    srDataset: Buffer | null;
    createdAt: Generated<Date>;
  };
  readonly finding: {
    TrackingUID: string;
    resultId: string;
    index: number;
    score: number;
    diameterMm: number | null;
    lesion: JSONColumnType<Lesion>;
  };
  /** Of a result, or of a signed report. */
  readonly delivery: {
    id: string;
    resultId: string | null;
    signedReportId: string | null;
    destination: string;
    state: DeliveryState;
    attempts: Generated<number>;
    generation: Generated<number>;
    lastStatus: string | null;
    lastError: string | null;
    nextAttemptAt: Generated<Date>;
    deliveredAt: Date | null;
    createdAt: Generated<Date>;
    commitment: Generated<CommitmentState>;
    /** Since the last success of one. */
    commitmentTries: Generated<number>;
    commitmentFailures: Generated<number>;
    /** When commitment is asked for next; null: it is not. */
    commitmentDueAt: Date | null;
  };
  readonly delivery_commitment: DeliveryCommitmentTable;
  readonly commitment_request: CommitmentRequestTable;
  readonly performed_step: PerformedStepTable;
  readonly series_announcement: SeriesAnnouncementTable;
  /** One row for a study in which anything was decided; revision 0 has none. */
  readonly reading: {
    StudyInstanceUID: string;
    state: ReadingState;
    revision: number;
    readerName: string;
    readerOrganization: string;
    content: JSONColumnType<ReadingContent>;
    /** The ended runs whose findings were there when the content was last saved. */
    judgedRuns: JSONColumnType<readonly JudgedRun[]>;
    revealedAt: Date | null;
    changedAt: Date;
  };
  /** Append-only, like its bytes: every re-send uses them. */
  readonly signed_report: {
    id: string;
    StudyInstanceUID: string;
    /** Of the reading when it was signed. */
    revision: number;
    readerName: string;
    readerOrganization: string;
    signedAt: Date;
    /** The report that this one amends. */
    predecessorId: string | null;
    content: JSONColumnType<ReadingContent>;
    judgedRuns: JSONColumnType<readonly JudgedRun[]>;
    SRSOPInstanceUID: string;
    SRSOPClassUID: string;
    SRSeriesInstanceUID: string;
    srDataset: Buffer;
  };
  /** Append-only account of who decided what, by TrackingUID. No patient data. */
  readonly reading_action: {
    id: Generated<number>;
    at: Generated<Date>;
    StudyInstanceUID: string;
    actor: string;
    actorOrganization: string;
    action: 'SAVE' | 'REVEAL' | 'SIGN' | 'AMEND';
    revisionBefore: number;
    revisionAfter: number;
    changes: JSONColumnType<readonly VerdictChange[]>;
  };
  /** From the settings; a model without a row is read concurrently. */
  readonly reading_mode: { modelId: string; mode: ReadingMode };
  /** View: every report of ours, of a model or of a reader. */
  readonly written_report: { SRSOPInstanceUID: string };
  /** The models of the settings: what an operator and the last check say of each. */
  readonly model: {
    id: string;
    enabled: Generated<boolean>;
    /** Of the package that was checked; empty when it could not be read. */
    version: Generated<string>;
    hash: Generated<string>;
    /** Why it does not load. */
    problem: string | null;
    check: NullableJson<ModelCheck>;
    checkedAt: Date | null;
    /** When an operator last switched it, by a trigger. */
    switchedAt: Generated<Date | null>;
  };
  /** For each study what the worklist filters and sorts by; made by triggers from the other tables, but for the order. */
  readonly worklist_row: {
    StudyInstanceUID: string;
    /** What a reader ordered; null: as received. */
    orderedPriority: StudyPriority | null;
    priority: Generated<StudyPriority>;
    firstArrivalAt: Generated<Date>;
    readingState: Generated<ReadingState>;
    /** Fetched to be seen beside another study: no work of its own. */
    asPrior: Generated<boolean>;
  };
  /** One row: the routing rules in force. */
  readonly route_rules: {
    id: Generated<boolean>;
    rules: JSONColumnType<RouteFile>;
    loadedAt: Generated<Date>;
    /** What is wrong with a newer file. */
    problem: string | null;
  };
  readonly study_route: {
    StudyInstanceUID: string;
    rules: string[];
    priority: StudyPriority | null;
    routedAt: Generated<Date>;
  };
  /** One row. */
  readonly pull_file: { id: Generated<boolean>; loadedAt: Date | null; problem: string | null };
  readonly pull_watch: PullWatchTable;
  readonly pull_study: PullStudyTable;
  readonly pull_prior_search: PullPriorSearchTable;
  /** What was last heard of each application entity: a peer by its name, a stranger by its address. */
  readonly peer_contact: {
    direction: 'in' | 'out';
    who: string;
    isPeer: boolean;
    AETitle: string;
    address: string;
    associations: number;
    failures: number;
    lastAssociationAt: Date | null;
    lastFailureAt: Date | null;
    lastFailure: NullableJson<Diagnosis>;
    changedAt: Date;
  };
  /** Append-only account of what happened; feeds the screens and the operator. No patient data. */
  readonly event: {
    id: Generated<number>;
    at: Generated<Date>;
    kind: string;
    StudyInstanceUID: string;
    SeriesInstanceUID: string | null;
    runId: string | null;
    fields: JSONColumnType<Readonly<Record<string, string | number | boolean>>>;
  };
}
