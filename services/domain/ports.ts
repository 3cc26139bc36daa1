import type { ChangeEvent } from './contract/system.ts';
import type { PriorStudies, StudyDetail, Worklist, WorklistQuery, WorklistValues } from './contract/worklist.ts';
import type { Finding } from './finding.ts';
import type { WaitingJob } from './job.ts';
import type { ModelCheck, ModelState } from './model.ts';
import type { StudyPriority } from './priority.ts';
import type { Reason } from './reason.ts';
import type { EncodedReport, InstanceReference } from './report-source.ts';
import type { AnalysedSeries, AnalysisInput, EndState, StageSeconds } from './run.ts';
import type { SeriesKey, StoredInstance, StudyAttributes, StudyKey } from './study.ts';

/**
 * What the steps, the network and the web ask of the store. Declared here because adapters know the domain and never
 * each other; TypeScript is structural, so the store fits without naming them, and a test passes a fake.
 */
export interface InstanceIndex {
  /** Records an instance whose file is durable; resolves after the commit. */
  recordInstance(instance: StoredInstance): Promise<'new' | 'identical' | 'differs'>;
  /** An association that brought these series is over: shortens their quiet time when it was released in order. */
  associationEnded(series: readonly SeriesKey[], released: boolean): Promise<void>;
}

/** A study that is quiet and has images no plan has seen. Objects that we wrote ourselves are not in it. */
export interface StudyToPlan {
  readonly StudyInstanceUID: string;
  readonly series: readonly {
    readonly SeriesInstanceUID: string;
    readonly Modality: string;
    readonly watermark: number;
    /** More images of it may come: it is there for what is planned without it. */
    readonly growing?: boolean;
    /** Every image of it is a localizer. */
    readonly localizer?: boolean;
    readonly instances: readonly {
      readonly SOPInstanceUID: string;
      readonly SOPClassUID: string;
      readonly sha256: string;
    }[];
  }[];
}

export interface PlannedRun {
  readonly modelId: string;
  readonly modelVersion: string;
  readonly modelHash: string;
  readonly threshold: number;
  readonly seriesSet: readonly string[];
  readonly inputDigest: string;
  /** Set when the study lies outside the model's scope: the run ends here, without analysis and without a report. */
  readonly outOfScope: Reason | undefined;
  /** The routing rule that planned it. */
  readonly routeRule?: string | undefined;
  /** Where its report goes; absent: everywhere the settings say. */
  readonly destinations?: readonly string[] | undefined;
}

/** A study of which one part is complete and another is not. Of each series only the first and the last image are told. */
export interface PartlyDueStudy extends StudyToPlan {
  /** Announced, and none of them is here yet; Modality is empty where nobody says it. */
  readonly awaited: readonly { readonly SeriesInstanceUID: string; readonly Modality: string }[];
}

export interface PlanStore {
  dueStudies(): Promise<readonly StudyToPlan[]>;
  /** Studies with a complete series that no plan has seen, beside others that are not complete. */
  partlyDueStudies(): Promise<readonly PartlyDueStudy[]>;
  /** The whole of such a study, as `dueStudies` answers it; `undefined` when it is gone. */
  studyToPlan(StudyInstanceUID: string): Promise<StudyToPlan | undefined>;
  /**
   * One transaction: inserts the runs that do not exist yet (unique on study, series set, model, model hash and input
   * digest), marks older runs of the same (study, model) as superseded, and remembers the watermarks that were seen.
   * Answers with the ids of the inserted runs that now wait.
   */
  savePlan(study: StudyToPlan, runs: readonly PlannedRun[]): Promise<readonly WaitingJob[]>;
  /** A reader's order, else that of the rules, else what the images say. */
  priorityOf(StudyInstanceUID: string): Promise<StudyPriority>;
}

export interface ClaimedRun {
  readonly runId: string;
  readonly fence: number;
  readonly revision: number;
  readonly crashes: number;
  readonly threshold: number;
  readonly modelId: string;
  readonly modelHash: string;
  readonly study: StudyAttributes;
  readonly inputs: readonly AnalysisInput[];
  readonly considered: readonly InstanceReference[];
  readonly predecessor: InstanceReference | undefined;
  readonly installationId: string;
}

export interface RunResult {
  readonly endState: EndState;
  readonly reason: Reason | undefined;
  readonly series: AnalysedSeries | undefined;
  readonly findings: readonly Finding[];
  readonly provider: string | undefined;
  readonly stageSeconds: StageSeconds;
  readonly report: EncodedReport | undefined;
  readonly finishedAt: Date;
}

/** A run that has not ended, as its place in the queue asks. */
export interface UnfinishedRun extends WaitingJob {
  readonly state: 'WAITING' | 'RUNNING';
  readonly priority: StudyPriority;
}

