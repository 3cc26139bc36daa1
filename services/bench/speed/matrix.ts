import { AppError } from '../../domain/errors.ts';
import type { Mark } from '../../evaluation/lesion.ts';
import { type Parity, parityOf } from '../../evaluation/parity.ts';
import { type AnalyzerSettings, type BenchAnalyzer, benchAnalyzer } from '../bench-analyzer.ts';
import type { SpeedPlan } from '../bench-file.ts';
import { modelVariant } from '../model-variant.ts';
import type { MatrixCell } from '../speed-metrics.ts';
import { latencyMetrics } from './single-stream.ts';
import { runStudy, type Study, type StudyRun, usageOf } from './study.ts';

type Plan = NonNullable<SpeedPlan['matrix']>;
type Combination = Pick<MatrixCell, 'provider' | 'precision' | 'threads' | 'batch'>;
export interface MatrixOptions {
  readonly settings: AnalyzerSettings;
  readonly signal: AbortSignal;
  readonly progress: (text: string) => void;
  readonly watch: (cpuSeconds: () => number) => void;
}

/** The marks of each study, by its id. */
type MarksOf = ReadonlyMap<string, readonly Mark[]>;

const NOTHING = {
  ran: null,
  endToEnd: null,
  graph: null,
  cpuSecondsPerStudy: null,
  peakRssMb: null,
  gpuMemoryMb: null,
  parity: null,
};

/**
 * Every combination of provider, precision, threads and batch, each in analyzers of its own. Parity is against the
 * cell of cpu, fp32 and batch 1; where the plan has none, one is run for it. What cannot run is skipped with its reason, and
 * a provider that fell back to another is not reported under its own name.
 */
export async function matrix(
  directory: string,
  studies: readonly Study[],
  plan: Plan,
  options: MatrixOptions,
): Promise<MatrixCell[]> {
  const cells: MatrixCell[] = [];
  let reference: MarksOf | undefined;
  for (const combination of combinations(plan)) {
    const { cell, marks } = await measure(directory, studies, combination, plan.runs, options);
    if (isReference(combination)) reference ??= marks;
    reference ??= (await measure(directory, studies, REFERENCE, 1, options)).marks;
    cells.push({ ...cell, parity: marks && reference ? worst(reference, marks) : null });
    options.progress(`${nameOf(combination)}: ${cell.note ?? `${cell.endToEnd?.p50.toFixed(2)} s`}`);
  }
  return cells;
}

const REFERENCE: Combination = { provider: 'cpu', precision: 'fp32', threads: 0, batch: 1 };
const isReference = ({ provider, precision, batch }: Combination) =>
  provider === REFERENCE.provider && precision === REFERENCE.precision && batch === REFERENCE.batch;
const nameOf = ({ provider, precision, threads, batch }: Combination) =>
  `${provider} ${precision}, ${threads || 'all'} threads, batch ${batch}`;

/** The reference first, so that every other has something to be held against. */
const combinations = ({ providers, precisions, threads, batches }: Plan): Combination[] =>
  providers
    .flatMap((provider) => precisions.map((precision) => ({ provider, precision })))
    .flatMap((cell) => threads.map((count) => ({ ...cell, threads: count })))
    .flatMap((cell) => batches.map((batch) => ({ ...cell, batch })))
    .sort((a, b) => Number(isReference(b)) - Number(isReference(a)));

async function measure(
  directory: string,
  studies: readonly Study[],
  combination: Combination,
  runs: number,
  { settings, signal, watch }: MatrixOptions,
): Promise<{ readonly cell: MatrixCell; readonly marks?: MarksOf }> {
  const { provider, precision, threads, batch } = combination;
  const skipped = (note: string) => ({
    cell: { ...combination, status: 'skipped', note, ...NOTHING } satisfies MatrixCell,
  });
  try {
    const variant = await modelVariant(directory, {
      providers: [provider],
      precision,
      ...(batch > 1 ? { batch } : {}),
    });
    const analyzer = benchAnalyzer(variant.model, settings, { workers: 1, threads });
    watch(() => analyzer.usage().cpuSeconds ?? 0);
    try {
      const first = await firstRuns(analyzer, studies, signal);
      const ran = [...first.values()][0]?.provider ?? 'nothing';
      // `cuda+cpu`: the card with some nodes left to the processor.
      if (!ran.split('+').includes(provider)) return skipped(`${provider} is not here, ${ran} ran instead`);
      return { cell: await timed(analyzer, studies, { ...combination, ran }, runs, signal), marks: marksOf(first) };
    } finally {
      await analyzer.close();
      await variant.remove();
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof AppError && error.code !== 'BENCH_INVALID') return skipped(`${error.code}: ${error.message}`);
    throw error;
  }
}

async function firstRuns(analyzer: BenchAnalyzer, studies: readonly Study[], signal: AbortSignal) {
  const runs = new Map<string, StudyRun>();
  for (const study of studies) runs.set(study.id, await runStudy(analyzer, study, signal));
  return runs;
}

const marksOf = (runs: ReadonlyMap<string, StudyRun>): MarksOf =>
  new Map([...runs].map(([id, { marks }]) => [id, marks]));

async function timed(
  analyzer: BenchAnalyzer,
  studies: readonly Study[],
  { ran, ...combination }: Combination & { readonly ran: string },
  count: number,
  signal: AbortSignal,
): Promise<MatrixCell> {
  const cpuBefore = analyzer.usage().cpuSeconds ?? 0;
  const runs: StudyRun[] = [];
  for (let run = 0; run < count; run++) for (const study of studies) runs.push(await runStudy(analyzer, study, signal));
  return {
    ...combination,
    status: 'measured',
    note: null,
    ran,
    endToEnd: latencyMetrics(runs.map(({ endToEnd }) => endToEnd)),
    graph: latencyMetrics(runs.map(({ graph }) => graph)),
    ...usageOf(analyzer, cpuBefore, runs.length),
    parity: null,
  };
}

/** Over all studies. */
function worst(reference: MarksOf, marks: MarksOf): Parity {
  const all = [...reference].map(([id, own]) => parityOf(own, marks.get(id) ?? []));
  const sum = (of: (parity: Parity) => number) => all.reduce((total, parity) => total + of(parity), 0);
  const most = (of: (parity: Parity) => number) => all.reduce((highest, parity) => Math.max(highest, of(parity)), 0);
  return {
    matched: sum(({ matched }) => matched),
    unmatched: sum(({ unmatched }) => unmatched),
    maxScoreDifference: most(({ maxScoreDifference }) => maxScoreDifference),
    maxCenterMm: most(({ maxCenterMm }) => maxCenterMm),
  };
}
