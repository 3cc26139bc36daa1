import { afterEach, describe, expect, it } from 'vitest';
import { limitsFor } from '../../../services/dicom/net/caller-policy.ts';
import { InstancePace } from '../../../services/dicom/net/instance-pace.ts';
import { openAssociation } from '../../../services/dicom/net/open-association.ts';
import { sendInstances } from '../../../services/dicom/net/storage-scu.ts';
import { echo } from '../../../services/dicom/net/verification-scu.ts';
import { PeerList } from '../../../services/domain/peer.ts';
import { accessOf, type PeerTable } from '../../../services/domain/peer-access.ts';
import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN } from '../../support/load-client.ts';
import { ctInstance } from './ct-instance.ts';
import { eventually, type Receiver, type ReceiverOptions, startReceiver } from './receiver.ts';

const MR_IMAGE_STORAGE = '1.2.840.10008.5.1.4.1.1.4';
const STUDY_ROOT_FIND = '1.2.840.10008.5.1.4.1.2.2.1';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

/** A receiver with these entries; strangers are kept out. */
async function receiver(entries: readonly unknown[], options: ReceiverOptions = {}): Promise<Receiver> {
  const table: PeerTable = {
    AETitle: 'OVERREAD',
    peers: PeerList.parse(entries),
    queryAETitles: new Set(),
    unknown: 'deny',
  };
  const started = await startReceiver({ accessOf: (caller) => accessOf(table, caller), ...options });
  cleanups.push(() => started.stop());
  return started;
}

const at = ({ port }: Receiver, AETitle = 'OVERREAD') => ({ AETitle, host: '127.0.0.1', port });
const outgoing = (n: number) => ({
  ...ctInstance(n, { pixelBytes: 200 }),
  TransferSyntaxUID: EXPLICIT_VR_LITTLE_ENDIAN,
});
const open = (scp: Receiver, from: string, called?: string) =>
  openAssociation(at(scp, called), from, {
    contexts: [CT_IMAGE_STORAGE, MR_IMAGE_STORAGE, STUDY_ROOT_FIND].map((abstractSyntax, index) => ({
      ...{ id: 2 * index + 1, abstractSyntax, transferSyntaxes: [EXPLICIT_VR_LITTLE_ENDIAN] },
    })),
    roles: [{ SOPClassUID: CT_IMAGE_STORAGE, scu: true, scp: true }],
  });

describe('who may come in', () => {
  it.each([
    ['a stranger', 'STRANGER', 'OVERREAD', 'calling AE title not recognized'],
    ['a known AE title from another address', 'ELSEWHERE', 'OVERREAD', 'calling AE title not recognized'],
    ['a known AE title in plaintext that speaks TLS', 'SECURE', 'OVERREAD', 'calling AE title not recognized'],
    ['a peer that calls us otherwise than agreed', 'CT2', 'OVERREAD', 'called AE title not recognized'],
  ])('%s is rejected', async (_, from, called, reason) => {
    const scp = await receiver([
      { name: 'elsewhere', AETitle: 'ELSEWHERE', addresses: ['10.0.0.0/8'] },
      { name: 'secure', AETitle: 'SECURE', tls: true },
      { name: 'ct2', AETitle: 'CT2', calledAETitle: 'READER' },
    ]);
    await expect(echo(at(scp, called), from)).rejects.toMatchObject({
      code: 'ASSOCIATION_REJECTED',
      message: `association rejected: ${reason}`,
    });
    expect(scp.context.events).toContain('association.rejected');
    await echo(at(scp, 'READER'), 'CT2');
  });

  it('is asked at each association: a table that changed holds for the next', async () => {
    const state = { unknown: 'deny' as PeerTable['unknown'] };
    const scp = await startReceiver({
      accessOf: (caller) => accessOf({ AETitle: 'OVERREAD', peers: [], queryAETitles: new Set(), ...state }, caller),
    });
    cleanups.push(() => scp.stop());
    await expect(echo(at(scp), 'ANY')).rejects.toMatchObject({ code: 'ASSOCIATION_REJECTED' });
    state.unknown = 'local';
    await echo(at(scp), 'ANY');
  });
});

