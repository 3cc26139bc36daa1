import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportCommitment, requestCommitment } from '../../../services/dicom/net/commitment-scu.ts';
import type { Peer } from '../../../services/dicom/net/open-association.ts';
import { sendInstances } from '../../../services/dicom/net/storage-scu.ts';
import { freePort } from '../../../services/main/ports.ts';
import { askCommitments } from '../../../services/pipeline/ask-commitments.ts';
import { reportCommitments } from '../../../services/pipeline/report-commitments.ts';
import { newUid } from '../../support/arrivals.ts';
import { deliveredReport } from '../../support/deliveries.ts';
import { fakeContext } from '../../support/fake-context.ts';
import { hasDcmjsDimse, hasPynetdicom } from '../../support/fetched-peers.ts';
import { type Orthanc, startOrthanc } from '../../support/orthanc.ts';
import { hasProgram } from '../../support/programs.ts';
import { type CommitmentReceiver, startCommitmentReceiver } from './commitment-receiver.ts';
import { dcmjsDimse, dcmjsDimseScp, pynetdicom, pynetdicomScp } from './peer-programs.ts';
import { type TestObject, testObject } from './queried-receiver.ts';

const SECONDS = 30;
let ours: CommitmentReceiver;
beforeAll(async () => {
  ours = await startCommitmentReceiver();
});
afterAll(() => ours?.stop());

const pairs = (objects: readonly TestObject[]) =>
  objects.map(({ SOPClassUID, SOPInstanceUID }) => [SOPClassUID, SOPInstanceUID]);
const uidsOf = (objects: readonly TestObject[]) => objects.map(({ SOPInstanceUID }) => SOPInstanceUID);

/** What the worker does twice a second: reports to who has not waited. */
const reportTo = (peer: Peer) =>
  reportCommitments(fakeContext(), {
    ...ours.requests,
    report: ({ report }, signal) => reportCommitment(peer, 'OVERREAD', report, { signal }),
  });

async function reported(peer: Peer, transaction: string): Promise<void> {
  const state = async () => {
    await reportTo(peer);
    const row = ours.store.database.selectFrom('commitment_request').select('state');
    return (await row.where('TransactionUID', '=', transaction).executeTakeFirst())?.state;
  };
  await expect.poll(state, { timeout: SECONDS * 1000 }).toBe('REPORTED');
}

/** The same for what was delivered. */
const askOf = (peer: Peer, waitSeconds: number) =>
  askCommitments(fakeContext(), {
    ...ours.delivered,
    claimCommitments: () => ours.delivered.claimCommitments(() => peer.AETitle, newUid),
    ask: ({ TransactionUID, references }, signal) =>
      requestCommitment(
        fakeContext(),
        peer,
        'OVERREAD',
        { TransactionUID, references, waitSeconds, taken: ours.delivered.taken },
        { signal },
      ),
  });
const delivery = (id: string) =>
  ours.store.database.selectFrom('delivery').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
const becomes = async (id: string, commitment: string) =>
  expect.poll(async () => (await delivery(id)).commitment, { timeout: SECONDS * 1000 }).toBe(commitment);

describe.skipIf(!hasPynetdicom())('pynetdicom', () => {
  const title = 'PYNETDICOM';

  it('asks us and waits on its association', async () => {
    const objects = await ours.fill('py-same', 3);
    const [transaction, absent] = [newUid(), newUid()];
    const references = [...pairs(objects), ['1.2.840.10008.5.1.4.1.1.2', absent]];
    const { status, heard } = await pynetdicom('ask', { port: ours.port, title, transaction, references });
    expect(status).toBe(0);
    const roles = [[true, false]];
    expect(heard).toEqual([{ event: 2, transaction, committed: uidsOf(objects), failed: [[absent, 0x112]], roles }]);
  });

  it('asks us, releases, and hears on an association of ours, in reversed roles', async () => {
    const objects = await ours.fill('py-new', 2);
    const [transaction, listen] = [newUid(), await freePort(0)];
    const asking = pynetdicom('ask', { port: ours.port, title, transaction, references: pairs(objects), listen });
    const peer = { AETitle: title, host: '127.0.0.1', port: listen };
    await reported(peer, transaction);
    const { heard } = await asking;
    // It is the acceptor, and SCU.
    expect(heard).toMatchObject([
      { event: 1, transaction, committed: uidsOf(objects), failed: [], roles: [[true, false]] },
    ]);
  });

  it.each([
    ['on the association of the request', true],
    ['on one of its own', false],
  ])('is asked by us, and reports %s: committed, or not', async (_where, same) => {
    const [kept, lost] = [testObject(1, { study: `py-kept-${same}` }), testObject(2, { study: `py-kept-${same}` })];
    const listen = await freePort(0);
    const peer = { AETitle: title, host: '127.0.0.1', port: listen };
    const scp = await pynetdicomScp({ port: ours.port, title, listen, same, fail: [lost.SOPInstanceUID] });
    try {
      const [first, second] = [
        await deliveredReport(ours.store, 'PACS@a:1', kept),
        await deliveredReport(ours.store, 'PACS@a:1', lost),
      ];
      await askOf(peer, same ? 10 : 0);
      await becomes(first, 'committed');
      await becomes(second, 'failed');
      // Sent again, with the same bytes, after a pause.
      expect(await delivery(second)).toMatchObject({ state: 'PENDING', lastError: 'not committed, reason 0112' });
      expect(await delivery(first)).toMatchObject({ state: 'DELIVERED', commitmentDueAt: null });
      await expect
        .poll(() => scp.said.slice(1), { timeout: SECONDS * 1000 })
        .toEqual([{ reported: 0 }, { reported: 0 }]);
    } finally {
      await scp.stop();
    }
  });
});