export interface RunStore {
  /** Hands the run out: RUNNING, a new fence. `undefined` when it has ended, was superseded or does not exist. */
  claimRun(runId: string): Promise<ClaimedRun | undefined>;
  /** Puts a run back to WAITING after a failure that may pass; a stale fence changes nothing. */
  releaseRun(runId: string, fence: number): Promise<void>;
  /** Counts a death of the analyzer on this input and answers with the new count. */
  countCrash(runId: string, fence: number): Promise<number>;
  /**
   * Fenced commit, one transaction: result, findings, one delivery per destination, event. A stale fence commits
   * nothing (`undefined`). A run superseded meanwhile keeps its result but gets no delivery.
   */
  commitResult(
    runId: string,
    fence: number,
    result: RunResult,
    destinations: readonly string[],
  ): Promise<readonly WaitingJob[] | undefined>;
  /** Runs that have not ended and are not superseded, with the generation they were last queued under. */
  unfinishedRuns(): Promise<readonly UnfinishedRun[]>;
  /** Raises the generation of a run whose job is gone, and puts it back to WAITING. */
  renewRun(runId: string): Promise<WaitingJob | undefined>;
  /**
   * A person's order: a run that waits or runs ends as FAILED with the reason CANCELLED, and whoever works on it loses its
   * fence. `false` for any other run.
   */
  cancelRun(runId: string, by: string): Promise<boolean>;
  /** Whether the run still waits for what is worked on under this fence. */
  isHeld(runId: string, fence: number): Promise<boolean>;
  /** An operator's order: a FAILED run starts again under the next revision. */
  retryRun(runId: string): Promise<WaitingJob | undefined>;
}

export interface DeliveryToSend {
  readonly deliveryId: string;
  readonly destination: string;
  readonly attempts: number;
  readonly report: EncodedReport;
}

export interface DeliveryStore {
  /** `undefined` when delivered already, refused for good, or its run was superseded before the first send. */
  claimDelivery(deliveryId: string): Promise<DeliveryToSend | undefined>;
  delivered(deliveryId: string, status: string): Promise<void>;
  /** Not taken this time; `nextAttemptAt` is when the next try is due. */
  postponed(deliveryId: string, error: string, nextAttemptAt: Date): Promise<void>;
  /** Deliveries still pending whose next attempt is due, for the reconciler. */
  dueDeliveries(): Promise<readonly WaitingJob[]>;
  renewDelivery(deliveryId: string): Promise<WaitingJob | undefined>;
}

/** Whether a model may read studies: the tables say so, to every process. */
export interface ModelStore {
  /** Of every model that was ever checked or switched, by id. */
  modelStates(): Promise<readonly ModelState[]>;
  saveCheck(
    model: { readonly id: string; readonly version: string; readonly hash: string },
    outcome: { readonly check: ModelCheck } | { readonly problem: string },
  ): Promise<void>;
  /** An operator's order; it holds for packages that are not loaded yet, too. */
  switchModel(id: string, enabled: boolean): Promise<void>;
}

/** What the web server asks. */
export interface StudyQueries {
  /** Nobody is said to have a study open: the web server knows that. */
  worklist(query: WorklistQuery): Promise<Worklist>;
  worklistValues(): Promise<WorklistValues>;
  /** `undefined` when the study is not here. */
  priorStudies(StudyInstanceUID: string): Promise<PriorStudies | undefined>;
  studyDetail(StudyInstanceUID: string): Promise<StudyDetail | undefined>;
  /** Calls `listener` for each committed event until the answer is called. Survives a lost connection. */
  subscribe(listener: (event: ChangeEvent) => void): Promise<() => Promise<void>>;
  /** Events after `id`, oldest first, at most 1000: what a reconnecting screen missed. */
  eventsAfter(id: number): Promise<readonly ChangeEvent[]>;
  ping(): Promise<void>;
}

/** What a reader orders from the list. */
export interface StudyOrders {
  /** `false` when the study is not here. */
  orderPriority(StudyInstanceUID: string, priority: StudyPriority): Promise<boolean>;
  /** The study is planned again at once, with the models that read now; `false` when none has read it yet. */
  orderAnalysis(StudyInstanceUID: string): Promise<boolean>;
  /** Tells the screens that so many readers have it open; who they are is kept nowhere. */
  presenceChanged(StudyInstanceUID: string, readers: number): Promise<void>;
}

/** One stored instance as DICOMweb needs it. */
export interface StoredFile {
  readonly file: string;
  readonly StudyInstanceUID: string;
  readonly SeriesInstanceUID: string;
  readonly SOPInstanceUID: string;
  readonly SOPClassUID: string;
  readonly TransferSyntaxUID: string;
  readonly NumberOfFrames: number;
  readonly bytes: number;
}

/** QIDO-RS answers attributes by keyword; the route turns them into the DICOM JSON model. */
export type AttributeRow = Readonly<Record<string, string | number | readonly string[] | null>>;

export type Matches = Readonly<Record<string, string>>;

export interface DicomwebQueries {
  /**
   * Match on the keywords given, `*` and `?` are wildcards (PS3.4 §C.2.2.2.4). `fuzzy`: names are matched by the
   * beginnings of their words in any order.
   */
  searchStudies(match: Matches, limit: number, offset: number, fuzzy?: boolean): Promise<readonly AttributeRow[]>;
  /** Of one study, or of all; matched on the attributes of the series and of its study, and answered with both. */
  searchSeries(
    of: Partial<StudyKey>,
    match: Matches,
    limit: number,
    offset: number,
    fuzzy?: boolean,
  ): Promise<readonly AttributeRow[]>;
  /** Of one series, of one study, or of all; with the attributes of all three levels. */
  searchInstances(
    of: Partial<SeriesKey>,
    match: Matches,
    limit: number,
    offset: number,
    fuzzy?: boolean,
  ): Promise<readonly AttributeRow[]>;
  /** Files of a study, a series or one instance, by series and instance number. Includes our own reports once made. */
  files(of: {
    StudyInstanceUID: string;
    SeriesInstanceUID?: string;
    SOPInstanceUID?: string;
  }): Promise<readonly StoredFile[]>;
}
