import type { Context } from '../domain/context.ts';
import { AppError } from '../domain/errors.ts';
import type { Finding } from '../domain/finding.ts';
import type { JobQueue } from '../domain/job.ts';
import type { ClaimedRun, RunResult, RunStore } from '../domain/ports.ts';
import { REASON_CODES, Reason } from '../domain/reason.ts';
import type { Algorithm } from '../domain/report-source.ts';
import type { AnalysisAnswer, AnalysisRequest } from '../domain/run.ts';
import { trackingUid } from '../report/derive-uid.ts';
import { encodeReport } from '../report/findings-to-sr.ts';
import { enqueueAll } from './plan-studies.ts';
import { TakenBack, whileHeld } from './while-held.ts';

/** A model as analysis sees it. */
interface AnalysisModel {
  readonly directory: string;
  readonly hash: string;
  readonly algorithm: Algorithm;
}

/** Why a model may not read studies. */
interface DisabledModel {
  readonly disabled: string;
}

export interface AnalyzePorts
  extends Pick<RunStore, 'claimRun' | 'releaseRun' | 'countCrash' | 'commitResult' | 'isHeld'> {
  /** Asked before an analysis and after it: an operator or a self test may disable the model meanwhile. */
  modelOf(modelId: string): Promise<AnalysisModel | DisabledModel>;
  analyze(request: AnalysisRequest, signal: AbortSignal): Promise<AnalysisAnswer>;
  readonly destinations: readonly string[];
  readonly deliveries: JobQueue;
}

/** So many deaths of the analyzer on one input, and the run ends as failed instead of trying again. */
const MAX_CRASHES = 3;

/**
 * One run in, one of four end states out, with its report and deliveries in the same commit.
 *
 * Safe to run twice: UIDs are derived from the run, and a commit with an old fence changes nothing.
 *
 * @throws {AppError} ANALYZER_DIED, ANALYZER_DEADLINE when the analyzer was lost and the run may be tried again.
 */
export async function analyzeRun(context: Context, ports: AnalyzePorts, runId: string): Promise<void> {
  const run = await ports.claimRun(runId);
  if (run === undefined) return;
  const log = context.log.child({ runId, StudyInstanceUID: run.study.StudyInstanceUID, model: run.modelId });
  const model = await usable(ports, run);
  if ('disabled' in model) {
    await commit(ports, run, disabled(run, model));
    return log.warn('run.model-disabled', { detail: model.disabled });
  }

  const answered = await analyse({ ...context, log }, ports, run, model);
  if (answered === undefined) return log.info('run.taken-back');
  const still = await usable(ports, run);
  const result = 'disabled' in still ? disabled(run, still) : answered;
  for (const [stage, seconds] of Object.entries(result.stageSeconds)) context.metrics.observe(stage, seconds);
  const deliveries = await context.metrics.time('commit', () => commit(ports, run, result));
  if (deliveries === undefined) return log.warn('run.stale');
  context.metrics.count(`runs_${result.endState.toLowerCase()}`);
  log.info('run.ended', { endState: result.endState, findings: result.findings.length });
  await enqueueAll(ports.deliveries, deliveries);
}

async function usable(ports: AnalyzePorts, { modelId, modelHash }: ClaimedRun): Promise<AnalysisModel | DisabledModel> {
  const model = await ports.modelOf(modelId);
  return 'disabled' in model || model.hash === modelHash ? model : { disabled: 'replaced by another version' };
}

const disabled = ({ modelId }: ClaimedRun, { disabled: detail }: DisabledModel): RunResult =>
  failed({ code: 'MODEL_DISABLED', params: { model: modelId, detail: detail.slice(0, 200) } });

const commit = (ports: AnalyzePorts, run: ClaimedRun, result: RunResult) =>
  ports.commitResult(run.runId, run.fence, result, result.report === undefined ? [] : ports.destinations);

/** `undefined` for a run that was taken back meanwhile: it has ended already, or somebody else has it. */
async function analyse(context: Context, ports: AnalyzePorts, run: ClaimedRun, model: AnalysisModel) {
  const request = { id: run.runId, modelDirectory: model.directory, modelHash: model.hash, inputs: [...run.inputs] };
  try {
    const isHeld = () => ports.isHeld(run.runId, run.fence);
    const answer = await context.metrics.time('analyze', () =>
      whileHeld(context.log, context.signal, isHeld, (signal) => ports.analyze(request, signal)),
    );
    return toResult(run, model.algorithm, answer);
  } catch (error) {
    if (error instanceof TakenBack) return undefined;
    const reason = await lost(context, ports, run, error);
    if (reason !== undefined) return failed(reason);
    throw error;
  }
}

