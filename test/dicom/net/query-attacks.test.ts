import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { QueryRetrievePorts } from '../../../services/dicom/net/exchange-for.ts';
import { queryRetrieveClass } from '../../../services/dicom/net/service-classes.ts';
import { AppError } from '../../../services/domain/errors.ts';
import type { AttributeRow } from '../../../services/domain/ports.ts';
import type { HeldObjects } from '../../../services/domain/query.ts';
import { datasetBytes, type Element } from '../../support/dicom-bytes.ts';
import {
  CT_IMAGE_STORAGE,
  commandBytes,
  commandElement,
  commandText,
  EXPLICIT_VR_LITTLE_ENDIAN,
  pdata,
  RawPeer,
  RELEASE_RQ,
  VERIFICATION,
} from '../../support/load-client.ts';
import { ascii, item, u16 } from '../../support/pdu-bytes.ts';
import { outgoingFile, writePart10 } from './part10-files.ts';
import { testObject } from './queried-receiver.ts';
import { eventually, type Receiver, type ReceiverOptions, startReceiver } from './receiver.ts';

const [FIND, MOVE, GET] = (['find', 'move', 'get'] as const).map((service) =>
  queryRetrieveClass('study root', service),
);
const [C_FIND, C_MOVE, C_GET] = [0x20, 0x21, 0x10];
const CONTEXT_OF = { [C_FIND]: 1, [C_MOVE]: 3, [C_GET]: 5 };
const CLASS_OF = { [C_FIND]: FIND, [C_MOVE]: MOVE, [C_GET]: GET };

const running: { scp?: Receiver } = {};
afterEach(async () => {
  await running.scp?.stop();
  delete running.scp;
});

/** A receiver over an index that is a function. */
async function start(held: Partial<HeldObjects>, options: ReceiverOptions & Partial<QueryRetrievePorts> = {}) {
  const { maxMatches, maxRetrieved, ...rest } = options;
  const nothing: HeldObjects = {
    // biome-ignore lint/correctness/useYield: there is nothing
    async *find() {
      return;
    },
    instances: async () => [],
  };
  const queryRetrieve: QueryRetrievePorts = {
    held: { ...nothing, ...held },
    destination: () => ({ AETitle: 'NOBODY', host: '127.0.0.1', port: 1 }),
    transcode: async () => {
      throw new AppError('NOT_ACCEPTABLE', 'not here');
    },
    ...(maxMatches && { maxMatches }),
    ...(maxRetrieved && { maxRetrieved }),
  };
  const scp = await startReceiver({ isAllowed: () => true, ...rest, ports: { queryRetrieve } });
  running.scp = scp;
  const peer = new RawPeer(scp.port);
  const role = item(0x54, ...u16(CT_IMAGE_STORAGE.length), ...ascii(CT_IMAGE_STORAGE), 0, 1);
  // biome-ignore format: a table
  await peer.associate({
    contexts: [
      [1, FIND ?? '', EXPLICIT_VR_LITTLE_ENDIAN], [3, MOVE ?? '', EXPLICIT_VR_LITTLE_ENDIAN], [5, GET ?? '', EXPLICIT_VR_LITTLE_ENDIAN],
      [7, VERIFICATION, EXPLICIT_VR_LITTLE_ENDIAN], [9, CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN],
    ],
    userItems: role,
  });
  return { scp, peer };
}

const command = (field: number, messageId = 1, more: readonly (readonly [number, string])[] = []) =>
  // biome-ignore format: a table
  commandBytes([
    [0x0002, CLASS_OF[field] ?? ''], [0x0100, field], [0x0110, messageId], ...more.filter(([element]) => element < 0x0700),
    [0x0700, 0], [0x0800, 0],
  ]);
const identifierOf = (...elements: Element[]) =>
  datasetBytes([[0x00080052, 'CS', 'STUDY'], [0x0020000d, 'UI', '1.2.3'], ...elements]);
