import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Association } from '../../../services/dicom/net/association.ts';
import type { AssociationEnd, AssociationUser } from '../../../services/dicom/net/association-user.ts';
import { rejection } from '../../../services/dicom/net/negotiate.ts';
import { decodePdu } from '../../../services/dicom/ul/decode-pdu.ts';
import type { AssociateAC, AssociateRQ } from '../../../services/dicom/ul/pdu.ts';
import { ABORT, associateRQBytes, pdata, RELEASE_RQ } from '../../support/load-client.ts';
import { pdu } from '../../support/pdu-bytes.ts';

/**
 * PS3.8 Table 9-10 over real sockets, for the states in which a connection can be found waiting: 2, 5, 6, 7 and 13 (the
 * others are left as soon as they are entered, for no user of ours thinks about an answer; `ul/state-machine.test.ts`
 * holds their cells). A row per event that a peer or a clock can cause; what each action does stands below.
 */
// biome-ignore format: a table
const TABLE: Readonly<Record<string, readonly [Sta2: string, Sta5: string, Sta6: string, Sta7: string, Sta13: string]>> = {
  'A-ASSOCIATE-AC':  ['AA-1', 'AE-3', 'AA-8', 'AA-8', 'AA-6'],
  'A-ASSOCIATE-RJ':  ['AA-1', 'AE-4', 'AA-8', 'AA-8', 'AA-6'],
  'A-ASSOCIATE-RQ':  ['AE-6', 'AA-8', 'AA-8', 'AA-8', 'AA-7'],
  'P-DATA-TF':       ['AA-1', 'AA-8', 'DT-2', 'AR-6', 'AA-6'],
  'A-RELEASE-RQ':    ['AA-1', 'AA-8', 'AR-2', 'AR-8', 'AA-6'],
  'A-RELEASE-RP':    ['AA-1', 'AA-8', 'AA-8', 'AR-3', 'AA-6'],
  'A-ABORT':         ['AA-2', 'AA-3', 'AA-3', 'AA-3', 'AA-2'],
  'closed by peer':  ['AA-5', 'AA-4', 'AA-4', 'AA-4', 'AR-5'],
  'ARTIM expired':   ['AA-2', '',     '',     '',     'AA-2'],
  'unknown PDU':     ['AA-1', 'AA-8', 'AA-8', 'AA-8', 'AA-7'],
};
const STATES = [2, 5, 6, 7, 13] as const;
type WaitingState = (typeof STATES)[number];

interface Seen {
  readonly types: readonly number[];
  readonly abortSource?: number;
  readonly leaves: 'closed' | 'open' | 'peer closes';
}

/**
 * What the peer sees of an action (Tables 9-6 to 9-9): the PDUs that come, and whether we close. `open`: nothing closes
 * it now, so an unknown PDU after it is answered with an abort, and that is all that came.
 */
// biome-ignore format: a table
const SEEN: Readonly<Record<string, Seen>> = {
  'AA-1': { types: [7], abortSource: 0, leaves: 'peer closes' },
  'AA-8': { types: [7], abortSource: 2, leaves: 'peer closes' },
  'AA-7': { types: [7], leaves: 'peer closes' },
  'AA-2': { types: [], leaves: 'closed' }, 'AA-3': { types: [], leaves: 'closed' },
  'AA-4': { types: [], leaves: 'closed' }, 'AA-5': { types: [], leaves: 'closed' }, 'AR-5': { types: [], leaves: 'closed' },
  'AE-4': { types: [], leaves: 'closed' }, 'AR-3': { types: [], leaves: 'closed' },
  'AA-6': { types: [], leaves: 'open' },
  'AE-3': { types: [], leaves: 'open' }, 'DT-2': { types: [], leaves: 'open' }, 'AR-6': { types: [], leaves: 'open' },
  'AE-6': { types: [2], leaves: 'open' },
  'AR-2': { types: [6], leaves: 'open' }, // AR-4 at once
  'AR-8': { types: [6], leaves: 'open' }, // the requestor's AR-9 at once
};
const HOW_ENDED: Readonly<Record<string, AssociationEnd['how']>> = {
  ...{ 'AA-3': 'aborted by peer', 'AA-4': 'closed', 'AA-8': 'aborted', 'AE-4': 'rejected', 'AR-3': 'released' },
};

