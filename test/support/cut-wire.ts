import { connect, createServer, type Socket } from 'node:net';
import { freePort } from '../../services/main/ports.ts';

/** A wire to a server that can be cut: it lets so much of the server's through, then both ends lose it. */
export interface Wire {
  readonly port: number;
  readonly cuts: number;
  /** From now on each connection is cut so many bytes behind `mark`; without one, behind the first. */
  cutAfter(bytes: number, mark?: string): void;
  /** Everything passes. */
  mend(): void;
  close(): Promise<void>;
}

interface State {
  cut: { readonly bytes: number; readonly mark: string } | undefined;
  cuts: number;
}

export async function startWire(to: number): Promise<Wire> {
  const state: State = { cut: undefined, cuts: 0 };
  const sockets = new Set<Socket>();
  const server = createServer((client) => join(client, connect(to, '127.0.0.1'), state, sockets));
  const port = await freePort(0);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    port,
    get cuts() {
      return state.cuts;
    },
    cutAfter(bytes, mark = '') {
      state.cut = { bytes, mark };
    },
    mend() {
      state.cut = undefined;
    },
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function join(client: Socket, there: Socket, state: State, sockets: Set<Socket>): void {
  const end = () => {
    client.destroy();
    there.destroy();
  };
  for (const socket of [client, there]) {
    sockets.add(socket);
    socket.on('error', end);
    socket.on('close', end);
  }
  client.pipe(there);
  const passed = { cut: state.cut, bytes: 0 };
  there.on('data', (bytes) => {
    if (passed.cut !== state.cut) Object.assign(passed, { cut: state.cut, bytes: 0 });
    if (passed.bytes > 0 || bytes.includes(passed.cut?.mark ?? '')) passed.bytes += bytes.length;
    const beyond = passed.cut === undefined ? 0 : passed.bytes - passed.cut.bytes;
    client.write(beyond > 0 ? bytes.subarray(0, Math.max(0, bytes.length - beyond)) : bytes);
    if (beyond <= 0) return;
    state.cuts += 1;
    end();
  });
}
