import { availableParallelism, loadavg } from 'node:os';
import type { LoadMetrics } from './metrics.ts';

/** Where the figures come from; a test gives its own. */
export interface LoadProbe {
  readonly cores: number;
  /** Mean number of runnable threads of the machine over the last minute. */
  loadAverage(): number;
}

export const machineProbe: LoadProbe = { cores: availableParallelism(), loadAverage: () => loadavg()[0] ?? 0 };

export interface LoadWatch {
  stop(): Omit<LoadMetrics, 'allowed'>;
}

const SAMPLE_MS = 5000;

/**
 * Watches whether other work shares the machine. What counts is the load average less the cores that this run itself
 * keeps busy, at the start and every five seconds; above the number of cores, timings are no property of the program.
 *
 * `ownCpuSeconds` is what this process and its analyzers have used so far.
 */
export function watchLoad(probe: LoadProbe, ownCpuSeconds: () => number): LoadWatch {
  const atStart = probe.loadAverage();
  const state = { otherPeak: atStart, seconds: ownCpuSeconds(), at: performance.now(), ownCores: 0 };
  const sample = (): void => {
    const [seconds, at] = [ownCpuSeconds(), performance.now()];
    const elapsed = (at - state.at) / 1000;
    if (elapsed <= 0) return;
    // The load average follows with a minute's delay: so must our own share.
    const part = 1 - Math.exp(-elapsed / 60);
    state.ownCores += ((seconds - state.seconds) / elapsed - state.ownCores) * part;
    state.otherPeak = Math.max(state.otherPeak, probe.loadAverage() - state.ownCores);
    Object.assign(state, { seconds, at });
  };
  const timer = setInterval(sample, SAMPLE_MS);
  timer.unref();
  return {
    stop() {
      clearInterval(timer);
      sample();
      const { otherPeak } = state;
      return { cores: probe.cores, atStart, otherPeak, loaded: otherPeak > probe.cores };
    },
  };
}
