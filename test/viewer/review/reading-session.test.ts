import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { Reader, Reading, ReadingContent } from '../../../services/domain/contract/reading.ts';
import { keptDrafts, type Shelf } from '../../../viewer/review/kept-drafts.ts';
import { ReadingChanged, type ReadingPorts, Refused } from '../../../viewer/review/reading-ports.ts';
import { type ReadingSession, readingSession } from '../../../viewer/review/reading-session.ts';
import { EMPTY, type ReviewEvent, stateOf } from '../../../viewer/review/review-state.ts';
import { shelf } from '../../support/shelf.ts';

const AT = '2026-11-23T10:00:00.000Z';
const STUDY = '1.2.3';
const LI: Reader = { name: 'Li^Na', organization: 'Hospital 1' };
const QUICK = { saveDelayMs: 1, retryMs: 5 };
const accept = (TrackingUID: string): ReviewEvent => ({ type: 'accept', TrackingUID, at: AT, order: [] });

/** The rules of the contract over one reading in memory; `away` is a server that does not answer. */
function server() {
  const held: { reading: Reading; away: boolean; saves: number } = {
    reading: {
      StudyInstanceUID: STUDY,
      state: 'OPEN',
      revision: 0,
      modes: {},
      revealedAt: null,
      reader: null,
      changedAt: null,
      content: EMPTY,
      reports: [],
      strangers: [],
    },
    away: false,
    saves: 0,
  };
  const change = async (revision: number, patch: Partial<Reading>): Promise<Reading> => {
    if (held.away) throw new TypeError('fetch failed');
    if (revision !== held.reading.revision) throw new ReadingChanged(held.reading);
    held.reading = { ...held.reading, ...patch, revision: revision + 1, changedAt: AT };
    return held.reading;
  };
  const ports: ReadingPorts = {
    read: async () => {
      if (held.away) throw new TypeError('fetch failed');
      return held.reading;
    },
    save: async (revision, { reader, content }) => {
      held.saves += 1;
      if (held.reading.state === 'SIGNED') throw new ReadingChanged(held.reading);
      return change(revision, { state: 'DRAFT', reader, content });
    },
    sign: async (revision, reader) => change(revision, { state: 'SIGNED', reader }),
    reveal: async (revision, reader) => change(revision, { revealedAt: AT, reader }),
    amend: async (revision, reader) => change(revision, { state: 'DRAFT', reader }),
  };
  return { held, ports };
}