describe.skipIf(!hasDcmjsDimse())('dcmjs-dimse', () => {
  const title = 'DCMJSDIMSE';

  it('asks us, and hears on an association of ours', async () => {
    const objects = await ours.fill('js-new', 2);
    const [transaction, listen, absent] = [newUid(), await freePort(0), newUid()];
    const references = [...pairs(objects), ['1.2.840.10008.5.1.4.1.1.2', absent]];
    const asking = dcmjsDimse('ask', { port: ours.port, title, transaction, references, listen });
    const peer = { AETitle: title, host: '127.0.0.1', port: listen };
    await reported(peer, transaction);
    const failed = [[absent, 0x112]];
    expect(await asking).toEqual({
      statuses: [0],
      heard: { event: 2, transaction, committed: uidsOf(objects), failed },
    });
  });

  it('is asked by us, and reports on an association of its own', async () => {
    const [kept, lost] = [testObject(1, { study: 'js-kept' }), testObject(2, { study: 'js-kept' })];
    const listen = await freePort(0);
    const scp = await dcmjsDimseScp({ port: ours.port, title, listen, fail: [lost.SOPInstanceUID] });
    try {
      const [first, second] = [
        await deliveredReport(ours.store, 'PACS@c:1', kept),
        await deliveredReport(ours.store, 'PACS@c:1', lost),
      ];
      await askOf({ AETitle: title, host: '127.0.0.1', port: listen }, 0);
      await becomes(first, 'committed');
      await becomes(second, 'failed');
      const all = [{ reported: [0] }, { reported: [0] }];
      await expect.poll(() => scp.said.slice(1), { timeout: SECONDS * 1000 }).toEqual(all);
    } finally {
      await scp.stop();
    }
  });
});

describe.skipIf(!hasProgram('Orthanc'))('Orthanc', () => {
  let orthanc: Orthanc;
  beforeAll(async () => {
    orthanc = await startOrthanc({ DicomModalities: { overread: ['OVERREAD', '127.0.0.1', ours.port] } });
  });
  afterAll(() => orthanc?.stop());
  const peer = () => ({ AETitle: 'ORTHANC', host: '127.0.0.1', port: orthanc.port });

  it('asks us, and hears what is held and what is not', async () => {
    const objects = await ours.fill('orthanc', 2);
    const absent = newUid();
    const DicomInstances = [...pairs(objects), ['1.2.840.10008.5.1.4.1.1.2', absent]];
    const asked = await fetch(`${orthanc.url}/modalities/overread/storage-commitment`, {
      method: 'POST',
      body: JSON.stringify({ DicomInstances }),
    });
    const { Path } = (await asked.json()) as { Path: string };
    const answer = async () => {
      await reportTo(peer());
      return (await (await fetch(`${orthanc.url}${Path}`)).json()) as Record<string, unknown>;
    };
    await expect.poll(async () => (await answer()).Status, { timeout: SECONDS * 1000 }).toBe('Failure');
    const { Success, Failures } = (await answer()) as Record<string, readonly Record<string, unknown>[]>;
    expect(Success?.map(({ SOPInstanceUID }) => SOPInstanceUID).toSorted()).toEqual(uidsOf(objects).toSorted());
    expect(Failures).toMatchObject([{ SOPInstanceUID: absent, FailureReason: 0x112 }]);
  });

  it('is asked by us for what it was sent, and for what it never got', async () => {
    const [sent, never] = [testObject(1, { study: 'to-orthanc' }), testObject(2, { study: 'to-orthanc' })];
    const results = await sendInstances(peer(), 'OVERREAD', [sent]);
    expect(results).toMatchObject([{ taken: true }]);
    const destination = `ORTHANC@127.0.0.1:${orthanc.port}`;
    const [first, second] = [
      await deliveredReport(ours.store, destination, sent),
      await deliveredReport(ours.store, destination, never),
    ];
    await askOf(peer(), 0);
    await becomes(first, 'committed');
    await becomes(second, 'failed');
  });
});

describe.skipIf(!hasProgram('storescp'))('a PACS without the service', () => {
  it('is left in peace, and its deliveries say nothing of commitment', async () => {
    const port = await freePort(0);
    const scp = spawn('storescp', [String(port)], { stdio: 'ignore', cwd: ours.directory });
    try {
      const id = await deliveredReport(ours.store, 'PACS@b:1', testObject(1, { study: 'no-service' }));
      const due = async () => {
        await ours.store.database
          .updateTable('delivery')
          .set({ commitmentDueAt: new Date() })
          .where('id', '=', id)
          .execute();
        await askOf({ AETitle: 'ANY', host: '127.0.0.1', port }, 0);
        return (await delivery(id)).commitmentDueAt;
      };
      await expect.poll(due, { timeout: SECONDS * 1000 }).toBeNull();
      expect(await delivery(id)).toMatchObject({ state: 'DELIVERED', commitment: 'none' });
    } finally {
      scp.kill();
    }
  });
});