const AC_BYTES = (() => {
  const bytes = Buffer.from(associateRQBytes());
  bytes[0] = 0x02;
  return bytes;
})();
const BYTES: Readonly<Record<string, Uint8Array>> = {
  ...{ 'A-ASSOCIATE-AC': AC_BYTES, 'A-ASSOCIATE-RJ': pdu(0x03, 0, 1, 1, 7), 'A-ASSOCIATE-RQ': associateRQBytes() },
  ...{ 'P-DATA-TF': pdata(1, 3, Buffer.alloc(8)), 'A-RELEASE-RQ': RELEASE_RQ, 'A-RELEASE-RP': pdu(0x06, 0, 0, 0, 0) },
  ...{ 'A-ABORT': ABORT, 'unknown PDU': pdu(0x09, 0, 0, 0, 0) },
};
const UNKNOWN = BYTES['unknown PDU'] ?? new Uint8Array();

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** An association of ours at one end of a connection, what it told its user, and the bare other end. */
interface Ends {
  readonly association: Association;
  readonly told: { readonly ends: AssociationEnd[]; fragments: number; accepted: number };
  readonly peer: PeerEnd;
}

/** The other end: cuts what comes into PDUs. */
class PeerEnd {
  readonly socket: Socket;
  readonly pdus: { type: number; body: Buffer }[] = [];
  isClosed = false;
  #bytes = Buffer.alloc(0);

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => {});
    socket.on('close', () => {
      this.isClosed = true;
    });
    socket.on('data', (chunk) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      while (this.#bytes.length >= 6 && this.#bytes.length >= 6 + this.#bytes.readUInt32BE(2)) {
        const end = 6 + this.#bytes.readUInt32BE(2);
        this.pdus.push({ type: this.#bytes[0] ?? 0, body: this.#bytes.subarray(6, end) });
        this.#bytes = this.#bytes.subarray(end);
      }
    });
  }
}

async function ends(artimSeconds: number, isRequestor: boolean, accepts: boolean): Promise<Ends> {
  const told = { ends: [] as AssociationEnd[], fragments: 0, accepted: 0 };
  const accepted = decodePdu(0x02, AC_BYTES.subarray(6)) as AssociateAC;
  const user: AssociationUser = {
    answer: () => (accepts ? accepted : rejection('called AE title not recognized')),
    accepted: () => {
      told.accepted += 1;
    },
    fragment: () => {
      told.fragments += 1;
      return undefined;
    },
    ended: (end) => void told.ends.push(end),
  };
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => server.close());
  const inbound = new Promise<Socket>((resolve) => server.once('connection', resolve));
  const outbound = connect(portOf(server), '127.0.0.1');
  const request = decodePdu(0x01, associateRQBytes().subarray(6)) as AssociateRQ;
  const requestor = isRequestor ? new Association(outbound, user, artimSeconds, request) : undefined;
  const socket = await inbound;
  const association = requestor ?? new Association(socket, user, artimSeconds);
  const peer = new PeerEnd(isRequestor ? socket : outbound);
  cleanups.push(
    () => socket.destroy(),
    () => outbound.destroy(),
  );
  return { association, told, peer };
}

const portOf = (server: Server): number => {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};

