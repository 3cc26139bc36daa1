import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Evidence } from '../../domain/diagnose.ts';
import { AppError } from '../../domain/errors.ts';
import { encodePdu } from '../ul/encode-pdu.ts';
import type { AssociateRQ, ControlPdu, Fragment } from '../ul/pdu.ts';
import { PduFramer, type Received } from '../ul/pdu-framer.ts';
import { type Effect, type Event, type State, transition } from '../ul/state-machine.ts';
import { ABORT_REASON, ABORTED_HOW, EVENT_OF, UNEXPECTED_PDU } from './association-tables.ts';
import type { AssociationEnd, AssociationUser } from './association-user.ts';
import { MAX_ASSOCIATE_BYTES, MAX_DISCARDED_BYTES, MAX_PDU_BYTES } from './limits.ts';
import { rejectionText } from './negotiate.ts';
import { SocketWriter } from './socket-writer.ts';
import { Witness } from './witness.ts';

/** What comes with an event. */
interface Given {
  readonly pdu?: ControlPdu | undefined;
  readonly buffers?: readonly Uint8Array[];
  /** AE-6: is the request acceptable to the provider? */
  readonly acceptable?: boolean;
}

/**
 * One association over one socket: the owner of the state machine of PS3.8 §9.2, its ARTIM timer and its effects.
 *
 * Every event comes in through `#handle`; nothing else changes the state. Reading is pulled: while the user waits, for
 * a disk that is behind or for the end of a message to be answered, no byte is taken from the socket.
 */
export class Association {
  readonly #socket: Socket;
  readonly #writer: SocketWriter;
  readonly #user: AssociationUser;
  readonly #artimMs: number;
  readonly #isRequestor: boolean;
  readonly #framer = new PduFramer({ dataBytes: MAX_PDU_BYTES, associateBytes: MAX_ASSOCIATE_BYTES });
  #state: State = 1;
  #artim: NodeJS.Timeout | undefined;
  #holding = false;
  #streamLost = false;
  #discardedBytes = 0;
  #bytesReceived = 0;
  #hasEnded = false;
  #reason = '';
  #abortReason = UNEXPECTED_PDU;
  #error: unknown;
  readonly #witness: Witness;

