import { connect as connectSocket, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Association } from '../../../services/dicom/net/association.ts';
import type { AssociationEnd, AssociationUser } from '../../../services/dicom/net/association-user.ts';
import { APPLICATION_CONTEXT } from '../../../services/dicom/ul/encode-pdu.ts';
import type { AssociateRQ } from '../../../services/dicom/ul/pdu.ts';
import { ABORT, associateRQBytes, pdata, RawPeer, RELEASE_RQ } from '../../support/load-client.ts';
import { pdu, u16 } from '../../support/pdu-bytes.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

const ACCEPT = pdu(0x02, ...u16(1), ...u16(0), ...new Array<number>(64).fill(0x20));
const REJECT = pdu(0x03, 0, 1, 1, 7);
const RELEASE_RP = pdu(0x06, 0, 0, 0, 0);
const UNKNOWN = pdu(0x42, 1, 2, 3, 4);
const DATA = pdata(1, 2, Uint8Array.of(1, 2));

// biome-ignore format: a table
const PDUS = {
  'A-ASSOCIATE-RQ': associateRQBytes(), 'A-ASSOCIATE-AC': ACCEPT, 'A-ASSOCIATE-RJ': REJECT, 'P-DATA-TF': DATA,
  'A-RELEASE-RQ': RELEASE_RQ, 'A-RELEASE-RP': RELEASE_RP, 'A-ABORT': ABORT, 'unknown PDU': UNKNOWN,
};
type Name = keyof typeof PDUS;

/** An association over a real socket, and what its user heard. */
function user(answer: AssociationUser['answer']) {
  const heard = { fragments: 0, accepted: false, end: undefined as AssociationEnd | undefined };
  const listener: AssociationUser = {
    answer,
    accepted: () => {
      heard.accepted = true;
    },
    fragment: () => void heard.fragments++,
    ended: (end) => {
      heard.end = end;
    },
  };
  return { heard, listener };
}

const accepting: AssociationUser['answer'] = ({ calledAETitle, callingAETitle }) => ({
  type: 'A-ASSOCIATE-AC',
  calledAETitle,
  callingAETitle,
  presentationContexts: [],
  userInformation: { maximumLength: 0 },
});

