import { truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlainDataset } from '../../../services/dicom/dataset/write-dataset.ts';
import { requestCommitment } from '../../../services/dicom/net/commitment-scu.ts';
import { openAssociation } from '../../../services/dicom/net/open-association.ts';
import { STORAGE_COMMITMENT } from '../../../services/dicom/net/service-classes.ts';
import { messageBytes } from '../../../services/dicom/query/write-identifier.ts';
import type { CommitmentReport, ReferencedInstance } from '../../../services/domain/commitment.ts';
import { commitmentRequests } from '../../../services/store/commitment-requests.ts';
import { connect } from '../../../services/store/connect.ts';
import { newUid } from '../../support/arrivals.ts';
import { datasetBytes, type Element } from '../../support/dicom-bytes.ts';
import { fakeContext } from '../../support/fake-context.ts';
import { EXPLICIT_VR_LITTLE_ENDIAN } from '../../support/load-client.ts';
import { type CommitmentReceiver, startCommitmentReceiver } from './commitment-receiver.ts';
import type { TestObject } from './queried-receiver.ts';

let ours: CommitmentReceiver;
beforeAll(async () => {
  ours = await startCommitmentReceiver();
});
afterAll(() => ours?.stop());

const named = ({ SOPClassUID, SOPInstanceUID }: TestObject): ReferencedInstance => ({ SOPClassUID, SOPInstanceUID });
const rowOf = (TransactionUID: string) =>
  ours.store.database
    .selectFrom('commitment_request')
    .selectAll()
    .where('TransactionUID', '=', TransactionUID)
    .executeTakeFirst();

/** Asks as a modality does, and keeps the association open for the report. */
async function ask(references: readonly ReferencedInstance[], TransactionUID = newUid(), waitSeconds = 5) {
  const reports: CommitmentReport[] = [];
  const taken = async (report: CommitmentReport) => reports.push(report) > 0;
  const question = { TransactionUID, references, waitSeconds, taken };
  const answer = await requestCommitment(fakeContext(), ours.peer, 'MODALITY', question);
  return { answer, reports, TransactionUID };
}

