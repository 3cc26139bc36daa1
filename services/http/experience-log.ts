import type { Experience, ExperienceKind, ExperienceReport } from '../domain/contract/experience.ts';

/** So many of each kind are kept for the median; Prometheus has all of them. */
const KEPT = 10_000;

interface Kept {
  count: number;
  /** Of the last, in a ring. */
  readonly last: number[];
}

/** What the readers of this server waited, since it started; in memory only. */
export class ExperienceLog {
  readonly #since: string;
  readonly #kinds = new Map<ExperienceKind, Kept>();

  constructor(since: Date) {
    this.#since = since.toISOString();
  }

  add({ measured }: ExperienceReport): void {
    for (const { kind, ms } of measured) {
      const kept = this.#kinds.get(kind) ?? { count: 0, last: [] };
      kept.last[kept.count % KEPT] = ms;
      kept.count += 1;
      this.#kinds.set(kind, kept);
    }
  }

  summary(): Experience {
    const of = (kind: ExperienceKind) => {
      const { count, last } = this.#kinds.get(kind) ?? { count: 0, last: [] };
      const sorted = last.toSorted((a, b) => a - b);
      return { count, medianMs: quantile(sorted, 0.5), p95Ms: quantile(sorted, 0.95) };
    };
    return {
      since: this.#since,
      kinds: {
        timeToFirstImage: of('timeToFirstImage'),
        timeToFirstFinding: of('timeToFirstFinding'),
        timePerVerdict: of('timePerVerdict'),
      },
    };
  }
}

/** The smallest value that so many are not above. */
const quantile = (sorted: readonly number[], part: number): number | null =>
  sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? null;
