import type { Context } from '../../domain/context.ts';
import type { Archive, PullStore } from '../../domain/pull/ports.ts';
import type { WatchFile } from '../../domain/pull/watch-file.ts';
import { fetchStudy } from '../../pipeline/fetch-study.ts';
import { findPriors, type PriorPorts } from '../../pipeline/find-priors.ts';
import { pollWatch } from '../../pipeline/poll-watch.ts';

export interface LoopPorts extends PullStore, Omit<PriorPorts, 'archive'> {
  archiveOf(peer: string): Archive;
  /** Whether this process is the one that fetches. */
  holds(): Promise<boolean>;
}

/** Between two looks whether priors of arrived studies are wanted. */
const PRIORS_PAUSE_MS = 5000;
/** The database is away, or something is wrong with us. */
const AFTER_ERROR_MS = 5000;

/**
 * What is to be done now by a file of watches. Of each peer one query at a time and one study at a time: it has other work to
 * do, and what waits for one peer does not wait for another.
 */
export class PullLoop {
  readonly #context: Context;
  readonly #ports: LoopPorts;
  readonly #running = new Map<string, Promise<void>>();
  readonly #dueMs = new Map<string, number>();

  constructor(context: Context, ports: LoopPorts) {
    this.#context = context;
    this.#ports = ports;
  }

  /** Begins what is due and is not running; resolves at once. */
  turn(file: WatchFile): void {
    const peers = new Set([...file.watches, ...file.priors].map(({ peer }) => peer));
    for (const peer of peers) {
      this.#begin(`ask ${peer}`, () => this.#ask(peer, file));
      this.#begin(`fetch ${peer}`, () => this.#fetch(peer, file));
    }
  }

  async settled(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  #begin(name: string, work: () => Promise<void>): void {
    if (this.#running.has(name) || this.#context.signal.aborted || performance.now() < (this.#dueMs.get(name) ?? 0))
      return;
    const ended = work()
      .catch((error: unknown) => {
        if (this.#context.signal.aborted) return;
        this.#context.log.error('pull.failed', error);
        this.#dueMs.set(name, performance.now() + AFTER_ERROR_MS);
      })
      .finally(() => this.#running.delete(name));
    this.#running.set(name, ended);
  }

  async #ask(peer: string, file: WatchFile): Promise<void> {
    const ports = { ...this.#ports, archive: this.#ports.archiveOf(peer) };
    for (const watch of file.watches.filter((each) => each.peer === peer)) {
      if (!(await this.#isDue(watch.name))) continue;
      const pauseSeconds = await pollWatch(this.#context, { ...ports, now: () => new Date() }, watch);
      this.#dueMs.set(watch.name, performance.now() + pauseSeconds * 1000);
    }
    for (const rule of file.priors.filter((each) => each.peer === peer)) {
      if (!(await this.#isDue(rule.name))) continue;
      await findPriors(this.#context, ports, rule);
      this.#dueMs.set(rule.name, performance.now() + PRIORS_PAUSE_MS);
    }
  }

  async #isDue(name: string): Promise<boolean> {
    if (this.#context.signal.aborted || performance.now() < (this.#dueMs.get(name) ?? 0)) return false;
    return this.#ports.holds();
  }

  async #fetch(peer: string, file: WatchFile): Promise<void> {
    const ports = { ...this.#ports, archive: this.#ports.archiveOf(peer) };
    const asking = [...file.watches, ...file.priors];
    while (!this.#context.signal.aborted && (await this.#ports.holds())) {
      const study = await this.#ports.nextStudy(peer);
      if (study === undefined) return;
      const { by = 'C-FIND' } =
        asking.find(({ name }) => name === study.by) ?? asking.find((each) => each.peer === peer) ?? {};
      await fetchStudy(this.#context, ports, { ...study, ask: by });
    }
  }
}
