import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What a child tells of the mutants it was given. */
export type Told =
  | { readonly type: 'begun'; readonly n: number }
  | { readonly type: 'done'; readonly n: number; readonly outcomes: readonly string[]; readonly cpuMs: number };

export interface Bounds {
  /** Processor seconds that one mutant may take. */
  readonly seconds: number;
  readonly megabytes: number;
}

/** What a run over many mutants saw. */
export interface Tally {
  /** Mutants by outcome. */
  readonly outcomes: Map<string, number>;
  /** Mutants that ended with their process: by its death, or by a limit that the watcher held. */
  readonly ended: { readonly n: number; readonly how: string }[];
  slowest: { n: number; cpuMs: number };
  peakMb: number;
}

const LOOK_MS = 250;
const TICKS_PER_SECOND = 100;

export const newTally = (): Tally => ({ outcomes: new Map(), ended: [], slowest: { n: -1, cpuMs: 0 }, peakMb: 0 });

/**
 * Gives the mutants `from` to `to` to children of the script in `args`, one after the other: a child that dies or passes
 * a bound costs one mutant, and another goes on behind it.
 */
export async function watchedRun(
  args: readonly string[],
  from: number,
  to: number,
  bounds: Bounds,
  tally: Tally,
): Promise<void> {
  for (let next = from; next < to; ) next = await oneChild(args, next, to, bounds, tally);
}

/** Answers the mutant to go on with. */
function oneChild(
  [script = '', ...args]: readonly string[],
  from: number,
  to: number,
  bounds: Bounds,
  tally: Tally,
): Promise<number> {
  const child = fork(script, args, {
    execArgv: [`--max-old-space-size=${bounds.megabytes}`],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const state = { current: from, next: from, begunAt: 0, how: '', stderr: '' };
  child.stderr?.on('data', (bytes: Buffer) => (state.stderr = (state.stderr + bytes.toString()).slice(-600)));
  child.on('message', (told: Told) => {
    if (told.type === 'begun') {
      state.current = told.n;
      state.begunAt = cpuSeconds(child);
      return;
    }
    state.next = told.n + 1;
    for (const outcome of told.outcomes) tally.outcomes.set(outcome, (tally.outcomes.get(outcome) ?? 0) + 1);
    if (told.cpuMs > tally.slowest.cpuMs) tally.slowest = { n: told.n, cpuMs: told.cpuMs };
  });
  const watch = setInterval(() => {
    const { residentMb, peakMb } = memoryOf(child);
    tally.peakMb = Math.max(tally.peakMb, peakMb);
    const isLate = state.next === state.current && cpuSeconds(child) - state.begunAt > bounds.seconds;
    if (state.how === '' && (isLate || residentMb > bounds.megabytes)) {
      state.how = isLate ? `the limit of ${bounds.seconds} s` : `the limit of ${bounds.megabytes} MB`;
      child.kill('SIGKILL');
    }
  }, LOOK_MS);
  return new Promise((resolve) => {
    child.on('exit', (code, signal) => {
      clearInterval(watch);
      if (state.next >= to) return resolve(to);
      tally.ended.push({ n: state.current, how: state.how || `${signal ?? code}: ${state.stderr.trim()}` });
      resolve(state.current + 1);
    });
    child.send({ from, to });
  });
}

/** Of the process so far, by the kernel: a machine that is busy does not make a mutant slow. */
function cpuSeconds({ pid }: ChildProcess): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return 0;
  }
}

function memoryOf({ pid }: ChildProcess): { residentMb: number; peakMb: number } {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    const megabytes = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) / 1024;
    return { residentMb: megabytes('VmRSS'), peakMb: megabytes('VmHWM') };
  } catch {
    return { residentMb: 0, peakMb: 0 };
  }
}
