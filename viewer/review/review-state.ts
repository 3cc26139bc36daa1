import type { GuidelineRecord } from '../../services/domain/contract/guideline-record.ts';
import type {
  AddedFinding,
  ReadingContent,
  ReadLesion,
  RejectReason,
  Verdict,
} from '../../services/domain/contract/reading.ts';
import { type Remeasured, withMeasured } from './remeasure.ts';

/** What a row and a mark show. Deferred is still to be decided when the reading is signed. */
export type FindingState = 'unreviewed' | 'accepted' | 'edited' | 'rejected' | 'added' | 'deferred';

/** What the reader is in the middle of. */
export type Mode =
  | { readonly name: 'idle' }
  /** After X: the next digit is a reason. */
  | { readonly name: 'rejecting'; readonly TrackingUID: string }
  /** `lesion` as the handles have it now, `before` as they found it. */
  | { readonly name: 'editing'; readonly TrackingUID: string; readonly lesion: ReadLesion; readonly before: ReadLesion }
  /** After M: the next click is a lesion that no model named. */
  | { readonly name: 'adding' };

interface Step {
  readonly content: ReadingContent;
  readonly selected: string | undefined;
}

/** A review of one study. Time and identity come with the events: the same events make the same review. */
export interface ReviewState extends Step {
  readonly mode: Mode;
  readonly past: readonly Step[];
  readonly future: readonly Step[];
}

/** `order`: TrackingUIDs of the findings on the list, as they stand there. */
export type ReviewEvent =
  | { readonly type: 'select'; readonly TrackingUID: string | undefined }
  | { readonly type: 'accept'; readonly TrackingUID: string; readonly at: string; readonly order: readonly string[] }
  | { readonly type: 'defer'; readonly TrackingUID: string; readonly at: string; readonly order: readonly string[] }
  | { readonly type: 'startReject'; readonly TrackingUID: string }
  | {
      readonly type: 'reject';
      readonly reason: RejectReason | null;
      readonly at: string;
      readonly order: readonly string[];
    }
  | { readonly type: 'startEdit'; readonly TrackingUID: string; readonly lesion: ReadLesion }
  | { readonly type: 'reshape'; readonly lesion: ReadLesion }
  | { readonly type: 'keepEdit'; readonly at: string }
  /** What was measured of the lesion `of`, as an edit has left it, once it is known. */
  | { readonly type: 'remeasured'; readonly TrackingUID: string; readonly of: ReadLesion; readonly values: Remeasured }
  | { readonly type: 'startAdd' }
  | { readonly type: 'add'; readonly TrackingUID: string; readonly at: string; readonly lesion: ReadLesion }
  | { readonly type: 'clear'; readonly TrackingUID: string }
  | { readonly type: 'cancel' }
  | { readonly type: 'undo' }
  | { readonly type: 'redo' }
  | { readonly type: 'threshold'; readonly runId: string; readonly threshold: number | undefined }
  | { readonly type: 'guidelines'; readonly guidelines: GuidelineRecord }
  /** `of`: the lesions that were held against the earlier study; those without a partner there have none any more. */
  | {
      readonly type: 'compared';
      readonly of: readonly string[];
      readonly comparisons: NonNullable<ReadingContent['comparisons']>;
    }
  /** What the server, a kept draft or a merge says: the history ends with it. */
  | { readonly type: 'replace'; readonly content: ReadingContent };

/** Part of the edit, not a decision of its own; void when the lesion has been changed again meanwhile. */
function withRemeasured(
  state: ReviewState,
  { TrackingUID, of, values }: Extract<ReviewEvent, { type: 'remeasured' }>,
): ReviewState {
  const measured = <One extends { readonly TrackingUID: string }>(one: One): One =>
    one.TrackingUID === TrackingUID && 'lesion' in one && one.lesion === of
      ? { ...one, lesion: withMeasured(of, values) }
      : one;
  const { verdicts, added } = state.content;
  const [told, more] = [verdicts.map(measured), added.map(measured)];
  const isSame = told.every((one, at) => one === verdicts[at]) && more.every((one, at) => one === added[at]);
  return isSame ? state : { ...state, content: { ...state.content, verdicts: told, added: more } };
}

