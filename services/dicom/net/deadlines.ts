export interface DeadlineLimits {
  /** Without a byte from the peer. */
  readonly idleSeconds: number;
  readonly totalSeconds: number;
  readonly paceSeconds: number;
  readonly paceBytesPerSecond: number;
}

export type Overdue = 'idle' | 'pace' | 'total';

/**
 * How long a peer may take. Pure: it is asked at intervals and told the time, in milliseconds.
 *
 * `idle` and `total` bound every association; `pace` bounds one that feeds a message byte by byte.
 */
export class Deadlines {
  readonly #limits: DeadlineLimits;
  readonly #startedAt: number;
  #bytes = 0;
  #lastByteAt: number;
  #windowStart: number;
  #windowBytes = 0;

  constructor(limits: DeadlineLimits, now: number) {
    this.#limits = limits;
    this.#startedAt = now;
    this.#lastByteAt = now;
    this.#windowStart = now;
  }

  /**
   * `bytes` received so far, a message `inFlight` or not; `heldUp`: we made the peer wait, so its clocks start again.
   */
  check(
    now: number,
    { bytes, inFlight, heldUp }: { bytes: number; inFlight: boolean; heldUp: boolean },
  ): Overdue | undefined {
    if (now - this.#startedAt > this.#limits.totalSeconds * 1000) return 'total';
    if (heldUp || bytes > this.#bytes) this.#lastByteAt = now;
    this.#bytes = bytes;
    if (heldUp || !inFlight) this.#openWindow(now);
    if (now - this.#lastByteAt > this.#limits.idleSeconds * 1000) return 'idle';
    return this.#isTooSlow(now) ? 'pace' : undefined;
  }

  #openWindow(now: number): void {
    this.#windowStart = now;
    this.#windowBytes = this.#bytes;
  }

  #isTooSlow(now: number): boolean {
    const seconds = (now - this.#windowStart) / 1000;
    if (seconds < this.#limits.paceSeconds) return false;
    const rate = (this.#bytes - this.#windowBytes) / seconds;
    this.#openWindow(now);
    return rate < this.#limits.paceBytesPerSecond;
  }
}
