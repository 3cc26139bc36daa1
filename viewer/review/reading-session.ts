import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Reader, Reading, ReadingContent } from '../../services/domain/contract/reading.ts';
import { type Difference, diffReadings, mergeReadings, type Side, sameReading } from './diff-readings.ts';
import type { KeptDrafts } from './kept-drafts.ts';
import { ReadingChanged, type ReadingPorts, Refused, type SigningOrder } from './reading-ports.ts';
import { EMPTY, type ReviewEvent, type ReviewState, review, startReview } from './review-state.ts';

type Saving =
  | { readonly name: 'loading' }
  | { readonly name: 'saved' }
  | { readonly name: 'dirty' }
  | { readonly name: 'saving' }
  /** The server was not reached; `kept`: the draft is in this browser. */
  | { readonly name: 'away'; readonly kept: boolean }
  | { readonly name: 'refused'; readonly detail: string };

interface Conflict {
  readonly theirs: Reading;
  readonly differences: readonly Difference[];
}

export interface SessionState {
  readonly review: ReviewState;
  /** As the server last answered it. */
  readonly reading: Reading | undefined;
  /** What the draft was made on. */
  readonly base: { readonly revision: number; readonly content: ReadingContent };
  readonly saving: Saving;
  readonly conflict: Conflict | undefined;
  /** The draft comes from this browser, not from the server. */
  readonly restored: boolean;
  /** When the server had the draft after it had not been reached; gone with the next change. */
  readonly backAt: string | undefined;
  readonly reader: Reader | undefined;
  /** There is something to save, and nobody has said who reads. */
  readonly asksReader: boolean;
}

export interface ReadingSession {
  readonly store: StoreApi<SessionState>;
  start(): Promise<void>;
  send(event: ReviewEvent): void;
  /** Reads what the server has; a draft of ours stays. */
  refresh(): Promise<void>;
  setReader(reader: Reader): void;
  askReader(): void;
  /** Resolves when the server has the draft, or cannot have it now. */
  saveNow(): Promise<void>;
  sign(order: SigningOrder): Promise<void>;
  reveal(): Promise<void>;
  amend(): Promise<void>;
  resolve(chosen: ReadonlyMap<string, Side>): Promise<void>;
  close(): void;
}

interface SessionOptions {
  readonly saveDelayMs: number;
  readonly retryMs: number;
}

const ALLOWED_WHEN_SIGNED: readonly ReviewEvent['type'][] = ['select', 'cancel'];

