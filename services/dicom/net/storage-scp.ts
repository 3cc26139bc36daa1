import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../../domain/context.ts';
import { diagnosisWords } from '../../domain/diagnosis.ts';
import { AcceptedAssociation, type AcceptorOptions, plainAddress } from './accepted-association.ts';
import { Admission, type HeldAssociations } from './admission.ts';
import { handshakeDiagnosis } from './caller-account.ts';
import { InstancePaces } from './instance-pace.ts';
import { ARTIM_SECONDS, MAX_PENDING_CONNECTIONS, PACE_BYTES_PER_SECOND, PACE_SECONDS } from './limits.ts';
import { type Listener, type ListenerPorts, listenPlain, listenTls } from './listeners.ts';
import type { SessionPorts } from './session.ts';
import type { TlsIdentity } from './tls-profile.ts';

/** What an operator sets; the rest has the defaults below. */
export interface ScpOptions extends Partial<AcceptorOptions> {
  readonly AETitle: string;
  readonly host: string;
  /** 0: the system chooses; none: nothing is heard in plaintext. */
  readonly port?: number | undefined;
  /** A port of its own for DICOM TLS. */
  readonly tls?: { readonly port: number; readonly identity: TlsIdentity } | undefined;
  /** Other processes listen on the same ports, and the system shares connections out (SO_REUSEPORT). */
  readonly sharesPort?: boolean;
  /** Hears what is held here, each time it changes: for the limits of processes that share a port. */
  readonly onHeld?: ((held: HeldAssociations) => void) | undefined;
  readonly maxAssociations?: number;
  readonly maxAssociationsPerPeer?: number;
  readonly maxPendingConnections?: number;
}

export interface StorageScp {
  /** 0: none in plaintext, or none by TLS. */
  readonly port: number;
  readonly tlsPort: number;
  /** For the next handshakes by TLS. */
  renewIdentity(identity: TlsIdentity): void;
  /** What the processes that share the port hold, all but this one. */
  othersHold(held: HeldAssociations): void;
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
  const { host, port, tls, maxAssociations = 32, maxAssociationsPerPeer = 8, maxPendingConnections } = options;
  const acceptorOptions = { ...DEFAULTS, ...options };
  const admission = new Admission(
    maxAssociations,
    maxAssociationsPerPeer,
    maxPendingConnections ?? MAX_PENDING_CONNECTIONS,
    options.onHeld,
  );
  const shared = { admission, paces: new InstancePaces((peer) => admission.shareOf(peer)) };
  const live = new Set<AcceptedAssociation>();

  const listenerPorts: ListenerPorts = {
    admission,
    sharesPort: options.sharesPort ?? false,
    accepted(socket) {
      const accepted = new AcceptedAssociation(context, socket, acceptorOptions, ports, shared);
      live.add(accepted);
      void accepted.over.then(() => live.delete(accepted));
    },
    handshakeFailed({ address, cause }) {
      context.metrics.count('connections_without_association');
      const peer = plainAddress(address);
      const diagnosis = handshakeDiagnosis(cause, options.AETitle, peer);
      const { sentence } = diagnosisWords(diagnosis);
      context.log.warn('association.none', { peer, how: 'rejected', reason: cause, explanation: sentence });
      ports.contact?.({ direction: 'in', AETitle: '', address: peer, diagnosis });
    },
    failed: (error) => context.log.error('receiver.failed', error),
  };
  const plain = port === undefined ? undefined : await listenPlain(host, port, listenerPorts);
  const secure =
    tls && (await listenTls(host, tls.port, { ...tls, handshakeSeconds: acceptorOptions.artimSeconds }, listenerPorts));
  const listeners = [plain, secure].filter((listener) => listener !== undefined);
  const closing = { once: undefined as Promise<void> | undefined };
  const close = () => {
    closing.once ??= closeAll(listeners, live);
    return closing.once;
  };
  context.signal.addEventListener('abort', () => void close(), { once: true });
  return {
    port: plain?.port ?? 0,
    tlsPort: secure?.port ?? 0,
    renewIdentity: (identity) => secure?.renew(identity),
    othersHold: (held) => admission.othersHold(held),
    get associations() {
      return admission.associations;
    },
    close,
  };
}

async function closeAll(listeners: readonly Listener[], live: ReadonlySet<AcceptedAssociation>): Promise<void> {
  const closed = Promise.all(listeners.map((listener) => listener.close()));
  for (const accepted of live) accepted.closeWhenAnswered();
  const everyone = Promise.all([...live].map(({ over }) => over));
  await Promise.race([everyone, sleep(GRACE_SECONDS * 1000, undefined, { ref: false })]);
  for (const accepted of live) accepted.abort('the receiver is shutting down');
  await everyone;
  await closed;
}
