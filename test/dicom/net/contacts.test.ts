import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { openAssociation } from '../../../services/dicom/net/open-association.ts';
import { echo } from '../../../services/dicom/net/verification-scu.ts';
import type { Contact } from '../../../services/domain/contact.ts';
import { diagnosisWords } from '../../../services/domain/diagnosis.ts';
import { PeerList } from '../../../services/domain/peer.ts';
import { accessOf } from '../../../services/domain/peer-access.ts';
import { associateRQBytes } from '../../support/load-client.ts';
import { eventually, type Receiver, type ReceiverOptions, startReceiver } from './receiver.ts';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function receiver(options: ReceiverOptions = {}) {
  const peers = PeerList.parse([
    { name: 'ct', AETitle: 'CT1', sopClasses: ['1.2.840.10008.5.1.4.1.1.2'] },
    { name: 'far', AETitle: 'FAR', addresses: ['10.0.0.0/8'] },
  ]);
  const table = { AETitle: 'OVERREAD', peers, queryAETitles: new Set<string>(), unknown: 'deny' } as const;
  const contacts: Contact[] = [];
  const scp = await startReceiver({
    accessOf: (caller) => accessOf(table, caller),
    ports: { contact: (contact) => void contacts.push(contact) },
    ...options,
  });
  cleanups.push(() => scp.stop());
  const told = async () => {
    await eventually(() => contacts.length > 0);
    const [{ peer, AETitle, address, diagnosis } = { AETitle: '', address: '' }] = contacts;
    return { peer, AETitle, address, code: diagnosis?.code, sentence: diagnosis && diagnosisWords(diagnosis).sentence };
  };
  return { scp, told, contacts };
}

const at = ({ port }: Receiver, AETitle = 'OVERREAD') => ({ AETitle, host: '127.0.0.1', port });
const says = ({ port }: Receiver, bytes: string | Uint8Array) =>
  connect(port, '127.0.0.1', function (this: { write(bytes: string | Uint8Array): void }) {
    this.write(bytes);
  })
    .on('error', () => {})
    .resume();

describe('what is told of a call', () => {
  it('an association that went well', async () => {
    const { scp, told } = await receiver();
    await echo(at(scp), 'CT1');
    expect(await told()).toMatchObject({ peer: 'ct', AETitle: 'CT1', address: '127.0.0.1', code: undefined });
  });

  it.each([
    [
      'a stranger',
      'STRANGER',
      'OVERREAD',
      undefined,
      'STRANGER called from 127.0.0.1 and is in no entry of the table of peers.',
    ],
    ['another address', 'FAR', 'OVERREAD', 'far', 'FAR called from 127.0.0.1, and its entry names other addresses.'],
    [
      'another called AE title',
      'CT1',
      'OVERRAED',
      'ct',
      'CT1 at 127.0.0.1 called us OVERRAED, and our AE title for it is OVERREAD.',
    ],
  ])('%s', async (_, from, called, peer, sentence) => {
    const { scp, told } = await receiver();
    await expect(echo(at(scp, called), from)).rejects.toThrow('rejected');
    expect(await told()).toMatchObject({ peer, AETitle: from, sentence });
  });

  it('contexts that were refused, while the rest goes on', async () => {
    const { scp, told } = await receiver();
    const contexts = ['1.2.840.10008.5.1.4.1.1.2', '1.2.840.10008.5.1.4.1.1.4'].map((abstractSyntax, at) => ({
      ...{ id: 2 * at + 1, abstractSyntax, transferSyntaxes: ['1.2.840.10008.1.2'] },
    }));
    await (await openAssociation(at(scp), 'CT1', { contexts })).release();
    expect((await told()).sentence).toBe(
      'CT1 at 127.0.0.1 proposed 2 presentation contexts and 1 were refused, the first for MR Image Storage: user rejection.',
    );
  });

  it.each([
    ['CALLER_SPEAKS_TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['CALLER_SPEAKS_HTTP', 'GET / HTTP/1.1\r\nHost: overread\r\n\r\n'],
    ['CALLER_NOT_DICOM', 'SSH-2.0-OpenSSH_9.2\r\n'],
  ])('%s', async (code, text) => {
    const { scp, told } = await receiver();
    says(scp, Buffer.from(text, 'latin1'));
    expect(await told()).toMatchObject({ address: '127.0.0.1', AETitle: '', code });
  });

  it('a connection that says nothing', async () => {
    const { scp, told } = await receiver({ artimSeconds: 0.2 });
    says(scp, '');
    expect(await told()).toMatchObject({ code: 'CALLER_SAID_NOTHING' });
  });

  it('an association that is idle', async () => {
    const { scp, contacts } = await receiver({ idleSeconds: 0.2 });
    says(scp, associateRQBytes({ called: 'OVERREAD', calling: 'CT1' }));
    await eventually(() => contacts.some(({ diagnosis }) => diagnosis?.code === 'CALLER_TOO_SLOW'));
  });

  it('an association that breaks off', async () => {
    const { scp, contacts } = await receiver();
    const socket = says(scp, associateRQBytes({ called: 'OVERREAD', calling: 'CT1' }));
    socket.once('data', () => socket.destroy());
    await eventually(() => contacts.some(({ diagnosis }) => diagnosis?.code === 'CONNECTION_LOST'));
  });
});
