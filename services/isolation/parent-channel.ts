import { Socket } from 'node:net';
import { CHANNEL_DESCRIPTOR, type MessageChannel, messageChannel } from './message-channel.ts';

/**
 * The child's end: requests are heard one after the other, each when the one before is answered. The child has no
 * environment, no credentials and one open file, the channel to its parent; when that closes, it ends.
 */
export function serveParent(
  maxRequestBytes: number,
  answer: (request: unknown, channel: MessageChannel) => Promise<void>,
): void {
  const socket = new Socket({ fd: CHANNEL_DESCRIPTOR, readable: true, writable: true });
  const queue = { last: Promise.resolve() };
  const limits = { lineBytes: maxRequestBytes, payloadBytes: 0 };
  const channel = messageChannel(
    socket,
    limits,
    (line) => {
      const request: unknown = JSON.parse(line);
      queue.last = queue.last.then(() => answer(request, channel));
    },
    () => process.exit(3),
  );
  socket.on('close', () => process.exit(0));
  // Ctrl-C reaches the whole group; the parent decides what ends.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
  channel.send({ type: 'ready' });
}