describe('Storage Commitment as SCP (PS3.4 Annex J)', () => {
  it('reports on the association of the request when it stays open', async () => {
    const objects = await ours.fill('held', 3);
    const { answer, reports, TransactionUID } = await ask(objects.map(named));
    expect(answer).toBe('asked');
    expect(reports).toEqual([{ TransactionUID, committed: objects.map(named), failed: [] }]);
    await expect.poll(async () => (await rowOf(TransactionUID))?.state).toBe('REPORTED');
  });

  it('says of each instance why it is not committed: absent, of another class, cut short, changed, gone', async () => {
    const objects = await ours.fill('damaged', 5);
    const [first, , cut, changed, gone] = objects;
    const fileOf = (object: TestObject | undefined) => {
      const found = ours.recorded.find(({ header }) => header.instance.SOPInstanceUID === object?.SOPInstanceUID);
      return { file: join(ours.directory, found?.path ?? ''), bytes: found?.bytes ?? 0 };
    };
    truncateSync(fileOf(cut).file, fileOf(cut).bytes - 10);
    writeFileSync(fileOf(changed).file, Buffer.alloc(fileOf(changed).bytes + 400, 7));
    unlinkSync(fileOf(gone).file);
    const absent = { SOPClassUID: '1.2.840.10008.5.1.4.1.1.2', SOPInstanceUID: newUid() };
    const references = objects.map((one, at) =>
      at === 1 ? { ...named(one), SOPClassUID: '1.2.840.10008.5.1.4.1.1.4' } : named(one),
    );
    const { reports } = await ask([...references, absent]);
    const [report] = reports;
    expect(report?.committed.map(({ SOPInstanceUID }) => SOPInstanceUID)).toEqual([first?.SOPInstanceUID]);
    const reasons = new Map(report?.failed.map(({ SOPInstanceUID, reason }) => [SOPInstanceUID, reason]));
    const uids = [...references.slice(1), absent].map(({ SOPInstanceUID }) => SOPInstanceUID);
    expect(uids.map((uid) => reasons.get(uid))).toEqual([0x119, 0x110, 0x110, 0x110, 0x112]);
  });

  it('keeps the report for an association of its own when the requestor has released', async () => {
    const objects = await ours.fill('released', 1);
    const { reports, TransactionUID } = await ask(objects.map(named), newUid(), 0);
    expect(reports).toEqual([]);
    await expect.poll(async () => (await rowOf(TransactionUID))?.lastError).toBe('the association was released');
    const id = (await rowOf(TransactionUID))?.id ?? -1;
    expect(await ours.requests.dueRequests()).toEqual([id]);
    // Handed out once: nobody else reports it meanwhile.
    expect(await ours.requests.dueRequests()).toEqual([]);
    const open = await ours.requests.prepare(id);
    expect(open).toMatchObject({
      callingAETitle: 'MODALITY',
      attempts: 1,
      report: { committed: [named(objects[0] as TestObject)] },
    });
    await ours.requests.postponed(id, 'nobody there', 1);
    expect(await rowOf(TransactionUID)).toMatchObject({ state: 'PENDING', lastError: 'nobody there' });
    await ours.requests.reported(id);
    expect(await ours.requests.prepare(id)).toBeUndefined();
  });

  it('is reported by one only: what another association was opened for is left to it', async () => {
    const callingAETitle = 'TWICE';
    const references = [{ SOPClassUID: '1.2', SOPInstanceUID: newUid() }];
    const id = await ours.requests.remember({ TransactionUID: newUid(), callingAETitle, references });
    if (typeof id === 'string') throw new Error(id);
    expect(await ours.requests.hold(id)).toBe(true);
    await ours.requests.notReported(id, 'released');
    expect(await ours.requests.dueRequests()).toEqual([id]);
    expect(await ours.requests.hold(id)).toBe(false);
    await ours.requests.reported(id);
  });

  it('of one AE title only so many wait, and those of others are not refused', async () => {
    const references = JSON.stringify([{ SOPClassUID: '1.2', SOPInstanceUID: '1.3' }]);
    await sql`
      INSERT INTO commitment_request ("callingAETitle", "TransactionUID", "references", "nextAttemptAt")
      SELECT 'FLOOD', '1.2.' || n, ${references}::jsonb, now() + interval '1 day' FROM generate_series(1, 1000) n`.execute(
      ours.store.database,
    );
    const request = { TransactionUID: newUid(), references: [{ SOPClassUID: '1.2', SOPInstanceUID: '1.3' }] };
    expect(await ours.requests.remember({ ...request, callingAETitle: 'FLOOD' })).toBe('too many');
    const id = await ours.requests.remember({ ...request, callingAETitle: 'OTHER' });
    await ours.requests.reported(Number(id));
  });

  it('survives the process that took it', async () => {
    const TransactionUID = newUid();
    const [object] = await ours.fill('restart', 1);
    const references = object === undefined ? [] : [named(object)];
    const id = Number(await ours.requests.remember({ TransactionUID, callingAETitle: 'MODALITY', references }));
    await ours.requests.notReported(id, 'killed');
    const another = await connect(ours.store.url, fakeContext().log);
    const requests = commitmentRequests(another, { instanceDirectory: ours.directory });
    expect(await requests.dueRequests()).toEqual([id]);
    expect((await requests.prepare(id))?.report).toEqual({ TransactionUID, committed: references, failed: [] });
    await requests.reported(id);
    await another.close();
  });

  it('reports a request again that is said again, and refuses another under the same transaction', async () => {
    const objects = await ours.fill('again', 2);
    const first = await ask(objects.map(named));
    const second = await ask(objects.map(named), first.TransactionUID);
    expect(second.reports).toHaveLength(1);
    await expect(ask(objects.slice(1).map(named), first.TransactionUID)).rejects.toThrow(
      /0110: the Transaction UID is in use/,
    );
  });

  it.each<[what: string, dataset: PlainDataset | Uint8Array, status: number]>([
    [
      'no transaction',
      { ReferencedSOPSequence: [{ ReferencedSOPClassUID: '1.2', ReferencedSOPInstanceUID: '1.3' }] },
      0x0115,
    ],
    ['no instance', { TransactionUID: '1.2.3' }, 0x0115],
    ['no data set', new Uint8Array(0), 0x0110],
    ['noise', Buffer.alloc(4000, 0xff), 0x0110],
    ['5 MB', Buffer.alloc(5_000_000, 0x20), 0x0213],
  ])('refuses %s, and the association lives', async (_what, dataset, status) => {
    expect(await action(dataset)).toBe(status);
  });

  it.each(["1.2'; DROP TABLE instance; --", '../../etc/passwd', '1.2.003', '1'.repeat(65)])(
    'refuses %s in the place of a UID',
    async (uid) => {
      expect(await action(requestOf([['1.2.3', uid]]))).toBe(0x0115);
      expect(await action(requestOf([[uid, '1.2.3']]))).toBe(0x0115);
      expect(await action(requestOf([['1.2.3', '1.2.4']], uid))).toBe(0x0115);
    },
  );

  it.each([
    [20_001, 0x0213],
    [100_000, 0x0110],
  ])('refuses %i instances in one request', async (count, status) => {
    const dataset = requestOf(Array.from({ length: count }, (_, at) => ['1.2', `1.2.${at}`]));
    expect(await action(dataset)).toBe(status);
  });

  it('takes no other action, and no other instance than the well-known one', async () => {
    const dataset = {
      TransactionUID: newUid(),
      ReferencedSOPSequence: [{ ReferencedSOPClassUID: '1.2', ReferencedSOPInstanceUID: '1.3' }],
    };
    expect(await action(dataset, { ActionTypeID: 2 })).toBe(0x0123);
    expect(await action(dataset, { RequestedSOPInstanceUID: '1.2.3' })).toBe(0x0112);
    expect(await action(dataset, { RequestedSOPClassUID: '1.2.840.10008.1.1' })).toBe(0x0122);
  });
});

