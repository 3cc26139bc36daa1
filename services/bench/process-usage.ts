import { readFileSync } from 'node:fs';

/** What a set of processes has used so far; `undefined` where the system does not tell (not Linux). */
export interface ProcessUsage {
  readonly cpuSeconds: number | undefined;
  /** The largest resident size that one of them reached. */
  readonly peakRssMb: number | undefined;
}

/** Clock ticks a second: 100 on every Linux that Node runs on. */
const TICKS = 100;

/** Remembers processes by id and keeps the last figures of those that ended. */
export class UsageMeter {
  readonly #cpu = new Map<number, number>();
  #peakRssMb = 0;

  watch(pid: number): void {
    this.#cpu.set(pid, 0);
  }

  get pids(): readonly number[] {
    return [...this.#cpu.keys()];
  }

  /** Reads all of them now; what ended since the last call keeps what it had then. */
  read(): ProcessUsage {
    for (const pid of this.#cpu.keys()) {
      const cpu = cpuSecondsOf(pid);
      if (cpu !== undefined) this.#cpu.set(pid, cpu);
      this.#peakRssMb = Math.max(this.#peakRssMb, peakRssMbOf(pid) ?? 0);
    }
    const cpuSeconds = [...this.#cpu.values()].reduce((sum, seconds) => sum + seconds, 0);
    return this.#peakRssMb === 0
      ? { cpuSeconds: undefined, peakRssMb: undefined }
      : { cpuSeconds, peakRssMb: this.#peakRssMb };
  }
}

/** User and system time of a process with all of its threads (proc(5), fields 14 and 15 of `stat`). */
function cpuSecondsOf(pid: number): number | undefined {
  const text = procFile(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

function peakRssMbOf(pid: number): number | undefined {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB/m.exec(procFile(`/proc/${pid}/status`) ?? '') ?? [];
  return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
}

function procFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}
