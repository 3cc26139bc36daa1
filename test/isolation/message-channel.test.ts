import { Duplex, PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ChannelLimits, messageChannel } from '../../services/isolation/message-channel.ts';

const LIMITS: ChannelLimits = { lineBytes: 1000, payloadBytes: 5000 };

/** What one end writes, as bytes. */
async function written(send: (channel: ReturnType<typeof messageChannel>) => void): Promise<Buffer> {
  const socket = new PassThrough();
  const chunks: Buffer[] = [];
  const channel = messageChannel(
    Duplex.from({ writable: socket, readable: new PassThrough() }),
    LIMITS,
    () => {},
    () => {},
  );
  send(channel);
  socket.end();
  for await (const chunk of socket) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** What the other end hears when the bytes come cut at these places. */
async function heard(bytes: Buffer, cuts: readonly number[], limits = LIMITS) {
  const socket = new PassThrough();
  const messages: { line: string; payload: Buffer }[] = [];
  const ends = { overflows: 0 };
  messageChannel(
    socket,
    limits,
    (line, payload) => messages.push({ line, payload: Buffer.concat(payload) }),
    () => (ends.overflows += 1),
  );
  const places = [0, ...[...cuts].sort((a, b) => a - b), bytes.length];
  for (const [index, from] of places.entries()) socket.write(bytes.subarray(from, places[index + 1] ?? bytes.length));
  await new Promise((resolve) => setImmediate(resolve));
  return { messages, ...ends };
}

const Message = fc.record({
  text: fc.string({ unit: 'grapheme', maxLength: 40 }),
  payload: fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 3 }),
});

describe('messages between a process and its child', () => {
  it('arrive as they were sent, whatever the bytes of a payload and wherever the stream is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(Message, { maxLength: 5 }),
        fc.array(fc.nat(), { maxLength: 8 }),
        async (sent, cuts) => {
          const bytes = await written((channel) => {
            for (const { text, payload } of sent) void channel.send({ text }, payload);
          });
          const { messages, overflows } = await heard(
            bytes,
            cuts.map((cut) => cut % (bytes.length + 1)),
          );
          expect(overflows).toBe(0);
          expect(messages.map(({ line, payload }) => ({ ...JSON.parse(line), payload }))).toEqual(
            sent.map(({ text, payload }) => ({ text, payload: Buffer.concat(payload) })),
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  // biome-ignore format: a table
  it.each<[string, string]>([
    ['a line that does not end',         'x'.repeat(1001)],
    ['a line that is too long',          `${'x'.repeat(1001)}\n`],
    ['a payload above the limit',        '#5001 {}\n'],
    ['a payload of an absurd size',      '#999999999999999 {}\n'],
  ])('%s is given up at once, and nothing after it is heard', async (_what, text) => {
    const { messages, overflows } = await heard(Buffer.from(`{"first":1}\n${text}{"after":1}\n`), [3, 30]);
    expect(overflows).toBe(1);
    expect(messages.map(({ line }) => line)).toEqual(['{"first":1}']);
  });

  it('a line at the limit and a payload at the limit are taken', async () => {
    const { messages, overflows } = await heard(Buffer.from(`${'x'.repeat(1000)}\n#5000 {}\n${'y'.repeat(5000)}`), []);
    expect(overflows).toBe(0);
    expect(messages.map(({ line, payload }) => [line.length, payload.length])).toEqual([
      [1000, 0],
      [2, 5000],
    ]);
  });
});