  /** With a `request` we are the requestor, and the socket is connecting. */
  constructor(socket: Socket, user: AssociationUser, artimSeconds: number, request?: AssociateRQ) {
    this.#socket = socket;
    this.#writer = new SocketWriter(socket);
    this.#user = user;
    this.#artimMs = artimSeconds * 1000;
    this.#isRequestor = request !== undefined;
    this.#witness = new Witness(socket, this.#isRequestor);
    socket.on('data', (chunk: Buffer) => this.#received(chunk));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#reason ||= error.code ?? 'socket error';
      this.#witness.socketFailed(error);
    });
    socket.on('close', () => this.#closed());
    if (request === undefined) this.#handle(5);
    else {
      this.#handle(1);
      // Connected is who may be spoken to: by TLS, after its handshake.
      socket.on(socket instanceof TLSSocket ? 'secureConnect' : 'connect', () => this.#handle(2, { pdu: request }));
    }
  }

  /** What was seen so far that would explain a failure. */
  get evidence(): Evidence {
    return this.#witness.evidence;
  }

  /** Grows with every byte that arrives, and that the peer has taken; what deadlines are measured with. */
  get bytesMoved(): number {
    return this.#bytesReceived + this.#socket.bytesWritten - this.#socket.writableLength;
  }

  /** A PDU is begun and not ended. */
  get pduInFlight(): boolean {
    return this.#framer.inFlight;
  }

  /** The peer waits for us, not we for it: its clocks do not run. `owesAnswer`: a request of it is at work meanwhile. */
  holdsPeerUp(owesAnswer: boolean): boolean {
    return (this.#holding || owesAnswer) && !this.#writer.isBehind;
  }

  /** Sends P-DATA-TFs with one vectored write; a promise when the peer is behind. Does nothing once it is over. */
  send(buffers: readonly Uint8Array[]): Promise<void> | undefined {
    if (this.#state !== 6) return undefined;
    this.#handle(9, { buffers });
    return this.#writer.drained();
  }

  release(): void {
    if (this.#state === 6) this.#handle(11);
  }

  /** Ends it with an A-ABORT where there is someone to tell. */
  abort(reason: string): void {
    this.#reason ||= reason;
    if (this.#state === 1 || this.#state === 2 || this.#state === 13) this.#socket.destroy();
    else this.#handle(15);
  }

  #received(chunk: Buffer): void {
    this.#bytesReceived += chunk.length;
    this.#witness.heard(chunk);
    if (this.#state === 13) {
      // After our last word the peer may go on talking for a while; not for long.
      this.#discardedBytes += chunk.length;
      if (this.#discardedBytes > MAX_DISCARDED_BYTES) this.#socket.destroy();
    }
    if (this.#streamLost || this.#socket.destroyed) return;
    this.#framer.push(chunk);
    this.#pump();
  }

  #pump(): void {
    while (!this.#holding && !this.#streamLost && this.#state !== 1) {
      const received = this.#next();
      if (received === undefined) return;
      if (received.type !== 'fragment') this.#handlePdu(received);
      else if (this.#state === 6 || this.#state === 7) this.#indicate(received);
    }
  }

  #next(): Received | undefined {
    try {
      return this.#framer.next();
    } catch (error) {
      this.#streamLost = true;
      this.#witness.notUnderstood();
      this.#failed(error);
      return undefined;
    }
  }

  #handlePdu(received: Exclude<Received, Fragment>): void {
    const event = EVENT_OF[received.type];
    this.#witness.came(received);
    if (received.type === 'A-ASSOCIATE-RQ' && this.#state === 2) {
      const answer = this.#user.answer(received);
      this.#handle(event, { pdu: answer, acceptable: answer.type === 'A-ASSOCIATE-AC' || answer.source === 1 });
    } else {
      this.#handle(event, { pdu: received.type === 'P-DATA-TF' ? undefined : received });
    }
  }

  #indicate(fragment: Fragment): void {
    try {
      const wait = this.#user.fragment(fragment);
      if (wait !== undefined) this.#hold(wait);
    } catch (error) {
      this.#failed(error);
    }
  }

  #hold(wait: Promise<void>): void {
    this.#holding = true;
    this.#socket.pause();
    this.#framer.keep();
    wait
      .catch((error: unknown) => this.#failed(error))
      .then(() => {
        this.#holding = false;
        this.#pump();
        if (!this.#holding) this.#socket.resume();
      });
  }

  /** What came cannot be understood or is against the rules (Evt19); or a bug of ours (Evt15). */
  #failed(error: unknown): void {
    if (!(error instanceof AppError)) {
      this.#error = error;
      this.abort('internal error');
      return;
    }
    this.#reason ||= `${error.code}: ${error.message}`;
    if (this.#state === 1) return;
    this.#abortReason = ABORT_REASON[error.code] ?? 0;
    this.#handle(19);
    this.#abortReason = UNEXPECTED_PDU;
  }

  #closed(): void {
    this.#reason ||= 'connection closed by peer';
    if (this.#state !== 1) this.#handle(17);
    clearTimeout(this.#artim);
    this.#tellEnd('closed');
  }

  /** The only place where the state changes. */
  #handle(event: Event, given: Given = {}): void {
    const { pdu, acceptable = true } = given;
    const step = transition(this.#state, event, { acceptable, isRequestor: this.#isRequestor });
    if (step === undefined) {
      // A cell that cannot happen: the connection is not worth keeping.
      this.#reason ||= `event ${event} in state ${this.#state}`;
      this.#socket.destroy();
      return;
    }
    if (step.action === 'AA-8' || (step.action === 'AA-1' && event !== 15)) {
      this.#reason ||= `unexpected ${pdu?.type ?? 'PDU'} in Sta${this.#state}`;
    }
    this.#state = step.next;
    for (const effect of step.effects) this.#perform[effect](given, step.action);
    if (step.action === 'AA-1') this.#tellEnd('aborted');
  }

  /** Carries out the effects of PS3.8 Tables 9-6 to 9-9. */
  // biome-ignore format: a table
  readonly #perform: Readonly<Record<Effect, (given: Given, action: string) => void>> = {
    'connect':             () => {}, // net.connect was called by whoever gave us the socket
    'indicate data':       () => {}, // its fragments follow
    'send A-ASSOCIATE-RQ': ({ pdu }) => this.#sendPdu(pdu),
    'send A-ASSOCIATE-AC': ({ pdu }) => this.#sendPdu(pdu),
    'send A-ASSOCIATE-RJ': ({ pdu }) => this.#reject(pdu),
    'send P-DATA-TF':      ({ buffers = [] }) => this.#writer.write(buffers),
    'send A-RELEASE-RQ':   () => this.#sendPdu({ type: 'A-RELEASE-RQ' }),
    'send A-RELEASE-RP':   () => this.#sendPdu({ type: 'A-RELEASE-RP' }),
    'send A-ABORT':        (_given, action) => this.#sendAbort(action),
    'indicate associate':  ({ pdu }) => this.#handle(pdu?.type === 'A-ASSOCIATE-AC' ? 7 : 8, { pdu }),
    'confirm accept':      ({ pdu }) => this.#confirmAccept(pdu),
    'confirm reject':      ({ pdu }) => this.#confirmReject(pdu),
    'indicate release':    () => this.#confirmRelease(),
    'confirm release':     () => this.#releaseConfirmed(),
    'indicate abort':      ({ pdu }, action) => this.#indicateAbort(action, pdu),
    'start ARTIM':         () => this.#startArtim(),
    'stop ARTIM':          () => clearTimeout(this.#artim),
    'close':               () => void this.#socket.destroy(),
  };

  #sendPdu(pdu: ControlPdu | undefined): void {
    if (pdu !== undefined) this.#writer.write([encodePdu(pdu)]);
  }

  /** Source 0 when a user ends it (AA-1), 2 when the provider does — PS3.8 Table 9-26. */
  #sendAbort(action: string): void {
    const byUser = action === 'AA-1';
    this.#sendPdu({ type: 'A-ABORT', source: byUser ? 0 : 2, reason: byUser ? 0 : this.#abortReason });
  }

  #reject(pdu: ControlPdu | undefined): void {
    this.#sendPdu(pdu);
    this.#confirmReject(pdu);
  }

  #confirmReject(pdu: ControlPdu | undefined): void {
    if (pdu?.type === 'A-ASSOCIATE-RJ') this.#reason ||= rejectionText(pdu);
    this.#tellEnd('rejected');
  }

  #confirmAccept(pdu: ControlPdu | undefined): void {
    if (pdu?.type === 'A-ASSOCIATE-AC') this.#user.accepted(pdu);
  }

  /** Nothing of ours is ever left to send when a release comes, so it is answered at once. */
  #confirmRelease(): void {
    if (this.#state === 8 || this.#state === 9) this.#handle(14);
    if (this.#state === 13) this.#tellEnd('released');
  }

  #releaseConfirmed(): void {
    if (this.#state === 12) this.#handle(14);
    this.#tellEnd('released');
  }

  #indicateAbort(action: string, pdu: ControlPdu | undefined): void {
    if (pdu?.type === 'A-ABORT') this.#reason ||= `A-ABORT, source ${pdu.source}, reason ${pdu.reason}`;
    this.#tellEnd(ABORTED_HOW[action] ?? 'aborted');
  }

  #startArtim(): void {
    clearTimeout(this.#artim);
    this.#artim = setTimeout(() => {
      this.#reason ||= 'ARTIM timer expired';
      this.#handle(18);
    }, this.#artimMs).unref();
  }

  #tellEnd(how: AssociationEnd['how']): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#writer.over();
    const reason = how === 'released' ? '' : this.#reason;
    if (how === 'aborted') this.#witness.ended(reason);
    const end = { how, reason, evidence: this.#witness.evidence };
    this.#user.ended(this.#error === undefined ? end : { ...end, error: this.#error });
  }
}
