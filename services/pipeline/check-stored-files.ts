import type { Context } from '../domain/context.ts';

/** Where the index says an instance lies, below the folder of instances. */
interface StoredPlace {
  readonly SOPInstanceUID: string;
  readonly path: string;
  /** Of its data set: the file is longer. */
  readonly bytes: number;
}

export interface CheckPorts {
  /** At most `limit` of them by SOPInstanceUID, from behind this one on. */
  placesAfter(SOPInstanceUID: string, limit: number): Promise<readonly StoredPlace[]>;
  /** Length of the file at this path; `undefined` when there is none. */
  lengthOf(path: string): Promise<number | undefined>;
}

/** Files that are asked for in one turn. */
const PAGE = 200;
/** UIDs in one line of the log. */
const MOST_NAMED = 10;
/** So many are kept and told of; of more there is nothing to learn. */
const MAX_KEPT = 10_000;

/**
 * A step, run again and again, that walks through the index and asks whether each instance still has its file: one that was
 * removed or cut by somebody else is told of while a copy may still be had, and not when a physician opens the study. A page
 * at a time, and nothing of a file is read: neither many instances nor a slow disk make it a burden.
 */
export function storedFileCheck(context: Context, ports: CheckPorts) {
  /** Instances whose file was not there when it was last asked for, and the round when that was. */
  const missing = new Map<string, number>();
  const place = { after: '', round: 0 };

  function note(SOPInstanceUID: string, isThere: boolean): boolean {
    const isKnown = missing.has(SOPInstanceUID);
    if (isThere) missing.delete(SOPInstanceUID);
    else if (isKnown || missing.size < MAX_KEPT) missing.set(SOPInstanceUID, place.round);
    return !isKnown && missing.has(SOPInstanceUID);
  }

  function tell(news: readonly string[]): void {
    if (news.length === 0) return;
    const instances = news.slice(0, MOST_NAMED).join(' ');
    context.log.error('stored-files.missing', new Error('the index names files that are gone or cut'), {
      files: news.length,
      instances,
    });
    context.metrics.count('stored_files_missing', news.length);
  }

  /** Rows that are gone need no file. */
  function nextRound(): void {
    for (const [uid, round] of missing) if (round < place.round) missing.delete(uid);
    place.round += 1;
    place.after = '';
  }

  return {
    /** How many instances lack their file, as far as was looked. */
    get missing(): number {
      return missing.size;
    },
    async step(): Promise<void> {
      const page = await ports.placesAfter(place.after, PAGE);
      const news: string[] = [];
      for (const { SOPInstanceUID, path, bytes } of page) {
        if (context.signal.aborted) return;
        const length = await ports.lengthOf(path);
        if (note(SOPInstanceUID, length !== undefined && length > bytes)) news.push(SOPInstanceUID);
      }
      tell(news);
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) nextRound();
      else place.after = last.SOPInstanceUID;
    },
  };
}
