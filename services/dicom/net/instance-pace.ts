import { setTimeout as sleep } from 'node:timers/promises';
import type { InstanceSink } from './instance-sink.ts';

/** A sender may be this far ahead of its rate. */
const AHEAD_SECONDS = 10;

/**
 * How fast a peer may send, over all its associations. Pure: it is told the time, in milliseconds, and says how long the
 * answer to an instance is to wait; a sender waits for that answer, so it is slowed without a word of refusal.
 */
export class InstancePace {
  readonly #perSecond: number;
  /** The part of the rate that is ours: the rest is for associations that other processes hold. */
  readonly #share: () => number;
  /** When everything taken so far would have come at the rate. */
  #paidUntil = Number.NEGATIVE_INFINITY;

  constructor(perSecond: number, share: () => number = () => 1) {
    this.#perSecond = perSecond;
    this.#share = share;
  }

  /** Counts an instance. */
  waitMs(now: number): number {
    this.#paidUntil = Math.max(this.#paidUntil, now - AHEAD_SECONDS * 1000) + 1000 / (this.#perSecond * this.#share());
    return Math.max(0, this.#paidUntil - now);
  }
}

/** The pace of each peer that has one. */
export class InstancePaces {
  readonly #paces = new Map<string, { readonly perSecond: number; readonly pace: InstancePace }>();
  readonly #shareOf: (peer: string) => number;

  constructor(shareOf: (peer: string) => number = () => 1) {
    this.#shareOf = shareOf;
  }

  of(peer: string, perSecond: number | undefined): InstancePace | undefined {
    if (perSecond === undefined) return undefined;
    const known = this.#paces.get(peer);
    if (known?.perSecond === perSecond) return known.pace;
    const pace = new InstancePace(perSecond, () => this.#shareOf(peer));
    this.#paces.set(peer, { perSecond, pace });
    return pace;
  }
}

/** The instance is stored as fast as ever; its answer waits, until the association is over at the latest. */
export function paced(sink: InstanceSink, pace: InstancePace | undefined, over: AbortSignal): InstanceSink {
  if (pace === undefined) return sink;
  return {
    write: (bytes) => sink.write(bytes),
    abort: () => sink.abort(),
    async end() {
      const outcome = await sink.end();
      await sleep(pace.waitMs(performance.now()), undefined, { signal: over, ref: false }).catch(() => {});
      return outcome;
    },
  };
}