async function listening(onSocket: (socket: Socket) => void): Promise<number> {
  const server: Server = createServer(onSocket);
  cleanups.push(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** We are the acceptor; the peer is made of bytes. */
async function acceptor(answer = accepting, artimSeconds = 0.2) {
  const made = user(answer);
  const associations: Association[] = [];
  const port = await listening((socket) => associations.push(new Association(socket, made.listener, artimSeconds)));
  const peer = new RawPeer(port);
  cleanups.push(() => peer.destroy());
  return { ...made, peer, association: () => associations[0] };
}

describe('acceptor in Sta2, awaiting the request (PS3.8 Table 9-10)', () => {
  it.each<[Name, number[]]>([
    ['A-ASSOCIATE-RQ', [0x02]],
    ['A-ASSOCIATE-AC', [0x07]],
    ['A-ASSOCIATE-RJ', [0x07]],
    ['P-DATA-TF', [0x07]],
    ['A-RELEASE-RQ', [0x07]],
    ['A-RELEASE-RP', [0x07]],
    ['A-ABORT', []],
    ['unknown PDU', [0x07]],
  ])('%s is answered with %j', async (name, answers) => {
    const { peer, heard } = await acceptor();
    peer.write(PDUS[name]);
    if (name === 'A-ASSOCIATE-RQ') expect((await peer.next())?.type).toBe(0x02);
    else {
      expect(await peer.typesUntilClosed()).toEqual(answers);
      expect(heard.end?.how).toMatch(/^(aborted|closed)$/);
    }
  });

  it('a request that the user refuses is answered with A-ASSOCIATE-RJ, and then nothing is served', async () => {
    const { peer, heard } = await acceptor(() => ({ type: 'A-ASSOCIATE-RJ', result: 1, source: 1, reason: 7 }));
    peer.write(PDUS['A-ASSOCIATE-RQ'], DATA);
    expect(await peer.typesUntilClosed()).toEqual([0x03]);
    expect(heard).toMatchObject({ fragments: 0, end: { how: 'rejected', reason: 'called AE title not recognized' } });
  });
});

describe('acceptor in Sta6, association established', () => {
  it.each<[Name, number[], AssociationEnd['how'] | undefined]>([
    ['A-ASSOCIATE-RQ', [0x07], 'aborted'],
    ['A-ASSOCIATE-AC', [0x07], 'aborted'],
    ['A-ASSOCIATE-RJ', [0x07], 'aborted'],
    ['P-DATA-TF', [], undefined],
    ['A-RELEASE-RQ', [0x06], 'released'],
    ['A-RELEASE-RP', [0x07], 'aborted'],
    ['A-ABORT', [], 'aborted by peer'],
    ['unknown PDU', [0x07], 'aborted'],
  ])('%s is answered with %j and ends it: %s', async (name, answers, how) => {
    const { peer, heard } = await acceptor();
    peer.write(PDUS['A-ASSOCIATE-RQ']);
    await peer.next();
    peer.write(PDUS[name]);
    if (how === undefined) peer.write(ABORT);
    expect(await peer.typesUntilClosed()).toEqual(answers);
    expect(heard.end?.how).toBe(how ?? 'aborted by peer');
    expect(heard.fragments).toBe(name === 'P-DATA-TF' ? 1 : 0);
  });

  it('a connection that closes ends it: closed', async () => {
    const { peer, heard } = await acceptor();
    peer.write(PDUS['A-ASSOCIATE-RQ']);
    await peer.next();
    peer.destroy();
    await expect.poll(() => heard.end?.how).toBe('closed');
  });
});

describe('acceptor in Sta13, awaiting the close', () => {
  it.each<[Name, number[]]>([
    ['A-ASSOCIATE-RQ', [0x07]],
    ['P-DATA-TF', []],
    ['A-RELEASE-RQ', []],
    ['A-ABORT', []],
    ['unknown PDU', [0x07]],
  ])('%s is answered with %j, and the connection is closed', async (name, answers) => {
    const { peer, heard } = await acceptor();
    peer.write(PDUS['A-ASSOCIATE-RQ']);
    await peer.next();
    peer.write(RELEASE_RQ);
    expect((await peer.next())?.type).toBe(0x06);
    peer.write(PDUS[name]);
    expect(await peer.typesUntilClosed()).toEqual(answers);
    expect(heard).toMatchObject({ fragments: 0, end: { how: 'released' } });
  });
});

describe('requestor', () => {
  const request: AssociateRQ = {
    type: 'A-ASSOCIATE-RQ',
    protocolVersion: 1,
    calledAETitle: 'PEER',
    callingAETitle: 'ME',
    applicationContext: APPLICATION_CONTEXT,
    presentationContexts: [],
    userInformation: { maximumLength: 0 },
  };

  /** The peer answers each PDU it gets with the next of `answers`, and says which types it got. */
  async function requestor(...answers: (Uint8Array | 'close')[]) {
    const got: number[] = [];
    const left = [...answers];
    const port = await listening((socket) => {
      cleanups.push(() => socket.destroy());
      socket.on('error', () => {});
      socket.on('data', (chunk) => {
        for (let at = 0; at < chunk.length; at += 6 + chunk.readUInt32BE(at + 2)) got.push(chunk[at] ?? 0);
        const answer = left.shift();
        if (answer === 'close') socket.end();
        else if (answer !== undefined) socket.write(answer);
      });
    });
    const made = user(accepting);
    const association = new Association(connectSocket(port, '127.0.0.1'), made.listener, 0.2, request);
    return { ...made, association, got };
  }

  it.each<[string, Uint8Array | 'close', AssociationEnd['how'], number[]]>([
    ['A-ASSOCIATE-RJ', REJECT, 'rejected', [1]],
    ['A-ABORT', ABORT, 'aborted by peer', [1]],
    ['A-ASSOCIATE-RQ', PDUS['A-ASSOCIATE-RQ'], 'aborted', [1, 7]],
    ['P-DATA-TF', DATA, 'aborted', [1, 7]],
    ['A-RELEASE-RQ', RELEASE_RQ, 'aborted', [1, 7]],
    ['an unknown PDU', UNKNOWN, 'aborted', [1, 7]],
    ['a close', 'close', 'closed', [1]],
  ])('Sta5: %s', async (_name, answer, how, types) => {
    const { heard, got } = await requestor(answer);
    await expect.poll(() => heard.end?.how).toBe(how);
    await expect.poll(() => got).toEqual(types);
  });

  it('Sta7: data that still comes is taken, then the release is confirmed', async () => {
    const { heard, association, got } = await requestor(ACCEPT, Buffer.concat([DATA, RELEASE_RP]));
    await expect.poll(() => heard.accepted).toBe(true);
    association.release();
    await expect.poll(() => heard.end?.how).toBe('released');
    expect(heard.fragments).toBe(1);
    expect(got).toEqual([1, 5]);
  });

  it('Sta9: a release collision is answered, and ends in order', async () => {
    const { heard, association, got } = await requestor(ACCEPT, RELEASE_RQ, RELEASE_RP);
    await expect.poll(() => heard.accepted).toBe(true);
    association.release();
    await expect.poll(() => heard.end?.how).toBe('released');
    expect(got).toEqual([1, 5, 6]);
  });

  it('a connection refused ends it: closed, with the reason', async () => {
    const made = user(accepting);
    const port = await listening(() => {});
    for (const cleanup of cleanups.splice(0)) cleanup();
    new Association(connectSocket(port, '127.0.0.1'), made.listener, 0.2, request);
    await expect.poll(() => made.heard.end).toMatchObject({ how: 'closed', reason: 'ECONNREFUSED' });
  });
});
