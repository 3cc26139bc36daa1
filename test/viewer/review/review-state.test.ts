import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReadingContent, RejectReason } from '../../../services/domain/contract/reading.ts';
import {
  EMPTY,
  type FindingState,
  nextUnreviewed,
  type ReviewEvent,
  type ReviewState,
  review,
  startReview,
  stateOf,
} from '../../../viewer/review/review-state.ts';
import { readLesion } from '../../support/read-lesions.ts';

const AT = '2026-11-23T10:00:00.000Z';
const [A, B, C, NEW] = ['2.25.1', '2.25.2', '2.25.3', '2.25.99'] as const;
const ORDER = [A, B, C];
const played = (state: ReviewState, ...events: readonly ReviewEvent[]): ReviewState => events.reduce(review, state);
const start = (): ReviewState => played(startReview(), { type: 'select', TrackingUID: A });

const accept = (TrackingUID: string): ReviewEvent => ({ type: 'accept', TrackingUID, at: AT, order: ORDER });
const defer = (TrackingUID: string): ReviewEvent => ({ type: 'defer', TrackingUID, at: AT, order: ORDER });
const startReject = (TrackingUID: string): ReviewEvent => ({ type: 'startReject', TrackingUID });
const reject = (reason: RejectReason | null = null): ReviewEvent => ({ type: 'reject', reason, at: AT, order: ORDER });
const startEdit = (TrackingUID: string): ReviewEvent => ({ type: 'startEdit', TrackingUID, lesion: readLesion() });
const reshape = (diameterMm: number): ReviewEvent => ({ type: 'reshape', lesion: readLesion({ diameterMm }) });
const keepEdit: ReviewEvent = { type: 'keepEdit', at: AT };
const add: ReviewEvent = { type: 'add', TrackingUID: NEW, at: AT, lesion: readLesion() };
const [undo, redo, cancel]: ReviewEvent[] = [{ type: 'undo' }, { type: 'redo' }, { type: 'cancel' }];

/** How finding A comes into each state. */
const INTO: Readonly<Record<Exclude<FindingState, 'added'>, readonly ReviewEvent[]>> = {
  unreviewed: [],
  accepted: [accept(A)],
  rejected: [startReject(A), reject('vessel')],
  edited: [startEdit(A), reshape(12), keepEdit],
  deferred: [defer(A)],
};

// biome-ignore format: a table
const TRANSITIONS: readonly (readonly [from: keyof typeof INTO, by: string, events: readonly ReviewEvent[], to: FindingState])[] = [
  ['unreviewed', 'accept', [accept(A)], 'accepted'],
  ['unreviewed', 'reject', [startReject(A), reject()], 'rejected'],
  ['unreviewed', 'edit', [startEdit(A), reshape(9), keepEdit], 'edited'],
  ['unreviewed', 'defer', [defer(A)], 'deferred'],
  ['unreviewed', 'clear', [{ type: 'clear', TrackingUID: A }], 'unreviewed'],
  ['accepted', 'accept', [accept(A)], 'accepted'],
  ['accepted', 'reject', [startReject(A), reject()], 'rejected'],
  ['accepted', 'edit', [startEdit(A), reshape(9), keepEdit], 'edited'],
  ['accepted', 'defer', [defer(A)], 'deferred'],
  ['accepted', 'clear', [{ type: 'clear', TrackingUID: A }], 'unreviewed'],
  ['rejected', 'accept', [accept(A)], 'accepted'],
  ['rejected', 'reject again', [startReject(A), reject('scar')], 'rejected'],
  ['rejected', 'edit', [startEdit(A), reshape(9), keepEdit], 'edited'],
  ['rejected', 'defer', [defer(A)], 'deferred'],
  ['rejected', 'clear', [{ type: 'clear', TrackingUID: A }], 'unreviewed'],
  ['edited', 'accept, which keeps the edit', [accept(A)], 'edited'],
  ['edited', 'reject', [startReject(A), reject()], 'rejected'],
  ['edited', 'edit', [startEdit(A), reshape(9), keepEdit], 'edited'],
  ['edited', 'defer', [defer(A)], 'deferred'],
  ['edited', 'clear', [{ type: 'clear', TrackingUID: A }], 'unreviewed'],
  ['deferred', 'accept', [accept(A)], 'accepted'],
  ['deferred', 'reject', [startReject(A), reject()], 'rejected'],
  ['deferred', 'edit', [startEdit(A), reshape(9), keepEdit], 'edited'],
  ['deferred', 'defer', [defer(A)], 'deferred'],
  ['deferred', 'clear', [{ type: 'clear', TrackingUID: A }], 'unreviewed'],
];

describe('a finding', () => {
  it.each(TRANSITIONS)('%s, after %s', (from, _by, events, to) => {
    const before = played(start(), ...INTO[from]);
    expect(stateOf(before.content, A)).toBe(from);
    const now = played(before, ...events);
    expect(stateOf(now.content, A)).toBe(to);
    expect(now.content.verdicts.filter(({ TrackingUID }) => TrackingUID === A).length).toBe(
      to === 'unreviewed' ? 0 : 1,
    );
    expect(now.mode.name).toBe('idle');
  });

  it('that the reader added is accepted as it is, edited in place, not deferred, and rejected by taking it away', () => {
    const added = played(start(), add);
    expect(stateOf(added.content, NEW)).toBe('added');
    expect(stateOf(played(added, accept(NEW)).content, NEW)).toBe('added');
    expect(stateOf(played(added, defer(NEW)).content, NEW)).toBe('added');
    const edited = played(added, startEdit(NEW), reshape(11), keepEdit);
    expect(edited.content.added[0]?.lesion.diameterMm).toBe(11);
    expect(edited.content.verdicts).toEqual([]);
    const removed = played(added, startReject(NEW), reject('vessel'));
    expect(removed.content).toEqual(EMPTY);
    expect(stateOf(played(removed, undo as ReviewEvent).content, NEW)).toBe('added');
  });
});

