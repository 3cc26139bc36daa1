import { KEPT_DRAFT_VERSION, KeptDraft } from '../../services/domain/contract/kept-draft.ts';
import { Reader } from '../../services/domain/contract/reading.ts';

/** Where a browser keeps things: `localStorage`, or a map in a test. */
export type Shelf = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

const PREFIX = `overread.draft.${KEPT_DRAFT_VERSION}.`;
const READER = 'overread.reader';

/**
 * Drafts that the server does not have. Each tab keeps its own, so that two of them cannot overwrite each other; a tab
 * without one takes over the newest that another has left.
 */
export interface KeptDrafts {
  find(): KeptDraft | undefined;
  /** False where the browser keeps nothing: full, or not allowed. */
  keep(draft: Omit<KeptDraft, 'version' | 'StudyInstanceUID'>): boolean;
  /** The server has it. */
  forget(): void;
}

export function keptDrafts(shelf: Shelf, StudyInstanceUID: string, tab: string): KeptDrafts {
  const ofStudy = `${PREFIX}${StudyInstanceUID}.`;
  const own = `${ofStudy}${tab}`;
  const taken = new Set([own]);
  return {
    find() {
      const keys = Array.from({ length: shelf.length }, (_none, at) => shelf.key(at) ?? '');
      const others = keys.filter((key) => key.startsWith(ofStudy) && key !== own);
      const mine = read(shelf, own);
      if (mine) return mine;
      const left = others.flatMap((key) => {
        const draft = read(shelf, key);
        return draft ? [{ key, draft }] : [];
      });
      const newest = left.sort((a, b) => (a.draft.keptAt < b.draft.keptAt ? 1 : -1))[0];
      if (newest) taken.add(newest.key);
      return newest?.draft;
    },
    keep(draft) {
      try {
        shelf.setItem(own, JSON.stringify({ version: KEPT_DRAFT_VERSION, StudyInstanceUID, ...draft }));
        return true;
      } catch {
        return false;
      }
    },
    forget() {
      for (const key of taken) shelf.removeItem(key);
    },
  };
}

/** What is there, if it is one of ours; anything else is left alone. */
function read(shelf: Shelf, key: string): KeptDraft | undefined {
  return KeptDraft.safeParse(parsed(shelf.getItem(key))).data;
}

function parsed(text: string | null): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return undefined;
  }
}

/** Who reads at this browser: given once, kept here, proven by nothing. */
export const keptReader = (shelf: Shelf): Reader | undefined => Reader.safeParse(parsed(shelf.getItem(READER))).data;

export function keepReader(shelf: Shelf, reader: Reader): void {
  try {
    shelf.setItem(READER, JSON.stringify(reader));
  } catch {
    // The reader is asked again next time.
  }
}
