import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type OutgoingInstance, sendInstances } from '../../../services/dicom/net/storage-scu.ts';
import { echo } from '../../../services/dicom/net/verification-scu.ts';
import { AppError } from '../../../services/domain/errors.ts';
import { ABORT, EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN } from '../../support/load-client.ts';
import { pdu } from '../../support/pdu-bytes.ts';
import { ctInstance } from './ct-instance.ts';
import { type Receiver, type ReceiverOptions, startReceiver } from './receiver.ts';

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function receiver(options: ReceiverOptions = {}): Promise<Receiver> {
  const started = await startReceiver(options);
  cleanups.push(() => started.stop());
  return started;
}

/** A listener that answers each chunk with the next of `answers`. */
async function fakePeer(...answers: Uint8Array[]) {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    const left = [...answers];
    socket.on('error', () => {});
    socket.on('data', () => {
      const answer = left.shift();
      if (answer !== undefined) socket.write(answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const bound = server.address();
  return { AETitle: 'FAKE', host: '127.0.0.1', port: typeof bound === 'object' && bound ? bound.port : 0 };
}

const at = ({ port }: Receiver) => ({ AETitle: 'OVERREAD', host: '127.0.0.1', port });
const outgoing = (n: number, syntax = EXPLICIT_VR_LITTLE_ENDIAN): OutgoingInstance => ({
  ...ctInstance(n, { syntax: syntax === EXPLICIT_VR_LITTLE_ENDIAN ? 'explicit' : 'implicit' }),
  TransferSyntaxUID: syntax,
});

describe('sendInstances', () => {
  it('sends several transfer syntaxes in one association, in order, and reports each', async () => {
    const scp = await receiver();
    const seen: string[] = [];
    const objects = [outgoing(1), outgoing(2, IMPLICIT_VR_LITTLE_ENDIAN), outgoing(3)];
    const results = await sendInstances(at(scp), 'SCU', objects, { onResult: (one) => seen.push(one.SOPInstanceUID) });
    expect(results).toEqual(objects.map(({ SOPInstanceUID }) => ({ SOPInstanceUID, taken: true, status: 0 })));
    expect(seen).toEqual(objects.map(({ SOPInstanceUID }) => SOPInstanceUID));
    expect(scp.recorded.map(({ TransferSyntaxUID }) => TransferSyntaxUID)).toEqual(
      objects.map((o) => o.TransferSyntaxUID),
    );
    expect(scp.ended).toMatchObject([{ released: true }]);
  });

  it('opens a new association for what the first did not propose: 141 contexts do not fit in one', async () => {
    const scp = await receiver();
    const objects = Array.from({ length: 140 }, (_, i) => ({ ...outgoing(i), TransferSyntaxUID: `1.2.3.${i}` }));
    objects.push(outgoing(500));
    const results = await sendInstances(at(scp), 'SCU', objects);
    expect(results.filter(({ taken }) => taken)).toHaveLength(1);
    expect(results[0]).toMatchObject({
      taken: false,
      status: 0x0122,
      error: 'presentation context refused: transfer syntaxes not supported',
    });
    expect(scp.context.events.filter((event) => event === 'association.accepted').length).toBeGreaterThan(1);
  });

  it('sends from a file, from an offset, longer than one piece', async () => {
    const scp = await receiver();
    const instance = ctInstance(1, { pixelBytes: 12_000_000 });
    const file = join(tmpdir(), `overread-scu-${randomUUID()}`);
    writeFileSync(file, Buffer.concat([Buffer.alloc(777), instance.dataset]));
    const dataset = { file, offset: 777, length: instance.dataset.length };
    const [result] = await sendInstances(at(scp), 'SCU', [
      { ...instance, TransferSyntaxUID: EXPLICIT_VR_LITTLE_ENDIAN, dataset },
    ]);
    expect(result).toMatchObject({ taken: true });
    const [recorded] = scp.recorded;
    expect(recorded && scp.dataset(recorded).equals(instance.dataset)).toBe(true);
  });

  it('tells the status and the comment of a refusal, and goes on', async () => {
    const scp = await receiver({ maxInstanceBytes: 30_000 });
    const large = { ...ctInstance(1, { pixelBytes: 40_000 }), TransferSyntaxUID: EXPLICIT_VR_LITTLE_ENDIAN };
    const results = await sendInstances(at(scp), 'SCU', [large, outgoing(2)]);
    expect(results).toMatchObject([
      { taken: false, status: 0xa700, error: 'status A700: data set longer than the limit of 30000 bytes' },
      { taken: true },
    ]);
  });

  it.each([
    ['a peer that is not there', async () => ({ AETitle: 'X', host: '127.0.0.1', port: 1 }), /ECONNREFUSED/],
    ['a peer that says nothing', () => fakePeer(), /no answer within 0.3 s/],
    ['a peer that aborts', () => fakePeer(ABORT), /aborted by peer/],
    ['a peer that rejects', () => fakePeer(pdu(0x03, 0, 1, 1, 7)), /called AE title not recognized/],
    ['a peer that speaks HTTP', () => fakePeer(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')), /PDU_UNKNOWN_TYPE/],
  ])('%s: a result that says so, for every object', async (_name, start, error) => {
    const results = await sendInstances(await start(), 'SCU', [outgoing(1), outgoing(2)], { timeoutSeconds: 0.3 });
    expect(results).toMatchObject([{ taken: false }, { taken: false }]);
    for (const result of results) expect(result.error).toMatch(error);
  });

  it('asks a peer that rejects once, not once for each object', async () => {
    const scp = await receiver();
    const wrong = { ...at(scp), AETitle: 'SOMEBODY' };
    const results = await sendInstances(wrong, 'SCU', [outgoing(1), outgoing(2), outgoing(3)], { timeoutSeconds: 5 });
    expect(results.map(({ error }) => error)).toEqual(Array(3).fill(expect.stringContaining('not recognized')));
    expect(scp.context.events.filter((event) => event === 'association.rejected')).toHaveLength(1);
  });

  it('stops when it is cancelled, with an abort', async () => {
    const cancel = new AbortController();
    const scp = await receiver({
      recordInstance: async () => {
        cancel.abort();
        return new Promise((resolve) => setTimeout(() => resolve('new'), 100));
      },
    });
    const results = await sendInstances(at(scp), 'SCU', [outgoing(1), outgoing(2)], { signal: cancel.signal });
    expect(results).toMatchObject([{ taken: false, error: expect.stringContaining('cancelled') }, { taken: false }]);
  });
});

describe('echo', () => {
  it('resolves when the peer answers', async () => {
    await echo(at(await receiver()), 'SCU', { timeoutSeconds: 5 });
  });

  it.each([
    ['ASSOCIATION_REJECTED', async () => ({ ...at(await receiver()), AETitle: 'OTHER' })],
    ['PACS_UNREACHABLE', async () => ({ AETitle: 'X', host: '127.0.0.1', port: 1 })],
    ['ASSOCIATION_TIMEOUT', () => fakePeer()],
  ])('throws %s', async (code, peer) => {
    const failure = await echo(await peer(), 'SCU', { timeoutSeconds: 0.3 }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(AppError);
    expect(failure).toMatchObject({ code });
  });
});