export const EMPTY: ReadingContent = { verdicts: [], added: [], thresholds: {} };
const IDLE: Mode = { name: 'idle' };
const MAX_STEPS = 200;

export const startReview = (content: ReadingContent = EMPTY): ReviewState => ({
  content,
  selected: undefined,
  mode: IDLE,
  past: [],
  future: [],
});

const same = (TrackingUID: string) => (one: { readonly TrackingUID: string }) => one.TrackingUID === TrackingUID;

export const verdictOf = ({ verdicts }: ReadingContent, TrackingUID: string): Verdict | undefined =>
  verdicts.find(same(TrackingUID));
export const addedOf = ({ added }: ReadingContent, TrackingUID: string): AddedFinding | undefined =>
  added.find(same(TrackingUID));

export function stateOf(content: ReadingContent, TrackingUID: string): FindingState {
  if (addedOf(content, TrackingUID)) return 'added';
  return verdictOf(content, TrackingUID)?.verdict ?? 'unreviewed';
}

/** The first unreviewed finding after this one, around the end; where there is none, this one. */
export function nextUnreviewed(content: ReadingContent, order: readonly string[], after: string): string {
  const at = order.indexOf(after);
  const turned = [...order.slice(at + 1), ...order.slice(0, Math.max(0, at))];
  return turned.find((uid) => stateOf(content, uid) === 'unreviewed') ?? after;
}

/** One event; what a mode does not know changes nothing. */
export function review(state: ReviewState, event: ReviewEvent): ReviewState {
  switch (event.type) {
    case 'select':
      return event.TrackingUID === state.selected ? state : leave({ ...state, selected: event.TrackingUID });
    case 'accept':
      return accept(state, event);
    case 'defer':
      return defer(state, event);
    case 'startReject':
      return { ...state, selected: event.TrackingUID, mode: { name: 'rejecting', TrackingUID: event.TrackingUID } };
    case 'reject':
      return reject(state, event);
    case 'startEdit': {
      const { TrackingUID, lesion } = event;
      return { ...state, selected: TrackingUID, mode: { name: 'editing', TrackingUID, lesion, before: lesion } };
    }
    case 'reshape':
      return state.mode.name === 'editing' ? { ...state, mode: { ...state.mode, lesion: event.lesion } } : state;
    case 'keepEdit':
      return keepEdit(state, event.at);
    case 'remeasured':
      return withRemeasured(state, event);
    case 'startAdd':
      return { ...state, mode: { name: 'adding' } };
    case 'add': {
      const { TrackingUID, at, lesion } = event;
      const added = [
        ...state.content.added.filter((one) => one.TrackingUID !== TrackingUID),
        { TrackingUID, at, lesion },
      ];
      return change(state, { ...state.content, added }, TrackingUID);
    }
    case 'clear':
      return stateOf(state.content, event.TrackingUID) === 'unreviewed'
        ? state
        : change(state, without(state.content, event.TrackingUID), event.TrackingUID);
    case 'cancel':
      return leave(state);
    case 'undo':
      return turn(state, 'past', 'future');
    case 'redo':
      return turn(state, 'future', 'past');
    case 'threshold':
      return withThreshold(state, event.runId, event.threshold);
    case 'guidelines':
      return { ...state, content: { ...state.content, guidelines: event.guidelines } };
    case 'compared':
      return withComparisons(state, event);
    case 'replace':
      return { ...startReview(event.content), selected: state.selected };
  }
}

const leave = (state: ReviewState): ReviewState => (state.mode.name === 'idle' ? state : { ...state, mode: IDLE });

/** A decision: it can be undone, and ends what the reader was in the middle of. */
function change(state: ReviewState, content: ReadingContent, selected: string | undefined): ReviewState {
  const past = [...state.past, { content: state.content, selected: state.selected }].slice(-MAX_STEPS);
  return { content, selected, mode: IDLE, past, future: [] };
}

const without = (content: ReadingContent, TrackingUID: string): ReadingContent => ({
  ...content,
  verdicts: content.verdicts.filter((one) => one.TrackingUID !== TrackingUID),
  added: content.added.filter((one) => one.TrackingUID !== TrackingUID),
});

