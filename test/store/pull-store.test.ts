import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FoundBy } from '../../services/domain/pull/ports.ts';
import { connect, type Store } from '../../services/store/connect.ts';
import { priorStore } from '../../services/store/prior-store.ts';
import { pullQueries } from '../../services/store/pull-queries.ts';
import { pullStore } from '../../services/store/pull-store.ts';
import { factsOf } from '../../services/store/routing-facts.ts';
import { seriesIndex } from '../../services/store/series-index.ts';
import { SoleHolder } from '../../services/store/sole-holder.ts';
import { studyOrders } from '../../services/store/study-orders.ts';
import { arrival, newUid, planOf } from '../support/arrivals.ts';
import { startDatabase } from '../support/database.ts';
import { fakeContext } from '../support/fake-context.ts';

const started: { store?: Store; url: string; stop?: () => Promise<void> } = { url: '' };
const store = (): Store => {
  if (started.store === undefined) throw new Error('not started');
  return started.store;
};
beforeAll(async () => {
  const server = await startDatabase();
  Object.assign(started, { store: await connect(server.url, fakeContext().log), url: server.url, stop: server.stop });
});
afterAll(async () => {
  await started.store?.close();
  await started.stop?.();
});
const index = () => seriesIndex(store(), { quietSeconds: 0.001, releasedQuietSeconds: 0.001 });
const by = (given: Partial<FoundBy> = {}): FoundBy => ({
  ...{ peer: 'archive', by: 'watch', how: 'C-GET', asPrior: false, rank: 0 },
  ...given,
});
const found = async (StudyInstanceUID: string, announced: number | undefined, given: Partial<FoundBy> = {}) => {
  await pullStore(store()).watchMark(given.by ?? 'watch', new Date(0));
  await pullStore(store()).saveAnswers(by(given), [{ StudyInstanceUID, announced }], new Date());
};
const ended = (held: number, expected: number, state: 'complete' | 'incomplete' = 'complete') => ({
  ...{ state, held, expected, attempts: 0, unreached: 0, sentence: undefined, againSeconds: undefined },
});
const said = async (uid: string) =>
  (await pullQueries(store()).overview({ StudyInstanceUID: uid, limit: 1 })).studies[0];

describe('a study that was found', () => {
  it('is due again when the peer says that it has grown, and not before', async () => {
    const uid = newUid();
    const pulls = pullStore(store());
    const peer = newUid();
    await found(uid, 5, { peer });
    expect(await pulls.nextStudy(peer)).toMatchObject({ StudyInstanceUID: uid, how: 'C-GET', attempts: 0 });
    // What the peer says of the study need not be what its series count.
    await pulls.fetched({ peer, StudyInstanceUID: uid }, ended(4, 4));
    await found(uid, 5, { peer });
    expect(await pulls.nextStudy(peer)).toBeUndefined();
    await found(uid, 6, { peer });
    expect(await pulls.nextStudy(peer)).toMatchObject({ StudyInstanceUID: uid });
  });

  it('is due again after its process died, and after an order', async () => {
    const [uid, peer] = [newUid(), newUid()];
    const pulls = pullStore(store());
    await found(uid, 5, { peer });
    await pulls.nextStudy(peer);
    expect(await said(uid)).toMatchObject({ state: 'fetching' });
    expect(await pulls.nextStudy(peer)).toMatchObject({ StudyInstanceUID: uid });
    await pulls.fetched({ peer, StudyInstanceUID: uid }, ended(1, 5, 'incomplete'));
    expect(await said(uid)).toMatchObject({ text: 'incomplete 1 of 5', nextAttemptAt: null });
    expect(await pulls.nextStudy(peer)).toBeUndefined();
    expect(await pullQueries(store()).retry({ peer, StudyInstanceUID: uid })).toBe(true);
    expect(await pulls.nextStudy(peer)).toMatchObject({ StudyInstanceUID: uid });
    expect(await pullQueries(store()).retry({ peer, StudyInstanceUID: '1.2.3' })).toBe(false);
  });

  it('of a watch is fetched before priors', async () => {
    const [prior, uid, peer] = [newUid(), newUid(), newUid()];
    await found(prior, 5, { peer, rank: 1, asPrior: true, by: 'priors' });
    await found(uid, 5, { peer });
    expect(await pullStore(store()).nextStudy(peer)).toMatchObject({ StudyInstanceUID: uid });
  });
});

async function receive(study: string) {
  await index().recordInstance(arrival({ study, series: '1.2.3' }));
  // Quiet, so that it is due.
  await sleep(10);
}
const asPrior = async (uid: string) => (await factsOf(store(), uid))?.asPrior;

describe('a study that was fetched as a prior', () => {
  async function fetchedAsPrior() {
    const uid = newUid();
    await found(uid, 1, { rank: 1, asPrior: true, by: 'priors' });
    await receive(uid);
    const study = (await index().dueStudies()).find(({ StudyInstanceUID }) => StudyInstanceUID === uid);
    if (study === undefined) throw new Error('not due');
    await index().savePlan(study, [planOf(study, { outOfScope: { code: 'FETCHED_AS_PRIOR', params: {} } })]);
    return uid;
  }
  const isDue = async (uid: string) =>
    (await index().dueStudies()).some(({ StudyInstanceUID }) => StudyInstanceUID === uid);

  it('is one until a reader orders its analysis', async () => {
    const uid = await fetchedAsPrior();
    expect([await asPrior(uid), await isDue(uid)]).toEqual([true, false]);
    expect(await studyOrders(store()).orderAnalysis(uid)).toBe(true);
    expect([await asPrior(uid), await isDue(uid)]).toEqual([false, true]);
  });

  it('is one until a watch finds it, too', async () => {
    const uid = await fetchedAsPrior();
    await found(uid, 1);
    expect([await asPrior(uid), await isDue(uid)]).toEqual([false, true]);
  });

  it('that was here already stays what it is', async () => {
    const uid = newUid();
    await receive(uid);
    const { beginSearches, dueSearches, saveSearch } = priorStore(store());
    const rule = newUid();
    await beginSearches(rule);
    const current = newUid();
    await receive(current);
    await beginSearches(rule);
    expect((await dueSearches(rule, 99)).map(({ StudyInstanceUID }) => StudyInstanceUID)).toEqual([current]);
    await saveSearch(current, by({ by: rule, asPrior: true, rank: 1 }), [{ StudyInstanceUID: uid, announced: 1 }]);
    expect(await said(uid)).toBeUndefined();
    expect(await dueSearches(rule, 99)).toEqual([]);
  });
});

it('one process of several pulls, and another when its connection breaks', async () => {
  const [first, second] = [1, 2].map(() => new SoleHolder(started.url, 4711, fakeContext().log));
  if (first === undefined || second === undefined) throw new Error('two');
  expect([await first.holds(), await second.holds(), await first.holds()]).toEqual([true, false, true]);
  await sql`SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND granted`.execute(
    store().database,
  );
  const comesToHold = async (holder: SoleHolder) => {
    for (let tries = 0; tries < 200 && !(await holder.holds()); tries += 1) await sleep(50);
    return holder.holds();
  };
  expect([await comesToHold(second), await first.holds()]).toEqual([true, false]);
  await second.close();
  expect(await comesToHold(first)).toBe(true);
  await first.close();
});
