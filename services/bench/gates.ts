import { AppError } from '../domain/errors.ts';
import type { DatasetMetrics } from './accuracy-metrics.ts';
import type { Gate } from './bench-file.ts';
import { type GateMetric, gateMetric } from './gate-metric.ts';
import type { GateResult, LoadMetrics } from './metrics.ts';
import type { SpeedMetrics } from './speed-metrics.ts';

/** What gates are held against. */
export interface Measured {
  readonly datasets: readonly DatasetMetrics[];
  readonly speed: SpeedMetrics | null;
  readonly load: LoadMetrics;
  readonly machineClass: string;
}

export interface GateOptions {
  /** Whose numbers a change is counted from. */
  readonly reference?: Measured | undefined;
  /** What this run was not asked to measure. */
  readonly leftOut?: GateMetric['scope'] | undefined;
}

/** `name:limit` of the command line: `cpm:-0.01` may fall by 0.01, `ece:+0.02` may rise, `p95:+10%` by a tenth. */
export function parseGate(text: string): Gate {
  const invalid = (why: string) => new AppError('BENCH_INVALID', `gate "${text}": ${why}`);
  const [, name = '', number = '', percent] = /^([A-Za-z0-9@.]+):([+-]?\d+(?:\.\d+)?)(%?)$/.exec(text) ?? [];
  if (name === '') throw invalid('write it as cpm:-0.01, ece:+0.02 or p95:+10%');
  const { better } = gateMetric(name);
  const limit = Number(number);
  if (better === 'higher' && (limit > 0 || percent)) throw invalid(`${name} must not fall: write ${name}:-0.01`);
  if (better === 'lower' && limit < 0) throw invalid(`${name} must not rise: write ${name}:+${-limit}`);
  if (better === 'higher') return { metric: name, maxDrop: Math.abs(limit) };
  return percent ? { metric: name, maxRisePercent: limit } : { metric: name, maxRise: limit };
}

/** One result per gate and data set that it speaks of. */
export function judgeGates(gates: readonly Gate[], measured: Measured, options: GateOptions = {}): GateResult[] {
  return gates.flatMap((gate) => {
    const metric = gateMetric(gate.metric);
    if (metric.scope === options.leftOut)
      return [{ ...unjudged(gate, gate.dataset ?? null, 'this run was not asked for it'), status: 'skipped' as const }];
    return metric.scope === 'speed'
      ? [speedGate(gate, metric, measured, options)]
      : datasetGates(gate, metric, measured, options);
  });
}

function datasetGates(gate: Gate, metric: GateMetric, measured: Measured, { reference }: GateOptions): GateResult[] {
  const meant = measured.datasets.filter(({ id, status }) =>
    gate.dataset === undefined ? status === 'measured' : id === gate.dataset,
  );
  if (meant.length === 0) {
    // Without a data set of its own a gate has nothing to say when all of them are optional and absent.
    const isSkipped =
      gate.dataset === undefined && measured.datasets.every(({ status, required }) => status === 'absent' && !required);
    return [{ ...unjudged(gate, gate.dataset ?? null, 'no data set was measured'), ...(isSkipped ? SKIPPED : {}) }];
  }
  return meant.map((dataset) => {
    if (dataset.status === 'absent' && !dataset.required)
      return { ...unjudged(gate, dataset.id, 'the data set is not on this machine'), ...SKIPPED };
    const value = valueIn(metric, dataset);
    const before = reference?.datasets.find(({ id }) => id === dataset.id);
    return judge(gate, metric, dataset.id, value, before && valueIn(metric, before));
  });
}

const SKIPPED = { status: 'skipped' } as const;

const valueIn = (metric: GateMetric, { accuracy }: DatasetMetrics): number | undefined =>
  (accuracy && metric.accuracy?.(accuracy)) ?? undefined;

/** Seconds of a loaded machine, or of another one, say nothing about the program. Memory and parity do. */
function speedGate(gate: Gate, metric: GateMetric, measured: Measured, { reference }: GateOptions): GateResult {
  const isTime = !['rssMb', 'parity'].includes(metric.name);
  if (isTime && (measured.load.loaded || reference?.load.loaded))
    return { ...unjudged(gate, null, 'measured on a loaded machine'), ...SKIPPED };
  const isRelative = gate.min === undefined && gate.max === undefined;
  if (isTime && isRelative && reference && reference.machineClass !== measured.machineClass)
    return { ...unjudged(gate, null, 'measured on another machine'), ...SKIPPED };
  const value = (measured.speed && metric.speed?.(measured.speed)) ?? undefined;
  const before = (reference?.speed && metric.speed?.(reference.speed)) ?? undefined;
  return judge(gate, metric, null, value, before);
}

function judge(
  gate: Gate,
  metric: GateMetric,
  dataset: string | null,
  value: number | undefined,
  before: number | undefined,
): GateResult {
  const isRelative = gate.min === undefined && gate.max === undefined;
  if (value === undefined) return unjudged(gate, dataset, 'it could not be measured');
  if (isRelative && before === undefined) return unjudged(gate, dataset, 'there is no baseline that has it');
  const { limit, text } = bound(gate, before ?? 0, metric.digits);
  const holds = gate.min !== undefined || gate.maxDrop !== undefined ? value >= limit : value <= limit;
  return {
    gate,
    dataset,
    value,
    reference: before ?? null,
    status: holds ? 'held' : 'breached',
    text: `${nameOf(metric.title, dataset)} is ${value.toFixed(metric.digits)}, ${text} is asked`,
  };
}

/** The limit that the gate sets, and its words. A rounding error of the last bit breaches nothing. */
function bound({ min, max, maxDrop, maxRise, maxRisePercent }: Gate, before: number, digits: number) {
  const shown = (limit: number) => limit.toFixed(digits);
  const from = `from ${shown(before)}`;
  if (min !== undefined) return { limit: min, text: `at least ${shown(min)}` };
  if (max !== undefined) return { limit: max, text: `at most ${shown(max)}` };
  if (maxDrop !== undefined)
    return {
      limit: before - maxDrop - 1e-12,
      text: `at least ${shown(before - maxDrop)} (${from}, may fall by ${maxDrop})`,
    };
  const rise = maxRise ?? ((maxRisePercent ?? 0) / 100) * before;
  return { limit: before + rise + 1e-12, text: `at most ${shown(before + rise)} (${from})` };
}

const nameOf = (title: string, dataset: string | null): string => (dataset === null ? title : `${title} of ${dataset}`);

function unjudged(gate: Gate, dataset: string | null, why: string): GateResult {
  const { title } = gateMetric(gate.metric);
  return {
    gate,
    dataset,
    value: null,
    reference: null,
    status: 'breached',
    text: `${nameOf(title, dataset)}: not judged, ${why}`,
  };
}