const request = (field: number, identifier: Uint8Array, messageId = 1): Uint8Array[] => {
  const contextId = CONTEXT_OF[field] ?? 0;
  const parts: Uint8Array[] = [pdata(contextId, 3, command(field, messageId))];
  for (let at = 0; at === 0 || at < identifier.length; at += 100_000) {
    const isLast = at + 100_000 >= identifier.length;
    parts.push(pdata(contextId, isLast ? 2 : 0, identifier.subarray(at, at + 100_000)));
  }
  return parts;
};
const cancel = (field: number, messageId = 1) =>
  pdata(
    CONTEXT_OF[field] ?? 0,
    3,
    commandBytes([
      [0x0100, 0x0fff],
      [0x0120, messageId],
      [0x0800, 0x0101],
    ]),
  );
const ECHO = pdata(
  7,
  3,
  commandBytes([
    [0x0002, VERIFICATION],
    [0x0100, 0x30],
    [0x0110, 99],
    [0x0800, 0x0101],
  ]),
);

/** Statuses of the responses until one is final, and the comment of that. */
async function answers(peer: RawPeer): Promise<{ statuses: number[]; comment: string | undefined }> {
  const statuses: number[] = [];
  for (let pdu = await peer.next(); pdu !== undefined; pdu = await peer.next()) {
    const status = pdu.type === 4 ? commandElement(pdu, 0x0900) : undefined;
    // The data set of a pending response is a PDU of its own.
    if (status === undefined || (pdu.body[5] ?? 0) % 2 === 0) continue;
    statuses.push(status);
    if (status >>> 8 !== 0xff) return { statuses, comment: commandText(pdu, 0x0902) };
  }
  return { statuses, comment: 'closed' };
}

const row = (n: number): AttributeRow => ({ StudyInstanceUID: `1.2.${n}`, PatientName: 'Doe^John' });

/** Rows without end; tells how many were taken, and whether whoever took them has let go. */
function endless(pauseMs = 0) {
  const seen = { rows: 0, left: false };
  async function* find() {
    try {
      for (;;) {
        if (pauseMs > 0) await sleep(pauseMs);
        seen.rows += 1;
        yield [row(seen.rows)];
      }
    } finally {
      seen.left = true;
    }
  }
  return { seen, find };
}

async function expectAlive(peer: RawPeer): Promise<void> {
  peer.write(ECHO);
  expect((await answers(peer)).statuses).toEqual([0]);
}

describe.each([
  ['C-FIND', C_FIND, 0xa700],
  ['C-MOVE', C_MOVE, 0xa701],
  ['C-GET', C_GET, 0xa701],
])('%s', (_name, field = 0, outOfResources) => {
  it.each([
    [
      'an identifier of 10 MB',
      Buffer.alloc(10_000_000, 0x20),
      outOfResources,
      'the identifier is longer than 1048576 bytes',
    ],
    ['no data set at all', Buffer.alloc(3000, 0xff), 0xc000, undefined],
    [
      'a length that lies',
      Buffer.concat([identifierOf().subarray(0, 12), Buffer.from([0x10, 0, 0x10, 0, 0x50, 0x4e, 0xff, 0x7f])]),
      0xc000,
      undefined,
    ],
    ['nothing', Buffer.alloc(0), 0xc000, undefined],
    [
      'no level',
      datasetBytes([[0x0020000d, 'UI', '1.2.3']]),
      0xa900,
      'Query/Retrieve Level must be STUDY, SERIES, IMAGE',
    ],
    [
      'a level of another world',
      datasetBytes([[0x00080052, 'CS', "'; DROP--"]]),
      0xa900,
      'Query/Retrieve Level must be STUDY, SERIES, IMAGE',
    ],
  ])('%s: the right status, and the association lives', async (_what, identifier, status, comment) => {
    const { scp, peer } = await start({});
    peer.write(...request(field, identifier));
    const answer = await answers(peer);
    expect(answer.statuses).toEqual([status]);
    if (comment !== undefined) expect(answer.comment).toBe(comment);
    await expectAlive(peer);
    expect(scp.context.errors).toEqual([]);
  });
});