describe('the selection', () => {
  it('goes to the next unreviewed finding after accept, reject and defer, around the end', () => {
    const [one, two] = [played(start(), accept(A)), played(start(), accept(A), startReject(B), reject())];
    expect([one.selected, two.selected]).toEqual([B, C]);
    expect(played(two, { type: 'clear', TrackingUID: A }, accept(C)).selected).toBe(A);
    expect(played(start(), defer(A)).selected).toBe(B);
  });

  it('stays where nothing is left, and on an edit', () => {
    expect(played(start(), accept(B), accept(C), accept(A)).selected).toBe(A);
    expect(played(start(), startEdit(A), reshape(9), keepEdit).selected).toBe(A);
    expect(nextUnreviewed(EMPTY, [], A)).toBe(A);
  });

  it('goes back with undo', () => {
    expect(played(start(), accept(A), undo as ReviewEvent).selected).toBe(A);
  });
});

describe('a rejection', () => {
  it('is none before its reason or Enter', () => {
    const armed = played(start(), startReject(A));
    expect(armed.mode).toEqual({ name: 'rejecting', TrackingUID: A });
    expect(stateOf(armed.content, A)).toBe('unreviewed');
    expect(stateOf(played(armed, cancel as ReviewEvent).content, A)).toBe('unreviewed');
  });

  it.each([...RejectReason.options, null])('carries %s', (reason) => {
    const { verdicts } = played(start(), startReject(A), reject(reason)).content;
    expect(verdicts).toEqual([{ TrackingUID: A, at: AT, verdict: 'rejected', reason, bulk: false }]);
  });

  it('needs X first', () => {
    expect(played(start(), reject('vessel'))).toEqual(start());
  });

  it('is left when another finding is chosen', () => {
    const moved = played(start(), startReject(A), { type: 'select', TrackingUID: B });
    expect(moved.mode.name).toBe('idle');
    expect(played(moved, reject('vessel')).content).toEqual(EMPTY);
  });
});

describe('an edit', () => {
  it('that moves nothing is no verdict, and one that is cancelled neither', () => {
    expect(played(start(), startEdit(A), keepEdit).content).toEqual(EMPTY);
    expect(played(start(), startEdit(A), reshape(12), cancel as ReviewEvent).content).toEqual(EMPTY);
  });

  it('is not reshaped when none goes on', () => {
    expect(played(start(), reshape(12))).toEqual(start());
    expect(played(start(), keepEdit)).toEqual(start());
  });
});

describe('undo and redo', () => {
  const anyUid = fc.constantFrom(A, B, C, NEW);
  const anyEvent: fc.Arbitrary<ReviewEvent> = fc.oneof(
    anyUid.map(accept),
    anyUid.map(defer),
    anyUid.map(startReject),
    fc.constantFrom(...RejectReason.options, null).map((reason) => reject(reason)),
    anyUid.map(startEdit),
    fc.integer({ min: 1, max: 40 }).map(reshape),
    fc.constantFrom<ReviewEvent>(keepEdit, add, { type: 'startAdd' }, cancel as ReviewEvent),
    anyUid.map((TrackingUID): ReviewEvent => ({ type: 'clear', TrackingUID })),
  );

  it('take every decision back, to the first, and bring every one again', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 40 }), (events) => {
        const done = played(start(), ...events);
        const undone = done.past.reduce<ReviewState>((state) => review(state, { type: 'undo' }), done);
        expect(undone.content).toEqual(EMPTY);
        const redone = undone.future.reduce<ReviewState>((state) => review(state, { type: 'redo' }), undone);
        expect(redone.content).toEqual(done.content);
      }),
    );
  });

  it('keep a content that the server takes: one verdict for each finding, whatever happens', () => {
    const turns = fc.constantFrom<ReviewEvent>({ type: 'undo' }, { type: 'redo' });
    fc.assert(
      fc.property(fc.array(fc.oneof(anyEvent, turns), { maxLength: 60 }), (events) => {
        const { content } = played(start(), ...events);
        expect(ReadingContent.safeParse(content).success).toBe(true);
        const uids = content.verdicts.map(({ TrackingUID }) => TrackingUID);
        expect(new Set(uids).size).toBe(uids.length);
      }),
    );
  });

  it('do nothing at the ends, and a new decision ends what could be done again', () => {
    expect(played(start(), undo as ReviewEvent, redo as ReviewEvent)).toEqual(start());
    const state = played(start(), accept(A), undo as ReviewEvent, accept(B), redo as ReviewEvent);
    expect(state.content.verdicts.map(({ TrackingUID }) => TrackingUID)).toEqual([B]);
  });

  it('leave what was begun', () => {
    expect(played(start(), accept(A), startReject(B), undo as ReviewEvent).mode.name).toBe('idle');
  });
});

it('keeps the display threshold with the record and out of the history', () => {
  const runId = '00000000-0000-4000-8000-000000000001';
  const moved = played(start(), { type: 'threshold', runId, threshold: 0.3 });
  expect(moved.content.thresholds).toEqual({ [runId]: 0.3 });
  expect(moved.past).toEqual([]);
  expect(played(moved, { type: 'threshold', runId, threshold: 0.3 })).toBe(moved);
  expect(played(moved, { type: 'threshold', runId, threshold: undefined }).content.thresholds).toEqual({});
});

it('begins anew with what the server says', () => {
  const theirs = played(start(), accept(C)).content;
  const replaced = played(start(), accept(A), { type: 'replace', content: theirs });
  expect([replaced.content, replaced.past, replaced.future]).toEqual([theirs, [], []]);
});
