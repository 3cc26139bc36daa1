import type { Announcement } from '../domain/announcement.ts';
import type { Context } from '../domain/context.ts';
import { AppError } from '../domain/errors.ts';

/** A study that has fallen silent, and who sent the last of it. */
export interface SilentStudy {
  readonly StudyInstanceUID: string;
  readonly AETitle: string;
  readonly lastArrivalAt: Date;
}

export interface CountPorts {
  /** Those sent by one of these AE titles, silent for a moment, with images that no plan has seen. */
  silentStudies(AETitles: readonly string[]): Promise<readonly SilentStudy[]>;
  /** AE titles of peers that may be asked. */
  readonly senders: readonly string[];
  /** What the sender has of a study. @throws {AppError}. */
  countAt(study: SilentStudy, signal: AbortSignal): Promise<Announcement>;
  announce(announcement: Announcement): Promise<unknown>;
  nowMs(): number;
}

/** While a study is silent its sender is asked again after so long. */
const AGAIN_MS = 3000;
/** A sender that does not answer is left in peace. */
const PEACE_MS = 60_000;

/**
 * Asks senders how many images their studies have, once these fall silent: what is here equals what is there, and need not be
 * waited for; or it does not, and is. What was asked is remembered here only, for asking twice does no harm.
 */
export function senderCounts(context: Context, ports: CountPorts): () => Promise<void> {
  const asked = new Map<string, { readonly atMs: number; readonly lastArrivalMs: number }>();
  const silentUntil = new Map<string, number>();

  const ask = async (study: SilentStudy): Promise<void> => {
    const { StudyInstanceUID, AETitle, lastArrivalAt } = study;
    const before = asked.get(StudyInstanceUID);
    const lastArrivalMs = lastArrivalAt.getTime();
    const now = ports.nowMs();
    if ((silentUntil.get(AETitle) ?? 0) > now) return;
    if (before?.lastArrivalMs === lastArrivalMs && now - before.atMs < AGAIN_MS) return;
    asked.set(StudyInstanceUID, { atMs: now, lastArrivalMs });
    try {
      await ports.announce(await ports.countAt(study, context.signal));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      silentUntil.set(AETitle, ports.nowMs() + PEACE_MS);
      context.log.warn('sender.not-counted', { AETitle, error: error.message });
    }
  };

  return async () => {
    if (ports.senders.length === 0) return;
    const studies = await ports.silentStudies(ports.senders);
    const silent = new Set(studies.map(({ StudyInstanceUID }) => StudyInstanceUID));
    for (const uid of asked.keys()) if (!silent.has(uid)) asked.delete(uid);
    await Promise.all(studies.map(ask));
  };
}
