import { createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../../domain/context.ts';
import { AcceptedAssociation, type AcceptorOptions } from './accepted-association.ts';
import { Admission } from './admission.ts';
import { ARTIM_SECONDS, MAX_PENDING_CONNECTIONS, PACE_BYTES_PER_SECOND, PACE_SECONDS } from './limits.ts';
import { READ_BYTES, readingInto } from './reused-reads.ts';
import type { SessionPorts } from './session.ts';

/** What an operator sets; the rest has the defaults below. */
export interface ScpOptions extends Partial<AcceptorOptions> {
  readonly AETitle: string;
  readonly host: string;
  /** 0: the system chooses. */
  readonly port: number;
  /** Other processes listen on the same port, and the system shares connections out (SO_REUSEPORT). */
  readonly sharesPort?: boolean;
  readonly maxAssociations?: number;
  readonly maxAssociationsPerPeer?: number;
  readonly maxPendingConnections?: number;
}

export interface StorageScp {
  readonly port: number;
  /** Associations that are open now. */
  readonly associations: number;
  /** Stops listening, lets messages on their way be answered for a few seconds, then aborts what is left. */
  close(): Promise<void>;
}

const GRACE_SECONDS = 5;

const DEFAULTS: Omit<AcceptorOptions, 'AETitle'> = {
  anyCalledAETitle: false,
  isPrivateStorage: () => false,
  isAllowed: (_callingAETitle, service) => service === 'verification' || service === 'storage',
  maxInstanceBytes: 2 * 1024 ** 3,
  artimSeconds: ARTIM_SECONDS,
  idleSeconds: 60,
  totalSeconds: 7200,
  paceSeconds: PACE_SECONDS,
  paceBytesPerSecond: PACE_BYTES_PER_SECOND,
};

/** Listens for associations and serves C-ECHO, C-STORE, and the queries it has ports for — PS3.4 Annexes A, B and C, as SCP. */
export async function startStorageScp(context: Context, options: ScpOptions, ports: SessionPorts): Promise<StorageScp> {
  const { host, port, maxAssociations = 32, maxAssociationsPerPeer = 8, maxPendingConnections } = options;
  const acceptorOptions = { ...DEFAULTS, ...options };
  const admission = new Admission(
    maxAssociations,
    maxAssociationsPerPeer,
    maxPendingConnections ?? MAX_PENDING_CONNECTIONS,
  );
  const live = new Set<AcceptedAssociation>();

  const buffer = new Uint8Array(READ_BYTES);
  const server = createServer({ pauseOnConnect: true }, (connected) => {
    const socket = readingInto(buffer, connected);
    const accepted = new AcceptedAssociation(context, socket, acceptorOptions, ports, admission);
    live.add(accepted);
    void accepted.over.then(() => live.delete(accepted));
  });
  server.on('error', (error) => context.log.error('receiver.failed', error));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, reusePort: options.sharesPort ?? false }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  const closing = { once: undefined as Promise<void> | undefined };
  const close = () => {
    closing.once ??= closeAll(server, live);
    return closing.once;
  };
  context.signal.addEventListener('abort', () => void close(), { once: true });
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    get associations() {
      return admission.associations;
    },
    close,
  };
}

async function closeAll(server: Server, live: ReadonlySet<AcceptedAssociation>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const accepted of live) accepted.closeWhenAnswered();
  const everyone = Promise.all([...live].map(({ over }) => over));
  await Promise.race([everyone, sleep(GRACE_SECONDS * 1000, undefined, { ref: false })]);
  for (const accepted of live) accepted.abort('the receiver is shutting down');
  await everyone;
  await closed;
}
