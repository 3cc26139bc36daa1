import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Context, Fields } from '../../domain/context.ts';
import type { Access, Caller, CertificateNames, Refused } from '../../domain/peer-access.ts';
import { fragmentBytes } from '../dimse/encode-message.ts';
import type { AssociateAC, AssociateRJ, AssociateRQ, Fragment } from '../ul/pdu.ts';
import { acceptedContexts } from './accepted-contexts.ts';
import type { Admission } from './admission.ts';
import { Association } from './association.ts';
import type { AssociationEnd, AssociationUser } from './association-user.ts';
import { CallerAccount } from './caller-account.ts';
import { limitsFor, policyFor } from './caller-policy.ts';
import { certificateNames } from './certificate-names.ts';
import { type DeadlineLimits, Deadlines } from './deadlines.ts';
import { type InstancePaces, paced } from './instance-pace.ts';
import { type NegotiationPolicy, negotiate, rejection } from './negotiate.ts';
import { Session, type SessionPorts } from './session.ts';

export interface AcceptorOptions extends NegotiationPolicy, DeadlineLimits {
  readonly maxInstanceBytes: number;
  readonly artimSeconds: number;
  /** What a caller may do, by the table of peers; none: the policy alone says. */
  readonly accessOf?: ((caller: Caller) => Access | Refused) | undefined;
}

/** One connection of the SCP, from `accept` to the last byte: admission, association, session and deadlines joined. */
export class AcceptedAssociation implements AssociationUser {
  readonly #context: Context;
  readonly #socket: Socket;
  readonly #options: AcceptorOptions;
  readonly #ports: SessionPorts;
  readonly #admission: Admission;
  readonly #association: Association;
  readonly #paces: InstancePaces;
  /** Address of the other side. */
  readonly #peer: string;
  readonly #over = new AbortController();
  #access: Access | undefined;
  readonly #account: CallerAccount;
  readonly #startedAt = performance.now();
  #log: Fields = {};
  #session: Session | undefined;
  #deadlines: NodeJS.Timeout | undefined;
  #isClosing = false;
  #sessionEnded: Promise<void> = Promise.resolve();
  /** Resolves when the socket is closed and everything of the association is told or undone. */
  readonly over: Promise<void>;

  constructor(
    context: Context,
    socket: Socket,
    options: AcceptorOptions,
    ports: SessionPorts,
    { admission, paces }: { readonly admission: Admission; readonly paces: InstancePaces },
  ) {
    this.#context = context;
    this.#socket = socket;
    this.#options = options;
    this.#ports = ports;
    this.#admission = admission;
    this.#paces = paces;
    this.#peer = plainAddress(socket.remoteAddress ?? '');
    this.#log = { peer: this.#peer };
    this.#account = new CallerAccount(options.AETitle, this.#peer, (contact) => ports.contact?.(contact));
    admission.connected(this);
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    this.#association = new Association(socket, this, options.artimSeconds);
    this.over = closed.then(() => {
      admission.disconnected(this);
      return this.#sessionEnded;
    });
  }

