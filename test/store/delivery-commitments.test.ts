import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReferencedInstance } from '../../services/domain/commitment.ts';
import type { Store } from '../../services/store/connect.ts';
import { deliveryCommitments } from '../../services/store/delivery-commitments.ts';
import { deliveryStore } from '../../services/store/delivery-store.ts';
import { newUid } from '../support/arrivals.ts';
import { startStore } from '../support/database.ts';
import { deliveredReport } from '../support/deliveries.ts';

const started: { store?: Store; stop?: () => Promise<void> } = {};
const store = (): Store => {
  if (started.store === undefined) throw new Error('not started');
  return started.store;
};
beforeAll(async () => Object.assign(started, await startStore()));
afterAll(() => started.stop?.());

const commitments = () => deliveryCommitments(store(), { firstPauseSeconds: 60 });
const claim = () => commitments().claimCommitments((destination) => destination.split('@')[0], newUid);
const row = (id: string) =>
  store().database.selectFrom('delivery').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
const SR = '1.2.840.10008.5.1.4.1.1.88.34';

/** A delivered report of which commitment was asked. */
async function asked() {
  const reference: ReferencedInstance = { SOPClassUID: SR, SOPInstanceUID: newUid() };
  const id = await deliveredReport(store(), 'ARCHIVE@host:104', reference);
  const claimed = (await claim()).find(({ deliveryId }) => deliveryId === id);
  if (claimed === undefined) throw new Error('not claimed');
  await commitments().commitmentAsked(id);
  return { id, reference, TransactionUID: claimed.TransactionUID, claimed };
}

describe('commitment of a delivered report', () => {
  it('is asked once it is delivered, for the report and under a transaction of its own', async () => {
    const { id, reference, claimed } = await asked();
    expect(claimed).toMatchObject({ destination: 'ARCHIVE@host:104', references: [reference], tries: 0 });
    expect(await row(id)).toMatchObject({ state: 'DELIVERED', commitment: 'asked' });
    expect((await claim()).filter(({ deliveryId }) => deliveryId === id)).toEqual([]);
  });

  it('is committed when the PACS says so, and not asked again', async () => {
    const { id, reference, TransactionUID } = await asked();
    const report = { TransactionUID, committed: [reference], failed: [] };
    expect(await commitments().taken(report, 'ARCHIVE')).toBe(true);
    expect(await row(id)).toMatchObject({ state: 'DELIVERED', commitment: 'committed', commitmentDueAt: null });
    // Said again, and otherwise: what was answered stands.
    const otherwise = { TransactionUID, committed: [], failed: [{ ...reference, reason: 0x112 }] };
    expect(await commitments().taken(otherwise, 'ARCHIVE')).toBe(true);
    expect(await row(id)).toMatchObject({ state: 'DELIVERED', commitment: 'committed' });
  });

  it.each([
    ['an unknown transaction', () => newUid(), 'ARCHIVE'],
    ['a transaction of another AE title', (uid: string) => uid, 'SOMEBODY'],
    ['one that begins like SQL', (uid: string) => `${uid}' OR '1'='1`, 'ARCHIVE'],
  ])('is not changed by a report on %s', async (_what, transactionOf, AETitle) => {
    const { id, reference, TransactionUID } = await asked();
    const report = { TransactionUID: transactionOf(TransactionUID), committed: [reference], failed: [] };
    expect(await commitments().taken(report, AETitle)).toBe(false);
    expect(await row(id)).toMatchObject({ commitment: 'asked' });
  });

  it('fails when the report names other instances: it is sent again, later each time', async () => {
    const { id, reference, TransactionUID } = await asked();
    const other = { SOPClassUID: SR, SOPInstanceUID: newUid() };
    await commitments().taken({ TransactionUID, committed: [other], failed: [] }, 'ARCHIVE');
    expect(await row(id)).toMatchObject({ state: 'PENDING', commitment: 'failed', lastError: 'not committed' });
    const secondsUntil = async () => ((await row(id)).nextAttemptAt.getTime() - Date.now()) / 1000;
    expect(Math.abs((await secondsUntil()) - 60)).toBeLessThan(30);

    const deliveries = deliveryStore(store());
    expect((await deliveries.claimDelivery(id))?.report.SOPInstanceUID).toBe(reference.SOPInstanceUID);
    await deliveries.delivered(id, '0000');
    const second = (await claim()).find(({ deliveryId }) => deliveryId === id);
    expect(second?.TransactionUID).not.toBe(TransactionUID);
    const failed = [{ ...reference, reason: 0x112 }];
    await commitments().taken({ TransactionUID: second?.TransactionUID ?? '', committed: [], failed }, 'ARCHIVE');
    expect(await row(id)).toMatchObject({ state: 'PENDING', lastError: 'not committed, reason 0112' });
    expect(Math.abs((await secondsUntil()) - 120)).toBeLessThan(30);
  });

  it('stands when the report is faster than the answer to the request', async () => {
    const reference = { SOPClassUID: SR, SOPInstanceUID: newUid() };
    const id = await deliveredReport(store(), 'ARCHIVE@host:104', reference);
    const claimed = (await claim()).find(({ deliveryId }) => deliveryId === id);
    const { TransactionUID = '' } = claimed ?? {};
    await commitments().taken({ TransactionUID, committed: [reference], failed: [] }, 'ARCHIVE');
    await commitments().commitmentAsked(id);
    expect(await row(id)).toMatchObject({ commitment: 'committed', commitmentDueAt: null });
  });

  it('is not asked of a PACS that does not offer it, nor of one that left the settings', async () => {
    const reference = { SOPClassUID: SR, SOPInstanceUID: newUid() };
    const id = await deliveredReport(store(), 'ARCHIVE@host:104', reference);
    expect(await commitments().claimCommitments(() => undefined, newUid)).toEqual([]);
    await commitments().commitmentUnsupported(id);
    expect(await row(id)).toMatchObject({ state: 'DELIVERED', commitment: 'none', commitmentDueAt: null });
  });
});