describe('what a peer may do', () => {
  it('classes and services beyond its entry are refused as by a user (PS3.8 Table 9-18)', async () => {
    const scp = await receiver([{ name: 'ct', AETitle: 'CT1', sopClasses: [CT_IMAGE_STORAGE] }]);
    const association = await open(scp, 'CT1');
    expect([1, 3, 5].map((id) => association.refusal(id))).toEqual(['acceptance', 'user rejection', 'user rejection']);
    await association.release();
  });

  it('who may fetch and not send is given storage contexts as SCP, and its C-STORE is refused', async () => {
    const scp = await receiver([{ name: 'view', AETitle: 'VIEW', allow: ['find', 'get'] }]);
    const association = await open(scp, 'VIEW');
    expect([1, 3, 5].map((id) => association.refusal(id))).toEqual(['acceptance', 'user rejection', 'acceptance']);
    const { SOPClassUID, SOPInstanceUID, dataset } = ctInstance(1);
    const command = {
      ...{ AffectedSOPClassUID: SOPClassUID, AffectedSOPInstanceUID: SOPInstanceUID },
      ...{ CommandField: 1, MessageID: 1, Priority: 0, CommandDataSetType: 1 },
    };
    expect((await association.request(1, command, [dataset])).Status).toBe(0x0122);
    expect(scp.recorded).toEqual([]);
    await association.release();
  });
});

describe('limits of a peer', () => {
  it('associations are counted by its entry', async () => {
    const limits = { associations: 1 };
    const scp = await receiver([
      { name: 'one', AETitle: 'ONE', limits },
      { name: 'other', AETitle: 'OTHER', limits },
    ]);
    const first = await open(scp, 'ONE');
    await expect(open(scp, 'ONE')).rejects.toThrow('temporary congestion');
    const other = await open(scp, 'OTHER');
    await first.release();
    await other.release();
    await eventually(() => scp.associations === 0);
    await (await open(scp, 'ONE')).release();
  });

  it('one that says nothing is cut after its own time, others are not', async () => {
    const scp = await receiver([
      { name: 'idle', AETitle: 'IDLE', limits: { idleSeconds: 0.2 } },
      { name: 'calm', AETitle: 'CALM' },
    ]);
    const [idle, calm] = [await open(scp, 'IDLE'), await open(scp, 'CALM')];
    await eventually(() => scp.associations === 1);
    await idle.release();
    expect(scp.context.events.filter((event) => event === 'association.ended')).toHaveLength(1);
    await calm.release();
  });

  it('instances beyond its rate are answered later, and none is refused', async () => {
    // 10 s ahead: 5 instances at once, then one every 2 s.
    const limits = { instancesPerSecond: 0.5 };
    const scp = await receiver([{ name: 'fast', AETitle: 'FAST', limits }], { idleSeconds: 1.5 });
    const times: number[] = [];
    const objects = Array.from({ length: 6 }, (_, n) => outgoing(n));
    const results = await sendInstances(at(scp), 'FAST', objects, { onResult: () => times.push(performance.now()) });
    // The clock of the idle deadline stands still while we keep it waiting.
    expect(results.every(({ taken }) => taken)).toBe(true);
    expect((times[5] ?? 0) - (times[4] ?? 0)).toBeGreaterThan(1500);
  });
});

it('the deadlines of a peer are those of its entry, and of all where it says nothing', () => {
  const all = { idleSeconds: 60, totalSeconds: 7200, paceSeconds: 30, paceBytesPerSecond: 1024 };
  const access = { calledAETitle: 'OVERREAD', services: new Set<never>() };
  expect(limitsFor(all, { ...access, limits: { minimumBytesPerSecond: 5000 } })).toEqual({
    ...{ ...all, paceBytesPerSecond: 5000 },
  });
  expect(limitsFor(all, { ...access, limits: { idleSeconds: 5 } })).toEqual({ ...all, idleSeconds: 5 });
  expect(limitsFor(all, undefined)).toEqual(all);
});

describe('InstancePace', () => {
  it('lets 10 s of instances pass, then one for each turn', () => {
    const pace = new InstancePace(5);
    const waits = Array.from({ length: 52 }, () => pace.waitMs(1000));
    expect(waits.slice(0, 50).every((wait) => wait < 1e-6)).toBe(true);
    expect(waits[50]).toBeCloseTo(200);
    expect(waits[51]).toBeCloseTo(400);
    // After a pause it may be ahead again, and not by more.
    const later = Array.from({ length: 51 }, () => pace.waitMs(1_000_000));
    expect(later[49]).toBeCloseTo(0);
    expect(later[50]).toBeCloseTo(200);
  });

  it('grants the share of the rate that is ours, as it is at the time', () => {
    const share = { ours: 1 };
    const pace = new InstancePace(5, () => share.ours);
    for (let taken = 0; taken < 50; taken++) pace.waitMs(1000);
    share.ours = 0.25;
    expect(pace.waitMs(1000)).toBeCloseTo(800);
    share.ours = 1;
    expect(pace.waitMs(1000)).toBeCloseTo(1000);
  });
});