const withVerdict = (content: ReadingContent, verdict: Verdict): ReadingContent => {
  const rest = without(content, verdict.TrackingUID);
  return { ...rest, verdicts: [...rest.verdicts, verdict] };
};

type Decided = Extract<ReviewEvent, { type: 'accept' | 'defer' }>;

/** Yes to what stands there: an edited or added finding stays as the reader made it. */
function accept(state: ReviewState, { TrackingUID, at, order }: Decided): ReviewState {
  const { content } = state;
  const now = stateOf(content, TrackingUID);
  if (now === 'edited' || now === 'added' || now === 'accepted')
    return leave({ ...state, selected: nextUnreviewed(content, order, TrackingUID) });
  const decided = withVerdict(content, { TrackingUID, at, verdict: 'accepted' });
  return change(state, decided, nextUnreviewed(decided, order, TrackingUID));
}

/** A lesion that the reader added is not put off: it would not be there. */
function defer(state: ReviewState, { TrackingUID, at, order }: Decided): ReviewState {
  if (stateOf(state.content, TrackingUID) === 'added') return state;
  const decided = withVerdict(state.content, { TrackingUID, at, verdict: 'deferred' });
  return change(state, decided, nextUnreviewed(decided, order, TrackingUID));
}

/** No to the finding X was pressed on; a lesion that the reader added goes away. */
function reject(state: ReviewState, { reason, at, order }: Extract<ReviewEvent, { type: 'reject' }>): ReviewState {
  if (state.mode.name !== 'rejecting') return state;
  const { TrackingUID } = state.mode;
  const decided =
    stateOf(state.content, TrackingUID) === 'added'
      ? without(state.content, TrackingUID)
      : withVerdict(state.content, { TrackingUID, at, verdict: 'rejected', reason, bulk: false });
  return change(state, decided, nextUnreviewed(decided, order, TrackingUID));
}

/** An edit that changed nothing is no verdict. */
function keepEdit(state: ReviewState, at: string): ReviewState {
  if (state.mode.name !== 'editing') return state;
  const { TrackingUID, lesion, before } = state.mode;
  if (lesion === before) return leave(state);
  const { content } = state;
  const decided =
    stateOf(content, TrackingUID) === 'added'
      ? {
          ...content,
          added: content.added.map((one) => (one.TrackingUID === TrackingUID ? { ...one, at, lesion } : one)),
        }
      : withVerdict(content, { TrackingUID, at, verdict: 'edited', lesion });
  return change(state, decided, TrackingUID);
}

/** One step along the history of decisions; what else is in the record stays as it is. */
function turn(state: ReviewState, from: 'past' | 'future', to: 'past' | 'future'): ReviewState {
  const step = state[from].at(-1);
  if (step === undefined) return leave(state);
  const here = { content: state.content, selected: state.selected };
  const content = { ...state.content, verdicts: step.content.verdicts, added: step.content.added };
  return {
    ...state,
    selected: step.selected,
    content,
    mode: IDLE,
    [from]: state[from].slice(0, -1),
    [to]: [...state[to], here],
  };
}

/** The display threshold is part of the record, not of the history: it is no verdict. */
function withThreshold(state: ReviewState, runId: string, threshold: number | undefined): ReviewState {
  if (state.content.thresholds[runId] === threshold) return state;
  const { [runId]: _before, ...others } = state.content.thresholds;
  const thresholds = threshold === undefined ? others : { ...others, [runId]: threshold };
  return { ...state, content: { ...state.content, thresholds } };
}

/** What is held against the prior on screen is replaced; the rest stays as it was found last. */
function withComparisons(
  state: ReviewState,
  { of, comparisons: found }: Extract<ReviewEvent, { type: 'compared' }>,
): ReviewState {
  const before = state.content.comparisons ?? {};
  const others = Object.entries(before).filter(([uid]) => !of.includes(uid));
  const comparisons = { ...Object.fromEntries(others), ...found };
  if (JSON.stringify(comparisons) === JSON.stringify(before)) return state;
  return { ...state, content: { ...state.content, comparisons } };
}
