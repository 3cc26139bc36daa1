import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../services/domain/errors.ts';
import { datasetBytes } from '../../support/dicom-bytes.ts';
import { type RawPeer, RELEASE_RQ } from '../../support/load-client.ts';
import {
  answers,
  C_FIND,
  C_GET,
  C_MOVE,
  cancel,
  ECHO,
  endless,
  expectAlive,
  identifierOf,
  request,
  row,
  start,
} from './query-bytes.ts';
import { eventually, type ReceiverOptions } from './receiver.ts';

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
