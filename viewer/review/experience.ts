import type { ExperienceKind, ExperienceReport } from '../../services/domain/contract/experience.ts';

/** One thing a reader waited for or did. No study, no patient, no reader. */
export type ExperienceSample = ExperienceReport['measured'][number];

/** Longer than this nobody waited: the page was left open. */
const MAX_MS = 3_600_000;
const BATCH = 20;
const MAX_WAITING = 200;

/** Collects what the screen costs a reader, and sends it now and then; what cannot be sent is dropped, never in the way. */
export interface Experience {
  /** A study is opened: what is seen first is counted from here. */
  opened(): void;
  seen(what: 'timeToFirstImage' | 'timeToFirstFinding'): void;
  /** A finding came on screen: the next verdict is counted from here. */
  shown(TrackingUID: string): void;
  judged(TrackingUID: string): void;
  flush(): void;
}

export function experience(
  send: (samples: readonly ExperienceSample[]) => Promise<void>,
  now: () => number,
  isSeen: () => boolean,
): Experience {
  const waiting: ExperienceSample[] = [];
  const since: { opened: number | undefined; shown: { TrackingUID: string; at: number } | undefined } = {
    opened: undefined,
    shown: undefined,
  };
  const met = new Set<ExperienceKind>();

  const flush = () => {
    const batch = waiting.splice(0);
    if (batch.length === 0) return;
    send(batch).catch(() => void waiting.unshift(...batch.slice(0, MAX_WAITING - waiting.length)));
  };
  const add = (kind: ExperienceKind, from: number): void => {
    // Nobody waits for a page in the background.
    if (!isSeen() || waiting.length >= MAX_WAITING) return;
    const ms = Math.round(now() - from);
    if (ms <= MAX_MS) waiting.push({ kind, ms });
    if (waiting.length >= BATCH) flush();
  };

  return {
    opened() {
      since.opened = now();
      since.shown = undefined;
      met.clear();
    },
    seen(what) {
      if (since.opened === undefined || met.has(what)) return;
      met.add(what);
      add(what, since.opened);
    },
    shown(TrackingUID) {
      if (since.shown?.TrackingUID !== TrackingUID) since.shown = { TrackingUID, at: now() };
    },
    judged(TrackingUID) {
      if (since.shown?.TrackingUID !== TrackingUID) return;
      add('timePerVerdict', since.shown.at);
      since.shown = undefined;
    },
    flush,
  };
}
