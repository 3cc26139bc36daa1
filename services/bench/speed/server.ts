import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../../evaluation/random.ts';
import type { SpeedMetrics } from '../speed-metrics.ts';
import { latencyMetrics } from './single-stream.ts';
import type { Study, StudyRun } from './study.ts';

type ServerMetrics = NonNullable<SpeedMetrics['server']>;

export interface ServerPlan {
  readonly boundSeconds: number;
  /** Studies of one trial. With 30 of them p99 is the slowest. */
  readonly arrivals: number;
  readonly trials: number;
  /** Studies per second that the analyzers do when they are never idle: where the search begins. */
  readonly capacity: number;
  readonly seed: number;
}

/**
 * MLPerf's Server: studies arrive by a Poisson process whether or not the analyzers are free, and wait. Halves the range
 * from nothing to capacity until the trials are used up; the answer is the highest rate that was tried and held.
 */
export async function server(
  run: (study: Study) => Promise<StudyRun>,
  studies: readonly Study[],
  plan: ServerPlan,
): Promise<ServerMetrics> {
  const trials: ServerMetrics['trials'] = [];
  let [low, high] = [0, plan.capacity];
  for (let trial = 0; trial < plan.trials; trial++) {
    const rate = (low + high) / 2;
    const result = await arrive(run, studies, plan, rate);
    trials.push(result);
    if (result.holds) low = rate;
    else high = rate;
  }
  return { boundSeconds: plan.boundSeconds, studiesPerHour: low === 0 ? null : low * 3600, trials };
}

async function arrive(
  run: (study: Study) => Promise<StudyRun>,
  studies: readonly Study[],
  { arrivals, boundSeconds, seed }: ServerPlan,
  rate: number,
): Promise<ServerMetrics['trials'][number]> {
  const startedAt = performance.now();
  const finished = poissonSeconds(rate, arrivals, seed).map(async (dueSeconds, at) => {
    const due = startedAt + dueSeconds * 1000;
    await sleep(Math.max(0, due - performance.now()));
    const study = studies[at % studies.length];
    if (study === undefined) throw new Error('no study');
    const { graph } = await run(study);
    return { graph, seconds: (performance.now() - due) / 1000 };
  });
  const runs = await Promise.all(finished);
  const latency = latencyMetrics(runs.map(({ seconds }) => seconds));
  const graph = latencyMetrics(runs.map((one) => one.graph));
  return { studiesPerHour: rate * 3600, arrivals, latency, graph, holds: latency.p99 <= boundSeconds };
}

/** When studies arrive: gaps of an exponential distribution, the same for the same seed. */
export function poissonSeconds(rate: number, count: number, seed: number): number[] {
  const random = seededRandom(seed);
  let at = 0;
  return Array.from({ length: count }, () => {
    at += -Math.log(1 - random.next()) / rate;
    return at;
  });
}