/** A raw N-ACTION; answers with its status, and sees that the next one is answered, too. */
async function action(dataset: PlainDataset | Uint8Array, more = {}): Promise<number> {
  const contexts = [{ id: 1, abstractSyntax: STORAGE_COMMITMENT, transferSyntaxes: [EXPLICIT_VR_LITTLE_ENDIAN] }];
  const association = await openAssociation(ours.peer, 'HOSTILE', { contexts });
  const command = {
    ...{ RequestedSOPClassUID: STORAGE_COMMITMENT, CommandField: 0x0130, CommandDataSetType: 0 },
    ...{ RequestedSOPInstanceUID: '1.2.840.10008.1.20.1.1', ActionTypeID: 1 },
  };
  const bytes = dataset instanceof Uint8Array ? dataset : messageBytes(dataset, EXPLICIT_VR_LITTLE_ENDIAN);
  const { Status = -1 } = await association.request(1, { ...command, MessageID: 1, ...more }, [bytes]);
  const other = { ...command, MessageID: 2, ActionTypeID: 9 };
  expect((await association.request(1, other, [datasetBytes([[0x00081195, 'UI', '1.2']])])).Status).toBe(0x0123);
  await association.release();
  return Status;
}

/** A request for instances of a class each, whatever stands in the place of the UIDs. */
function requestOf(
  references: readonly (readonly [SOPClassUID: string, SOPInstanceUID: string])[],
  transaction = '1.2.3',
) {
  const items = references.map(([SOPClassUID, SOPInstanceUID]): Element[] => [
    [0x00081150, 'UI', SOPClassUID],
    [0x00081155, 'UI', SOPInstanceUID],
  ]);
  return datasetBytes([
    [0x00081195, 'UI', transaction],
    [0x00081199, 'SQ', items],
  ]);
}