  /** Part of shutting down: aborts now, or as soon as the message on its way has been answered. */
  closeWhenAnswered(): void {
    this.#isClosing = true;
    const abort = () => {
      if (this.#session?.inFlight !== true) this.abort('the receiver is shutting down');
    };
    void this.#session?.quiet().then(abort);
    abort();
  }

  abort(reason: string): void {
    this.#association.abort(reason);
    // What was written leaves first; then the connection is cut without waiting for the peer.
    this.#socket.destroySoon();
  }

  /** Cut off to make room for another connection. */
  drop(): void {
    this.#socket.destroy();
  }

  answer(request: AssociateRQ): AssociateAC | AssociateRJ {
    const { callingAETitle, calledAETitle } = request;
    this.#log = { ...this.#log, callingAETitle, calledAETitle };
    const certificate = verifiedCertificate(this.#socket);
    const access = this.#options.accessOf?.({ callingAETitle, address: this.#peer, certificate });
    const answer = negotiate(request, policyFor(this.#options, access));
    this.#account.asked(request, access, certificate);
    if (access !== undefined && !('refused' in access)) this.#access = access;
    if (answer.type === 'A-ASSOCIATE-RJ') return this.#account.rejected(answer);
    if (!this.#admission.enter(this, this.#who, this.#access?.limits.associations))
      return this.#account.rejected(rejection('temporary congestion'));
    this.#openSession(request, answer);
    this.#account.accepted(request, answer);
    return answer;
  }

  /** By whom its associations are counted: by its entry, else by its address. */
  get #who(): string {
    return this.#access?.peer ?? this.#peer;
  }

  accepted(): void {
    // We are never the requestor.
  }

  fragment(fragment: Fragment): Promise<void> | undefined {
    const wait = this.#session?.fragment(fragment);
    return this.#isClosing ? wait?.then(() => this.closeWhenAnswered()) : wait;
  }

  ended({ how, reason, evidence, error }: AssociationEnd): void {
    clearInterval(this.#deadlines);
    this.#over.abort();
    const { log, metrics } = this.#context;
    const explanation = this.#account.ended(how, evidence);
    const fields = { ...this.#log, how, reason, ...explanation, ms: Math.round(performance.now() - this.#startedAt) };
    if (error !== undefined) log.error('association.failed', error, this.#log);
    if (this.#session === undefined) {
      metrics.count(how === 'rejected' ? 'associations_rejected' : 'connections_without_association');
      log.warn(how === 'rejected' ? 'association.rejected' : 'association.none', fields);
      return;
    }
    this.#admission.leave(this, this.#who);
    if (how !== 'released') metrics.count('associations_aborted');
    log.info('association.ended', { ...fields, ...this.#session.counts });
    this.#sessionEnded = this.#session.ended(how === 'released').catch((failure: unknown) => {
      log.error('association.end-not-recorded', failure, this.#log);
    });
  }

  #openSession(request: AssociateRQ, answer: AssociateAC): void {
    const contexts = acceptedContexts(request, answer, 'requestor');
    this.#session = new Session(
      this.#context,
      {
        callingAETitle: request.callingAETitle,
        contexts,
        maxFragmentBytes: fragmentBytes(request.userInformation.maximumLength),
        send: (buffers) => this.#association.send(buffers),
        abort: (reason) => this.#association.abort(reason),
      },
      this.#options,
      this.#pacedPorts(),
    );
    this.#context.metrics.count('associations_accepted');
    this.#context.log.info('association.accepted', {
      ...this.#log,
      contexts: contexts.size,
      refusedContexts: answer.presentationContexts.length - contexts.size,
    });
    this.#watch();
  }

  #pacedPorts(): SessionPorts {
    const pace = this.#paces.of(this.#who, this.#access?.limits.instancesPerSecond);
    if (pace === undefined) return this.#ports;
    return {
      ...this.#ports,
      openInstance: (request) => paced(this.#ports.openInstance(request), pace, this.#over.signal),
    };
  }

  #watch(): void {
    const limits = limitsFor(this.#options, this.#access);
    const { idleSeconds, paceSeconds, totalSeconds } = limits;
    const deadlines = new Deadlines(limits, performance.now());
    const everyMs = Math.min(1000, Math.min(idleSeconds, paceSeconds, totalSeconds) * 250);
    this.#deadlines = setInterval(() => {
      const overdue = deadlines.check(performance.now(), {
        bytes: this.#association.bytesMoved,
        inFlight: this.#session?.isReceiving === true || this.#association.pduInFlight,
        heldUp: this.#association.holdsPeerUp(this.#session?.owesAnswer === true),
      });
      if (overdue !== undefined) this.#association.abort(`ASSOCIATION_TIMEOUT: ${overdue}`);
    }, everyMs).unref();
  }
}

/** IPv4 as it is written everywhere else. */
export const plainAddress = (address: string): string => address.replace(/^::ffff:/, '');

/** None of a socket in plaintext; by TLS there is always one, or it would not be here. */
function verifiedCertificate(socket: Socket): CertificateNames | undefined {
  return socket instanceof TLSSocket ? certificateNames(socket.getPeerCertificate()) : undefined;
}