/** Leads a fresh association into a state, as a peer would. */
async function inState(state: WaitingState, artimSeconds: number): Promise<Ends> {
  const isRequestor = state === 5 || state === 7;
  const both = await ends(artimSeconds, isRequestor, state !== 13);
  const { peer, association, told } = both;
  if (state === 6 || state === 13) {
    peer.socket.write(associateRQBytes());
    await soon(() => peer.pdus.length).toBe(1);
  }
  if (isRequestor) await soon(() => peer.pdus.length).toBe(1);
  if (state === 7) {
    peer.socket.write(AC_BYTES);
    await soon(() => told.accepted).toBe(1);
    association.release();
    await soon(() => peer.pdus.length).toBe(2);
  }
  peer.pdus.length = 0;
  return both;
}

const CELLS = Object.entries(TABLE).flatMap(([event, row]) =>
  STATES.map((state, at) => ({ state, event, action: row[at] ?? '' })).filter(({ action }) => action !== ''),
);

const soon = <Seen>(seen: () => Seen) => expect.poll(seen, { interval: 5 });
const types = (peer: PeerEnd) => peer.pdus.map(({ type }) => type);

/** Waits for what must come, and lets the connection end. */
async function look(peer: PeerEnd, seen: Seen): Promise<void> {
  if (seen.leaves === 'closed') return;
  await soon(() => types(peer)).toEqual(seen.types);
  if (seen.abortSource !== undefined) expect(peer.pdus[0]?.body[2]).toBe(seen.abortSource);
  if (seen.leaves === 'open') {
    // Nothing else was on its way: the next thing is the answer to what no state knows.
    peer.socket.write(UNKNOWN);
    await soon(() => types(peer)).toEqual([...seen.types, 7]);
  }
  peer.socket.end();
}

describe('PS3.8 Table 9-10, a peer that does anything at any time', () => {
  it.each(CELLS)('Sta$state, $event: $action', async ({ state, event, action }) => {
    const seen = SEEN[action];
    if (seen === undefined) throw new Error(`no words for ${action}`);
    const { peer, told } = await inState(state, event === 'ARTIM expired' ? 0.05 : 20);
    const bytes = BYTES[event];
    if (event === 'closed by peer') peer.socket.end();
    else if (bytes !== undefined) peer.socket.write(bytes);

    await look(peer, seen);
    await soon(() => peer.isClosed).toBe(true);
    if (seen.leaves !== 'open') expect(types(peer)).toEqual(seen.types);
    // Its user hears of its end exactly once; of a connection that was no association, too.
    await soon(() => told.ends.length).toBe(1);
    const how = HOW_ENDED[action];
    if (how !== undefined) expect(told.ends[0]?.how).toBe(how);
    expect(told.fragments).toBe(action === 'DT-2' || action === 'AR-6' ? 1 : 0);
  });
});

describe('what our own side asks for', () => {
  it('Sta6, abort (Evt15): AA-1, source 0', async () => {
    const { association, peer, told } = await inState(6, 20);
    association.abort('enough');
    await soon(() => peer.pdus.map(({ type, body }) => [type, body[2]])).toEqual([[7, 0]]);
    peer.socket.end();
    await soon(() => told.ends.map(({ how }) => how)).toEqual(['aborted']);
  });

  it('Sta5, abort (Evt15): AA-1', async () => {
    const { association, peer } = await inState(5, 20);
    association.abort('enough');
    await soon(() => types(peer)).toEqual([7]);
  });

  it('Sta7, abort (Evt15): AA-1; data of ours is not sent any more', async () => {
    const { association, peer } = await inState(7, 20);
    association.send([pdata(1, 3, Buffer.alloc(8))]);
    association.abort('enough');
    await soon(() => types(peer)).toEqual([7]);
  });

  it('a release that collides (Sta7, Evt12, then Evt13): each side answers, the requestor is released', async () => {
    const { peer, told } = await inState(7, 20);
    peer.socket.write(RELEASE_RQ);
    await soon(() => types(peer)).toEqual([6]);
    peer.socket.write(BYTES['A-RELEASE-RP'] ?? new Uint8Array());
    await soon(() => peer.isClosed).toBe(true);
    expect(told.ends.map(({ how }) => how)).toEqual(['released']);
  });
});
