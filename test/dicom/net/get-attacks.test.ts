import { describe, expect, it } from 'vitest';
import { commandBytes, commandElement, pdata, type RawPeer } from '../../support/load-client.ts';
import { outgoingFile, writePart10 } from './part10-files.ts';
import { testObject } from './queried-receiver.ts';
import { answers, C_FIND, C_GET, cancel, expectAlive, identifierOf, request, running, start } from './query-bytes.ts';
import { eventually } from './receiver.ts';

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
