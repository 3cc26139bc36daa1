import { AggregatorRegistry, Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import type { Metrics } from '../domain/context.ts';
import type { ExperienceKind } from '../domain/contract/experience.ts';

/** What one process measured, as JSON: another process can add it to its own page. */
export type MetricsSnapshot = Awaited<ReturnType<Registry['getMetricsAsJSON']>>;

export interface PrometheusMetrics extends Metrics {
  /** `reader_wait_seconds{kind}`: what a reader's screen measured. */
  readonly observeExperience: (kind: ExperienceKind, seconds: number) => void;
  /** Text exposition format 0.0.4, of this process and of the snapshots of others. */
  text(others?: readonly MetricsSnapshot[]): Promise<string>;
  snapshot(): Promise<MetricsSnapshot>;
}

/** From a commit of a millisecond to an analysis of minutes, four steps a decade. */
const BUCKETS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800];

/**
 * `stage_seconds{stage}`, a counter `<name>_total` for each name counted, and the figures of the process itself.
 * With a `role` every series carries it as a label, so that the figures of several roles stay apart on one page.
 */
export function prometheusMetrics(role?: string): PrometheusMetrics {
  const registry = new Registry();
  if (role !== undefined) registry.setDefaultLabels({ role });
  collectDefaultMetrics({ register: registry });
  const stages = new Histogram({
    name: 'stage_seconds',
    help: 'Seconds of one stage of the work',
    labelNames: ['stage'],
    buckets: BUCKETS,
    registers: [registry],
  });
  const waits = new Histogram({
    name: 'reader_wait_seconds',
    help: 'Seconds a reader waited, as the screen measured them',
    labelNames: ['kind'],
    buckets: BUCKETS,
    registers: [registry],
  });
  const counters = new Map<string, Counter>();

  return {
    async time(stage, work) {
      const end = stages.startTimer({ stage });
      try {
        return await work();
      } finally {
        end();
      }
    },
    observeExperience: (kind, seconds) => waits.observe({ kind }, seconds),
    observe: (stage, seconds) => stages.observe({ stage }, seconds),
    count(name, by = 1) {
      const metric = counterName(name);
      const counter =
        counters.get(metric) ?? new Counter({ name: metric, help: `Number of ${name}`, registers: [registry] });
      counters.set(metric, counter);
      counter.inc(by);
    },
    snapshot: () => registry.getMetricsAsJSON(),
    async text(others = []) {
      if (others.length === 0) return registry.metrics();
      const own = await registry.getMetricsAsJSON();
      return AggregatorRegistry.aggregate([own, ...others]).metrics();
    },
  };
}

/** `instances.received` becomes `instances_received_total`. */
const counterName = (name: string): string =>
  `${name.replace(/\W/g, '_').replace(/^(\d)/, '_$1')}${name.endsWith('_total') ? '' : '_total'}`;
