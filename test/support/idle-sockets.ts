import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { associateRQBytes } from './load-client.ts';

/** Connections that say nothing, or half a request; whoever accepts them may drop what it likes. */
export async function idleSockets(port: number, count: number): Promise<{ readonly open: number; close(): void }> {
  const sockets: Socket[] = [];
  const half = associateRQBytes().subarray(0, 100);
  for (let at = 0; at < count; at += 250) {
    const group = Array.from({ length: Math.min(250, count - at) }, () => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {});
      return socket;
    });
    sockets.push(...group);
    await Promise.all(group.map((socket) => Promise.race([once(socket, 'connect'), once(socket, 'close')])));
    for (const [n, socket] of group.entries()) if (n % 2 === 0 && !socket.destroyed) socket.write(half);
  }
  return {
    get open() {
      return sockets.filter(({ destroyed }) => !destroyed).length;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}
