import { createServer, type Server, Socket } from 'node:net';
import type { TLSSocket, Server as TlsServer } from 'node:tls';
import type { Admission } from './admission.ts';
import { READ_BYTES, readingInto } from './reused-reads.ts';
import { listenerOptions, type TlsIdentity, tlsServer } from './tls-profile.ts';

/** A handshake that did not end well: nobody came in. */
interface FailedHandshake {
  readonly address: string;
  /** Of Node or OpenSSL, or why the certificate was not believed: CERT_HAS_EXPIRED, ERR_SSL_NO_SHARED_CIPHER. */
  readonly cause: string;
}

export interface ListenerPorts {
  readonly admission: Admission;
  /** Other processes listen on the same port (SO_REUSEPORT). */
  readonly sharesPort: boolean;
  accepted(socket: Socket): void;
  handshakeFailed(failure: FailedHandshake): void;
  failed(error: Error): void;
}

/** A port that is listened on. */
export interface Listener {
  readonly port: number;
  close(): Promise<void>;
}

export async function listenPlain(host: string, port: number, ports: ListenerPorts): Promise<Listener> {
  const buffer = new Uint8Array(READ_BYTES);
  const server = createServer({ pauseOnConnect: true }, (connected) => ports.accepted(readingInto(buffer, connected)));
  return listening(server, host, port, ports);
}

export interface TlsListener extends Listener {
  /** For the next handshakes; those who are in stay. */
  renew(identity: TlsIdentity): void;
}

/** Whoever is in a handshake is counted with those that are no association yet. */
export async function listenTls(
  host: string,
  port: number,
  { identity, handshakeSeconds }: { readonly identity: TlsIdentity; readonly handshakeSeconds: number },
  ports: ListenerPorts,
): Promise<TlsListener> {
  const { admission } = ports;
  const server: TlsServer = tlsServer(identity, handshakeSeconds);
  const shaking = new Map<string, { drop(): void }>();
  const over = (name: string) => {
    const connection = shaking.get(name);
    shaking.delete(name);
    if (connection !== undefined) admission.disconnected(connection);
  };
  server.on('connection', (socket) => {
    const connection = { drop: () => void socket.destroy() };
    const name = nameOf(socket);
    shaking.set(name, connection);
    admission.connected(connection);
    socket.once('close', () => over(name));
  });
  server.on('secureConnection', (socket) => {
    over(nameOf(socket));
    ports.accepted(socket);
  });
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
    ports.handshakeFailed({ address: addressOf(socket), cause: causeOf(error, socket) });
    socket.destroy();
  });
  const listener = await listening(server, host, port, ports);
  return { ...listener, renew: (renewed) => server.setSecureContext(listenerOptions(renewed)) };
}

const nameOf = ({ remoteAddress = '', remotePort = 0 }: Socket): string => `${remoteAddress} ${remotePort}`;

/**
 * A connection that was refused for its certificate is closed already, and knows no address any more. The one below it does, for
 * it was asked while it was open; the way there is not documented, and without it the address stays unknown.
 */
function addressOf(socket: TLSSocket): string {
  const below: unknown = Reflect.get(socket, '_parent');
  return socket.remoteAddress ?? (below instanceof Socket ? below.remoteAddress : undefined) ?? '';
}

/** What was wrong with a certificate is known to the socket alone. */
function causeOf(error: NodeJS.ErrnoException, { authorizationError }: TLSSocket): string {
  if (authorizationError instanceof Error)
    return String(Reflect.get(authorizationError, 'code') ?? authorizationError.message);
  return authorizationError ? String(authorizationError) : (error.code ?? error.message);
}

async function listening(server: Server, host: string, port: number, ports: ListenerPorts): Promise<Listener> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, reusePort: ports.sharesPort }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  server.on('error', (error) => ports.failed(error));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