describe('a reading session', () => {
  const opened: ReadingSession[] = [];
  const open = async (ports: ReadingPorts, on: Shelf = shelf(), tab = 'one', reader: Reader | 'nobody' = LI) => {
    const session = readingSession(ports, keptDrafts(on, STUDY, tab), reader === 'nobody' ? undefined : reader, QUICK);
    opened.push(session);
    await session.start();
    return session;
  };
  const saved = (session: ReadingSession) => expect.poll(() => session.store.getState().saving.name).toBe('saved');
  const states = (content: ReadingContent, ...uids: string[]) => uids.map((uid) => stateOf(content, uid));
  afterEach(() => {
    for (const session of opened.splice(0)) session.close();
  });

  it('saves by itself, and once for decisions that come together', async () => {
    const { held, ports } = server();
    const session = await open(ports);
    for (const uid of ['2.25.1', '2.25.2', '2.25.3']) session.send(accept(uid));
    await saved(session);
    expect(held.reading).toMatchObject({ state: 'DRAFT', revision: 1, reader: LI });
    expect(states(held.reading.content, '2.25.1', '2.25.3')).toEqual(['accepted', 'accepted']);
  });

  it('asks who reads, keeps the verdict meanwhile, and saves it then', async () => {
    const { held, ports } = server();
    const on = shelf();
    const session = await open(ports, on, 'one', 'nobody');
    session.send(accept('2.25.1'));
    expect(session.store.getState().asksReader).toBe(true);
    await sleep(10);
    expect([held.saves, on.things.size]).toEqual([0, 1]);
    session.setReader(LI);
    await saved(session);
    expect([held.reading.revision, on.things.size]).toEqual([1, 0]);
  });

  it('keeps the draft while the server is gone, and sends it when it is back', async () => {
    const { held, ports } = server();
    const on = shelf();
    const session = await open(ports, on);
    held.away = true;
    session.send(accept('2.25.1'));
    await expect.poll(() => session.store.getState().saving).toEqual({ name: 'away', kept: true });
    session.send(accept('2.25.2'));
    expect([...on.things.values()].join()).toContain('2.25.2');
    held.away = false;
    await saved(session);
    expect(states(held.reading.content, '2.25.1', '2.25.2')).toEqual(['accepted', 'accepted']);
    expect(on.things.size).toBe(0);
    // That it was saved by itself is told until something else is decided.
    expect(session.store.getState().backAt).toBeDefined();
    session.send(accept('2.25.3'));
    expect(session.store.getState().backAt).toBeUndefined();
  });

  it('has the draft after the page was closed without a server', async () => {
    const { held, ports } = server();
    const on = shelf();
    const first = await open(ports, on, 'one');
    held.away = true;
    first.send(accept('2.25.1'));
    await expect.poll(() => first.store.getState().saving.name).toBe('away');
    first.close();
    held.away = false;
    // Another tab: the one that kept it is gone.
    const again = await open(ports, on, 'two');
    expect(again.store.getState().restored).toBe(true);
    await saved(again);
    expect(states(held.reading.content, '2.25.1')).toEqual(['accepted']);
    expect(on.things.size).toBe(0);
  });

  it('shows what two tabs decided differently, and writes nothing before a person has chosen', async () => {
    const { held, ports } = server();
    const [one, two] = [await open(ports), await open(ports)];
    one.send(accept('2.25.1'));
    await saved(one);
    two.send({ type: 'defer', TrackingUID: '2.25.1', at: AT, order: [] });
    two.send(accept('2.25.2'));
    await expect.poll(() => two.store.getState().conflict?.differences.length).toBe(2);
    const { differences = [] } = two.store.getState().conflict ?? {};
    expect(differences.map(({ TrackingUID, proposed }) => [TrackingUID, proposed])).toEqual([
      ['2.25.1', undefined],
      ['2.25.2', 'mine'],
    ]);
    await sleep(20);
    expect(held.reading.revision).toBe(1);
    await two.resolve(new Map([['2.25.2', 'mine']]));
    expect(states(held.reading.content, '2.25.1', '2.25.2')).toEqual(['accepted', 'accepted']);
    expect(two.store.getState()).toMatchObject({ conflict: undefined, saving: { name: 'saved' } });
  });

  it('takes what another did while nothing of ours is unsaved', async () => {
    const { ports } = server();
    const [one, two] = [await open(ports), await open(ports)];
    one.send(accept('2.25.1'));
    await saved(one);
    await two.refresh();
    expect(stateOf(two.store.getState().review.content, '2.25.1')).toBe('accepted');
  });

  it('takes an answer that was lost on its way for what it was', async () => {
    const { held, ports } = server();
    const lossy: ReadingPorts = {
      ...ports,
      save: async (revision, draft) => {
        const answer = await ports.save(revision, draft);
        if (held.saves === 1) throw new TypeError('connection reset');
        return answer;
      },
    };
    const session = await open(lossy);
    session.send(accept('2.25.1'));
    await saved(session);
    expect(session.store.getState()).toMatchObject({ conflict: undefined, base: { revision: 1 } });
  });

  it('signs what is saved, is read-only then, and goes on after an amendment', async () => {
    const { held, ports } = server();
    const session = await open(ports);
    session.send(accept('2.25.1'));
    await session.sign({ rejectRest: false, language: 'en' });
    expect(held.reading).toMatchObject({ state: 'SIGNED', revision: 2 });
    session.send(accept('2.25.2'));
    expect(stateOf(session.store.getState().review.content, '2.25.2')).toBe('unreviewed');
    await session.amend();
    session.send(accept('2.25.2'));
    await saved(session);
    expect(states(held.reading.content, '2.25.1', '2.25.2')).toEqual(['accepted', 'accepted']);
  });

  it('does not sign what it cannot save', async () => {
    const { held, ports } = server();
    const session = await open(ports);
    held.away = true;
    session.send(accept('2.25.1'));
    await expect(session.sign({ rejectRest: false, language: 'en' })).rejects.toMatchObject({ code: 'NOT_SAVED' });
    expect(held.reading.state).toBe('OPEN');
  });

  it('meets a signature that came meanwhile with a diff, and amends only when asked for mine', async () => {
    const { held, ports } = server();
    const [one, two] = [await open(ports), await open(ports)];
    one.send(accept('2.25.1'));
    await one.sign({ rejectRest: false, language: 'en' });
    two.send(accept('2.25.2'));
    await expect.poll(() => two.store.getState().conflict?.theirs.state).toBe('SIGNED');
    await two.resolve(new Map([['2.25.2', 'mine']]));
    expect(held.reading.state).toBe('DRAFT');
    expect(states(held.reading.content, '2.25.1', '2.25.2')).toEqual(['accepted', 'accepted']);
  });

  it('says what the server refuses and does not ask again', async () => {
    const { ports } = server();
    const refusing: ReadingPorts = { ...ports, save: () => Promise.reject(new Refused('BAD_REQUEST', 'too large')) };
    const session = await open(refusing);
    session.send(accept('2.25.1'));
    await expect.poll(() => session.store.getState().saving).toEqual({ name: 'refused', detail: 'too large' });
  });

  it('keeps what a guideline was told, through undo and beside what another has decided', async () => {
    const { held, ports } = server();
    const [one, two] = [await open(ports), await open(ports)];
    const told = { patient: { screening: true }, nodules: { '2.25.1': { benign: false } }, taken: {} };
    one.send(accept('2.25.1'));
    one.send({ type: 'guidelines', guidelines: told });
    one.send({ type: 'undo' });
    expect(one.store.getState().review.content).toMatchObject({ verdicts: [], guidelines: told });
    await saved(one);
    expect(held.reading.content.guidelines).toEqual(told);
    // Only what a guideline was told differs: joined, without asking anybody.
    two.send({ type: 'guidelines', guidelines: { ...told, patient: { risk: 'high' } } });
    await expect.poll(() => held.reading.content.guidelines?.patient).toEqual({ screening: true, risk: 'high' });
    expect(two.store.getState().conflict).toBeUndefined();
  });

  it('makes no draft of a comparison alone, and takes back a partner that is none any more', async () => {
    const { held, ports } = server();
    const session = await open(ports);
    const before = { StudyInstanceUID: '1.2.2', TrackingUID: '2.25.9', StudyDate: '20260101' };
    const comparisons = { '2.25.1': { ...before, meanDiameterMm: 5, volumeMm3: 60 } };
    session.send({ type: 'compared', of: ['2.25.1', '2.25.2'], comparisons });
    await sleep(10);
    expect(held.saves).toBe(0);
    session.send(accept('2.25.2'));
    await saved(session);
    expect(held.reading.content.comparisons).toEqual(comparisons);
    session.send({ type: 'compared', of: ['2.25.1', '2.25.2'], comparisons: {} });
    expect(session.store.getState().review.content.comparisons).toEqual({});
  });

  it('makes no draft of a display threshold alone', async () => {
    const { held, ports } = server();
    const session = await open(ports);
    session.send({ type: 'threshold', runId: '00000000-0000-4000-8000-000000000001', threshold: 0.3 });
    await sleep(10);
    expect(held.saves).toBe(0);
  });
});