describe('C-FIND', () => {
  it('more matches than one request is answered with: A700 behind them', async () => {
    const { peer } = await start({ find: endless().find }, { maxMatches: 3 });
    peer.write(...request(C_FIND, identifierOf()));
    expect(await answers(peer)).toEqual({
      statuses: [0xff00, 0xff00, 0xff00, 0xa700],
      comment: 'more than 3 matches: ask for less',
    });
    await expectAlive(peer);
  });

  it('a database that is away: A700 with its name', async () => {
    // biome-ignore lint/correctness/useYield: it never comes so far
    async function* find(): AsyncGenerator<never> {
      throw new AppError('DATABASE_UNAVAILABLE', 'the database does not answer');
    }
    const { peer } = await start({ find });
    peer.write(...request(C_FIND, identifierOf()));
    expect(await answers(peer)).toEqual({ statuses: [0xa700], comment: 'the database does not answer' });
  });

  it('cancel with the request, behind some matches, and when it is over', async () => {
    const { seen, find } = endless();
    const { scp, peer } = await start({ find });
    peer.write(...request(C_FIND, identifierOf(), 5), cancel(C_FIND, 5));
    expect((await answers(peer)).statuses.at(-1)).toBe(0xfe00);
    expect(seen.left).toBe(true);
    peer.write(...request(C_FIND, identifierOf(), 6));
    await peer.next();
    peer.write(cancel(C_FIND, 7));
    await sleep(20);
    peer.write(cancel(C_FIND, 6));
    expect((await answers(peer)).statuses.at(-1)).toBe(0xfe00);
    peer.write(cancel(C_FIND, 6), cancel(C_FIND, 0));
    await expectAlive(peer);
    expect(scp.context.errors).toEqual([]);
  });

  /** Asks for names of 60 kB each, and reads none of them. */
  async function ignoreMatches(options: ReceiverOptions) {
    const { seen, find } = endless();
    const wide = async function* () {
      for await (const rows of find()) yield rows.map((each) => ({ ...each, PatientName: 'X'.repeat(60_000) }));
    };
    const { scp, peer } = await start({ find: wide }, { ...options, maxMatches: 10_000_000 });
    peer.socket.pause();
    peer.write(...request(C_FIND, identifierOf([0x00100010, 'PN', ''])));
    return { scp, seen };
  }

  it('a peer that does not read is not read for: the matches wait in the index', async () => {
    const { seen } = await ignoreMatches({ idleSeconds: 60 });
    const grown = { rows: -1 };
    while (grown.rows !== seen.rows) {
      grown.rows = seen.rows;
      await sleep(300);
    }
    // What the kernel holds for both ends, and no more.
    expect(seen.rows).toBeGreaterThan(1);
    expect(seen.rows).toBeLessThan(2000);
  });

  it('a peer that does not read for too long is cut, and nothing is left at work', async () => {
    const { scp, seen } = await ignoreMatches({ idleSeconds: 0.5 });
    await eventually(() => scp.associations === 0 && seen.left);
    expect(scp.context.errors).toEqual([]);
  });

  it('an index that takes its time does not count against the peer', async () => {
    async function* find() {
      await sleep(1500);
      yield [row(1)];
    }
    const { peer } = await start({ find }, { idleSeconds: 0.5 });
    peer.write(...request(C_FIND, identifierOf()));
    expect((await answers(peer)).statuses).toEqual([0xff00, 0]);
  });

  it.each([
    ['closes', (peer: RawPeer) => peer.destroy()],
    ['releases', (peer: RawPeer) => peer.write(RELEASE_RQ)],
    ['sends nonsense', (peer: RawPeer) => peer.write(Buffer.alloc(100, 0xee))],
  ])('a peer that %s in the middle: nothing is left at work', async (_how, leave) => {
    const { seen, find } = endless(1);
    const { scp, peer } = await start({ find });
    peer.write(...request(C_FIND, identifierOf()));
    await peer.next();
    leave(peer);
    await eventually(() => scp.associations === 0 && seen.left);
    expect(scp.context.errors).toEqual([]);
  });

  it('a request behind another, against the window, is served when that is over', async () => {
    const { peer } = await start({
      find: async function* () {
        await sleep(50);
        yield [row(1)];
      },
    });
    peer.write(...request(C_FIND, identifierOf(), 1), ...request(C_FIND, identifierOf(), 2), ECHO);
    expect((await answers(peer)).statuses).toEqual([0xff00, 0]);
    expect((await answers(peer)).statuses).toEqual([0xff00, 0]);
    expect((await answers(peer)).statuses).toEqual([0]);
  });

  it('closing the receiver ends what is at work', async () => {
    const { seen, find } = endless(1);
    const { scp, peer } = await start({ find });
    peer.write(...request(C_FIND, identifierOf()));
    await peer.next();
    await scp.close();
    expect(seen.left).toBe(true);
    expect(scp.associations).toBe(0);
  });
});