/** A lost analyzer: the reason to give up, or `undefined` to try again. */
async function lost(
  context: Context,
  ports: AnalyzePorts,
  run: ClaimedRun,
  error: unknown,
): Promise<Reason | undefined> {
  const stopping = context.signal.aborted;
  const named = error instanceof AppError ? error : undefined;
  if (named?.code === 'ANALYZER_INVALID') return reasonOf(named);
  if (!stopping && (named?.code === 'ANALYZER_DIED' || named?.code === 'ANALYZER_DEADLINE')) {
    const crashes = await ports.countCrash(run.runId, run.fence);
    context.log.warn('run.crashed', { crashes, code: named.code });
    if (crashes >= MAX_CRASHES) return exhausted(named, crashes);
  }
  await ports.releaseRun(run.runId, run.fence);
  return undefined;
}

function exhausted(error: AppError, crashes: number): Reason {
  const reason = reasonOf(error);
  if (reason.code === 'DEADLINE' || reason.code === 'OUT_OF_MEMORY') return reason;
  return { code: 'CRASHED_REPEATEDLY', params: { count: crashes, detail: error.message.slice(0, 200) } };
}

/** The reason an analyzer error names in its detail (`reason` = code, the rest its numbers). */
function reasonOf(error: AppError): Reason {
  const { reason, ...params } = error.detail;
  const code = REASON_CODES.find((known) => known === reason);
  return code === undefined
    ? { code: 'INTERNAL', params: { detail: error.message.slice(0, 200) } }
    : Reason.parse({ code, params });
}

function failed(reason: Reason): RunResult {
  return {
    endState: 'FAILED',
    reason,
    series: undefined,
    findings: [],
    provider: undefined,
    stageSeconds: {},
    report: undefined,
    finishedAt: new Date(),
  };
}

/** The answer with its identity: findings named, the report encoded. Pure but for the clock. */
function toResult(run: ClaimedRun, algorithm: Algorithm, answer: AnalysisAnswer): RunResult {
  if (answer.outcome === 'NOT_ANALYSABLE' && isFailure(answer.reason))
    return { ...failed(answer.reason), stageSeconds: answer.stageSeconds };
  const analysed = answer.outcome === 'ANALYSED' ? answer : undefined;
  const findings = (analysed?.lesions ?? [])
    .toSorted((a, b) => b.score - a.score)
    .map(
      (lesion, i): Finding => ({
        ...lesion,
        index: i + 1,
        TrackingUID: trackingUid(run.installationId, run.runId, i + 1),
      }),
    );
  const marked = findings.filter(({ score }) => score >= run.threshold);
  const endState = analysed === undefined ? 'NOT_ANALYSABLE' : marked.length > 0 ? 'FINDINGS' : 'NO_FINDINGS';
  const reason = answer.outcome === 'NOT_ANALYSABLE' ? answer.reason : undefined;
  const finishedAt = new Date();
  const parameters = [...algorithm.parameters, ...runtimeParameters(analysed)];
  const report = encodeReport({
    installationId: run.installationId,
    runId: run.runId,
    revision: run.revision,
    endState,
    study: run.study,
    algorithm: { ...algorithm, parameters },
    series: analysed?.series,
    considered: run.considered,
    findings: marked,
    reason,
    analysedAt: finishedAt,
    predecessor: run.predecessor,
  });
  return {
    endState,
    reason,
    series: analysed?.series,
    findings,
    provider: analysed?.provider,
    stageSeconds: answer.stageSeconds,
    report,
    finishedAt,
  };
}

/** What really ran, for the report. */
function runtimeParameters(answer: { provider: string; precision?: string | undefined } | undefined): string[] {
  if (answer === undefined) return [];
  const { provider, precision } = answer;
  return [`provider=${provider}`, ...(precision === undefined ? [] : [`precision=${precision}`])];
}

/** Reasons that are our fault, the model's or the disk's, not the study's: they end as failed and can be tried again. */
const FAILURES: ReadonlySet<Reason['code']> = new Set([
  'INTEGRITY',
  'INTERNAL',
  'OUT_OF_MEMORY',
  'DEADLINE',
  'MODEL_DISABLED',
  'INVALID_MODEL_OUTPUT',
]);
const isFailure = ({ code }: Reason): boolean => FAILURES.has(code);
