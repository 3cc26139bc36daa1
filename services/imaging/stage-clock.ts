import type { StageSeconds } from '../domain/run.ts';

/** Adds up the seconds of each stage of one analysis. */
export class StageClock {
  readonly #seconds = new Map<string, number>();

  time<T>(stage: string, work: () => T): T {
    const start = performance.now();
    try {
      return work();
    } finally {
      this.#add(stage, start);
    }
  }

  async timeAsync<T>(stage: string, work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    try {
      return await work();
    } finally {
      this.#add(stage, start);
    }
  }

  get seconds(): StageSeconds {
    return Object.fromEntries([...this.#seconds].map(([stage, s]) => [stage, Math.round(s * 1000) / 1000]));
  }

  #add(stage: string, start: number): void {
    this.#seconds.set(stage, (this.#seconds.get(stage) ?? 0) + (performance.now() - start) / 1000);
  }
}