describe('C-GET', () => {
  const instances = async () => {
    const { directory } = running.scp ?? { directory: '' };
    const object = testObject(1, { study: 'got' });
    const file = `${directory}/object.dcm`;
    writePart10(file, object, 'explicit');
    const { dataset: _, ...identity } = outgoingFile(file);
    return [1, 2, 3].map(() => ({ ...identity, file: async () => file }));
  };
  const answer = (pdu: { body: Buffer } | undefined, status = 0) => {
    const messageId = pdu === undefined ? 0 : (commandElement({ type: 4, body: pdu.body }, 0x0110) ?? 0);
    return pdata(
      9,
      3,
      commandBytes([
        [0x0100, 0x8001],
        [0x0120, messageId],
        [0x0800, 0x0101],
        [0x0900, status],
      ]),
    );
  };
  /** Reads a C-STORE-RQ with its data set; the command. */
  async function stored(peer: RawPeer) {
    for (let pdu = await peer.next(); pdu !== undefined; pdu = await peer.next()) {
      if (commandElement(pdu, 0x0100) !== 1 || (pdu.body[5] ?? 0) % 2 === 0) continue;
      for (let data = await peer.next(); data !== undefined && (data.body[5] ?? 0) !== 2; ) data = await peer.next();
      return pdu;
    }
    return undefined;
  }

  it('cancel between two instances: FE00 with what remains', async () => {
    const { peer } = await start({ instances });
    peer.write(...request(C_GET, identifierOf(), 4));
    const first = await stored(peer);
    peer.write(cancel(C_GET, 4), answer(first));
    const final = await peer.next();
    expect(final && [0x0900, 0x1020, 0x1021, 0x1022].map((element) => commandElement(final, element))).toEqual([
      0xfe00, 2, 1, 0,
    ]);
    await expectAlive(peer);
  });

  it('refusals and warnings of the peer are counted', async () => {
    const { peer } = await start({ instances });
    peer.write(...request(C_GET, identifierOf()));
    for (const status of [0xa700, 0xb007, 0]) peer.write(answer(await stored(peer), status));
    const final = await peer.next();
    expect(final && [0x0900, 0x1021, 0x1022, 0x1023].map((element) => commandElement(final, element))).toEqual([
      0xb000, 1, 1, 1,
    ]);
  });

  it.each([
    ['never answers', (_peer: RawPeer) => {}],
    ['closes', (peer: RawPeer) => peer.destroy()],
    [
      'asks for more meanwhile, against the window',
      (peer: RawPeer) => peer.write(...request(C_FIND, identifierOf(), 2)),
    ],
    [
      'answers another message',
      (peer: RawPeer) =>
        peer.write(
          pdata(
            9,
            3,
            commandBytes([
              [0x0100, 0x8001],
              [0x0120, 77],
              [0x0800, 0x0101],
              [0x0900, 0],
            ]),
          ),
        ),
    ],
  ])('a peer that %s is cut, and nothing is left at work', async (_how, behave) => {
    const { scp, peer } = await start({ instances }, { idleSeconds: 0.5 });
    peer.write(...request(C_GET, identifierOf()));
    await stored(peer);
    behave(peer);
    await eventually(() => scp.associations === 0, 10);
    await eventually(() => scp.context.events.includes('retrieve.incomplete'));
    expect(scp.context.errors).toEqual([]);
  });

  it('more instances than one request is answered with: A701', async () => {
    const { peer } = await start({ instances }, { maxRetrieved: 2 });
    peer.write(...request(C_GET, identifierOf()));
    expect(await answers(peer)).toEqual({ statuses: [0xa701], comment: 'more than 2 instances: ask for less' });
  });
});
