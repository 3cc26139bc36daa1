import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../domain/context.ts';

const LOOK_MS = 1000;

/** The run was taken from us while we worked on it: cancelled, or handed to another worker. */
export class TakenBack extends Error {}

/**
 * Does `work` for as long as `isHeld` says so, asked once a second; then its signal is aborted and TakenBack is thrown. A store that does
 * not answer changes nothing: the fence decides in the end.
 */
export async function whileHeld<T>(
  log: Log,
  signal: AbortSignal,
  isHeld: () => Promise<boolean>,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const [taken, over] = [new AbortController(), new AbortController()];
  const looking = (async () => {
    while (!over.signal.aborted) {
      await sleep(LOOK_MS, undefined, { signal: over.signal }).catch(() => {});
      if (over.signal.aborted) return;
      const held = await isHeld().catch((error: unknown) => {
        log.warn('run.not-looked-at', { detail: error instanceof Error ? error.name : 'unknown' });
        return true;
      });
      if (!held && !over.signal.aborted) return taken.abort(new TakenBack());
    }
  })();
  try {
    return await work(AbortSignal.any([signal, taken.signal]));
  } catch (error) {
    throw taken.signal.aborted ? taken.signal.reason : error;
  } finally {
    over.abort();
    await looking;
  }
}
