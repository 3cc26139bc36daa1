import { Socket, type SocketConstructorOpts } from 'node:net';

/** What one read takes at most: enough for what waits in a busy socket, little enough to stay in a cache of the processor. */
export const READ_BYTES = 256 * 1024;

/**
 * The connection of a paused socket, read into one buffer again and again: 'data' gives a view of it, which holds until its
 * listener returns. Sockets may share the buffer, for a listener ends before the next read. Half of the processor time that
 * reading costs goes into new buffers otherwise.
 *
 * `onread` is documented for sockets that one connects; for one that was accepted the way there is its handle, which is not.
 * Where there is none, the socket is read as any other.
 */
export function readingInto(buffer: Uint8Array, accepted: Socket): Socket {
  const { _handle: handle } = accepted as unknown as { _handle?: object | null };
  if (typeof handle !== 'object' || handle === null) {
    accepted.resume();
    return accepted;
  }
  const onread = {
    buffer,
    callback(bytes: number, read: Uint8Array): boolean {
      socket.emit('data', read.subarray(0, bytes));
      return true;
    },
  };
  const socket = new Socket({ handle, onread } as SocketConstructorOpts);
  Object.assign(accepted, { _handle: null });
  // The server counts the connection by the socket it has made.
  socket.once('close', () => accepted.destroy());
  return socket;
}