/** One reader's work on the reading of one study: kept here at once, and with the server soon. */
export function readingSession(
  ports: ReadingPorts,
  kept: KeptDrafts,
  knownReader: Reader | undefined,
  { saveDelayMs, retryMs }: SessionOptions = { saveDelayMs: 700, retryMs: 3000 },
): ReadingSession {
  const store = createStore<SessionState>(() => ({
    review: startReview(),
    reading: undefined,
    base: { revision: 0, content: EMPTY },
    saving: { name: 'loading' },
    conflict: undefined,
    restored: false,
    backAt: undefined,
    reader: knownReader,
    asksReader: false,
  }));
  const now = store.getState;
  const set = (patch: Partial<SessionState>): void => store.setState(patch);
  const timer: { id: ReturnType<typeof setTimeout> | undefined } = { id: undefined };
  const flight: { saving: Promise<void> | undefined; closed: boolean } = { saving: undefined, closed: false };

  const later = (ms: number): void => {
    clearTimeout(timer.id);
    if (!flight.closed) timer.id = setTimeout(() => void saveNow(), ms);
  };

  const keep = (): boolean => {
    const { base, review: mine } = now();
    return kept.keep({ ...{ revision: base.revision, base: base.content }, content: mine.content, keptAt: iso() });
  };

  /** What the server says now, beside what is here. */
  const adopt = (reading: Reading): void => {
    const { review: mine, base } = now();
    const settled = { reading, base: { revision: reading.revision, content: reading.content } };
    if (sameReading(mine.content, reading.content)) {
      kept.forget();
      set({ ...settled, saving: { name: 'saved' }, conflict: undefined });
    } else if (sameReading(mine.content, base.content)) {
      kept.forget();
      const replaced = review(mine, { type: 'replace', content: reading.content });
      set({ ...settled, review: replaced, saving: { name: 'saved' }, conflict: undefined });
    } else if (reading.revision === base.revision && reading.state !== 'SIGNED') {
      set({ reading, saving: { name: 'dirty' } });
      later(saveDelayMs);
    } else {
      keep();
      const differences = diffReadings(base.content, mine.content, reading.content);
      if (differences.length === 0 && reading.state !== 'SIGNED') join(settled, mine.content);
      else set({ reading, saving: { name: 'dirty' }, conflict: { theirs: reading, differences } });
    }
  };

  /** The decisions are the same: what else differs needs nobody to choose. */
  const join = (settled: Pick<SessionState, 'base'> & { reading: Reading }, mine: ReadingContent): void => {
    const content = mergeReadings(mine, settled.reading.content, new Map());
    const merged = review(now().review, { type: 'replace', content });
    set({ ...settled, review: merged, saving: { name: 'dirty' }, conflict: undefined });
    later(saveDelayMs);
  };

  const failed = (error: unknown): void => {
    if (error instanceof ReadingChanged) adopt(error.current);
    else if (error instanceof Refused) set({ saving: { name: 'refused', detail: error.message } });
    else {
      set({ saving: { name: 'away', kept: keep() } });
      later(retryMs);
    }
  };

  async function saveOnce(): Promise<void> {
    try {
      if (now().reading === undefined || now().saving.name === 'away') adopt(await ports.read());
      const { review: mine, base, reader, conflict, reading } = now();
      if (conflict || reading?.state === 'SIGNED' || sameReading(mine.content, base.content)) return;
      if (reader === undefined) return;
      set({ saving: { name: 'saving' } });
      const saved = await ports.save(base.revision, { reader, content: mine.content });
      const ofServer = { revision: saved.revision, content: mine.content };
      const more = !sameReading(now().review.content, mine.content);
      set({ reading: saved, base: ofServer, saving: { name: more ? 'dirty' : 'saved' }, restored: false });
      if (more) {
        keep();
        later(saveDelayMs);
      } else kept.forget();
    } catch (error) {
      failed(error);
    }
  }

  async function saveNow(): Promise<void> {
    clearTimeout(timer.id);
    if (flight.saving) await flight.saving;
    const wasAway = now().saving.name === 'away';
    const run = saveOnce();
    flight.saving = run;
    await run;
    if (wasAway && now().saving.name === 'saved') set({ backAt: iso() });
    if (flight.saving === run) flight.saving = undefined;
  }

  /** An order on the newest revision: what is not saved is saved first. Throws where it was not carried out. */
  async function order(carryOut: (revision: number, reader: Reader) => Promise<Reading>): Promise<void> {
    const { reader } = now();
    if (reader === undefined) {
      set({ asksReader: true });
      throw new Refused('READER_UNKNOWN', 'nobody has said who reads');
    }
    await saveNow();
    const { base, saving, conflict } = now();
    if (conflict || saving.name !== 'saved') throw new Refused('NOT_SAVED', 'the draft is not with the server');
    try {
      const reading = await carryOut(base.revision, reader);
      kept.forget();
      const replaced = review(now().review, { type: 'replace', content: reading.content });
      const settled = { revision: reading.revision, content: reading.content };
      set({ reading, base: settled, review: replaced, saving: { name: 'saved' }, restored: false });
    } catch (error) {
      if (error instanceof ReadingChanged) adopt(error.current);
      throw error;
    }
  }

  const contentChanged = (before: ReadingContent, content: ReadingContent): void => {
    const { base, conflict, saving } = now();
    const away = saving.name === 'away';
    const settled = !conflict && sameReading(content, base.content);
    if (settled) kept.forget();
    else keep();
    if (!away) set({ saving: { name: settled ? 'saved' : 'dirty' }, backAt: undefined });
    const said = (['verdicts', 'added', 'guidelines'] as const).some((part) => content[part] !== before[part]);
    if (!settled) goOn(said, away);
  };

  /** A display threshold or a comparison alone is no reason for a draft: it goes along with the first verdict. */
  const goOn = (decided: boolean, away: boolean): void => {
    const { reading, reader } = now();
    if (decided && reader === undefined) set({ asksReader: true });
    if (decided || reading?.state === 'DRAFT') later(away ? retryMs : saveDelayMs);
  };

  return {
    store,
    async start() {
      const draft = kept.find();
      if (draft) {
        const restored = review(now().review, { type: 'replace', content: draft.content });
        set({ review: restored, base: { revision: draft.revision, content: draft.base }, restored: true });
      }
      await this.refresh();
    },
    send(event) {
      const before = now().review;
      if (now().reading?.state === 'SIGNED' && !ALLOWED_WHEN_SIGNED.includes(event.type)) return;
      const after = review(before, event);
      if (after === before) return;
      set({ review: after });
      if (after.content !== before.content) contentChanged(before.content, after.content);
    },
    async refresh() {
      try {
        const reading = await ports.read();
        if (!flight.saving && !flight.closed) adopt(reading);
      } catch (error) {
        failed(error);
      }
    },
    setReader(reader) {
      set({ reader, asksReader: false });
      void saveNow();
    },
    askReader: () => set({ asksReader: true }),
    saveNow,
    sign: (signing) => order((revision, reader) => ports.sign(revision, reader, signing)),
    reveal: () => order(ports.reveal),
    amend: () => order(ports.amend),
    async resolve(chosen) {
      const { conflict, review: mine, reader } = now();
      if (!conflict) return;
      const { theirs } = conflict;
      const content = mergeReadings(mine.content, theirs.content, chosen);
      const changes = !sameReading(content, theirs.content);
      try {
        const on = theirs.state === 'SIGNED' && changes && reader ? await ports.amend(theirs.revision, reader) : theirs;
        const merged = review(mine, { type: 'replace', content });
        set({ review: merged, reading: on, base: { revision: on.revision, content: on.content }, conflict: undefined });
        await saveNow();
        if (!changes) {
          kept.forget();
          set({ saving: { name: 'saved' }, restored: false });
        }
      } catch (error) {
        failed(error);
      }
    },
    close() {
      flight.closed = true;
      clearTimeout(timer.id);
      const { review: mine, base, conflict, reader, reading } = now();
      // What is not saved is kept; one last try, whose answer nobody waits for.
      if (!conflict && reader && reading && reading.state !== 'SIGNED' && !sameReading(mine.content, base.content))
        if (keep()) void ports.save(base.revision, { reader, content: mine.content }).then(kept.forget, () => {});
    },
  };
}

const iso = (): string => new Date().toISOString();