interface Told {
  readonly by: string;
  readonly says: string;
  readonly about: string;
}

/** What a report makes of a delivery that was asked for, or answered already. */
const commitmentAfter = (before: string, { by, says, about }: Told): string => {
  if (by !== 'ARCHIVE' || about !== 'ours' || before !== 'asked') return before;
  return says === 'committed' ? 'committed' : 'failed';
};

function reportOf({ says, about }: Told, uid: string, reference: ReferencedInstance) {
  return {
    TransactionUID: about === 'ours' ? uid : newUid(),
    committed: says === 'committed' ? [reference] : [],
    failed: says === 'failed' ? [{ ...reference, reason: 0x112 }] : [],
  };
}

/** It is sent again, and commitment asked for again: the new transaction. */
async function sentAgain(id: string): Promise<string> {
  await deliveryStore(store()).claimDelivery(id);
  await deliveryStore(store()).delivered(id, '0000');
  const next = (await claim()).find(({ deliveryId }) => deliveryId === id);
  await commitments().commitmentAsked(id);
  return next?.TransactionUID ?? '';
}

it('whatever is reported by whomever in whatever order: committed stands, and only what failed is sent again', async () => {
  const told = fc.record({
    by: fc.constantFrom('ARCHIVE', 'SOMEBODY'),
    says: fc.constantFrom('committed', 'failed', 'nothing'),
    about: fc.constantFrom('ours', 'unknown'),
    asksAgain: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(told, { maxLength: 6 }), async (all) => {
      const { id, reference, TransactionUID } = await asked();
      const now = { uid: TransactionUID, commitment: 'asked' };
      for (const each of all) {
        expect(await commitments().taken(reportOf(each, now.uid, reference), each.by)).toBe(
          each.by === 'ARCHIVE' && each.about === 'ours',
        );
        now.commitment = commitmentAfter(now.commitment, each);
        const isFailed = now.commitment === 'failed';
        const state = isFailed ? 'PENDING' : 'DELIVERED';
        expect(await row(id)).toMatchObject({ commitment: now.commitment, state });
        if (isFailed && each.asksAgain) Object.assign(now, { uid: await sentAgain(id), commitment: 'asked' });
      }
    }),
    { numRuns: 15 },
  );
});
