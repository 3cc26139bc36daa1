import { connect } from 'node:net';
import { Evidence } from '../../domain/diagnose.ts';
import { AppError } from '../../domain/errors.ts';
import { IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME } from '../dataset/part10.ts';
import { C_CANCEL_RQ, type CommandSet, NO_DATA_SET } from '../dimse/command.ts';
import { fragmentBytes } from '../dimse/encode-message.ts';
import { MessageAssembler } from '../dimse/message-assembler.ts';
import { isPending } from '../dimse/status.ts';
import { APPLICATION_CONTEXT } from '../ul/encode-pdu.ts';
import type { AssociateAC, AssociateRJ, AssociateRQ, Fragment } from '../ul/pdu.ts';
import { acceptedContexts } from './accepted-contexts.ts';
import { Association } from './association.ts';
import type { AssociationEnd, AssociationUser } from './association-user.ts';
import { ADVERTISED_PDU_BYTES, ARTIM_SECONDS, MAX_COMMAND_BYTES } from './limits.ts';
import { MessageChannel } from './message-channel.ts';
import { contextResult } from './negotiate.ts';
import type { Proposal, Response } from './proposal.ts';
import { Responder } from './responder.ts';
import { ResponseQueue } from './response-queue.ts';
import { sendMessage } from './send-message.ts';
import { connectTls, type TlsClient } from './tls-profile.ts';

/** A remote application entity. */
export interface Peer {
  readonly AETitle: string;
  readonly host: string;
  readonly port: number;
  /** None: it is called in plaintext. */
  readonly tls?: TlsClient | undefined;
}

/** What was seen of an association that failed; `undefined` where the error is not of one. */
export const evidenceOf = (error: unknown): Evidence | undefined =>
  error instanceof AppError ? Evidence.safeParse(error.cause).data : undefined;

export interface RequestorOptions {
  /** For each answer of the peer: association, response, release. */
  readonly timeoutSeconds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const DEFAULT_TIMEOUT_SECONDS = 30;
/** Responses that are held while nobody asks for them; beyond, the peer is let wait. */
const MAX_HELD_RESPONSES = 64;

/** Opens an association and resolves when the peer has accepted it. @throws {AppError} when it does not. */
export async function openAssociation(
  peer: Peer,
  callingAETitle: string,
  proposal: Proposal,
  options: RequestorOptions = {},
): Promise<RequestedAssociation> {
  const requested = new RequestedAssociation(peer, callingAETitle, proposal, options);
  await requested.opened;
  return requested;
}

interface Waiter {
  resolve(response?: Response): void;
  reject(error: AppError): void;
  restart(): void;
}

/** An association of which we are the requestor: one request, its responses, the next request. */
export class RequestedAssociation implements AssociationUser {
  readonly #association: Association;
  readonly #timeoutMs: number;
  readonly #assembler = new MessageAssembler(MAX_COMMAND_BYTES);
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => this.#association.abort('cancelled');
  readonly #request: AssociateRQ;
  readonly #serve: Proposal['serve'];
  readonly #responses = new ResponseQueue(MAX_HELD_RESPONSES);
  #channel: MessageChannel | undefined;
  #responder: Responder | undefined;
  #answer: AssociateAC | undefined;
  #end: AssociationEnd | undefined;
  /** Who waits for the peer now: for the association, a response or the release. */
  #waiter: Waiter | undefined;
  readonly opened: Promise<unknown>;

  constructor(
    { AETitle, host, port, tls }: Peer,
    callingAETitle: string,
    { contexts, roles, extendedNegotiations, serve }: Proposal,
    { timeoutSeconds = DEFAULT_TIMEOUT_SECONDS, signal }: RequestorOptions,
  ) {
    this.#timeoutMs = timeoutSeconds * 1000;
    this.#signal = signal;
    this.#serve = serve;
    this.#request = {
      type: 'A-ASSOCIATE-RQ',
      protocolVersion: 1,
      calledAETitle: AETitle,
      callingAETitle,
      applicationContext: APPLICATION_CONTEXT,
      presentationContexts: contexts,
      userInformation: {
        maximumLength: ADVERTISED_PDU_BYTES,
        implementationClassUID: IMPLEMENTATION_CLASS_UID,
        implementationVersionName: IMPLEMENTATION_VERSION_NAME,
        roles,
        extendedNegotiations,
      },
    };
    const socket = tls === undefined ? connect(port, host) : connectTls(host, port, tls);
    this.#association = new Association(socket, this, ARTIM_SECONDS, this.#request);
    this.opened = this.#waitFor('the association');
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    if (signal?.aborted) this.#onAbort();
  }

  /** The transfer syntax agreed on for a context; `undefined` when it was refused, and `refusal` says why. */
  transferSyntax(contextId: number): string | undefined {
    const context = this.#answer?.presentationContexts.find(({ id }) => id === contextId);
    return context?.result === 0 ? context.transferSyntax : undefined;
  }

  refusal(contextId: number): string {
    return contextResult(this.#answer?.presentationContexts.find(({ id }) => id === contextId)?.result);
  }

  /** Sends a command and its data set, if there is one, and resolves with the response. */
  async request(
    contextId: number,
    command: CommandSet,
    dataset: Iterable<Uint8Array> | AsyncIterable<Uint8Array> = [],
  ): Promise<CommandSet> {
    return (await this.#ask(contextId, command, dataset)).command;
  }

  /**
   * Sends a request that is answered more than once, and yields its responses to the last. Whoever stops asking cancels it
   * (PS3.7 §9.3.2.3); what comes until the peer has heard is read and dropped.
   */
  async *responses(contextId: number, command: CommandSet, identifier: Uint8Array): AsyncGenerator<Response> {
    let response = await this.#ask(contextId, command, [identifier]);
    try {
      while (isPending(response.command.Status ?? -1)) {
        yield response;
        response = await this.#next();
      }
      yield response;
    } finally {
      if (isPending(response.command.Status ?? -1)) await this.#cancel(contextId, command);
    }
  }

  /** Resolves with the next response; asked for before the request is sent, so that a failure of the sending is seen. */
  async #ask(
    contextId: number,
    command: CommandSet,
    dataset: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  ): Promise<Response> {
    // What nobody asked for is nobody's answer.
    this.#responses.clear();
    const response = this.#next();
    response.catch(() => {});
    await sendMessage(this.#fragmentBytes, (buffers) => this.#send(buffers), { contextId, command, dataset });
    return response;
  }

  async #next(): Promise<Response> {
    const held = this.#responses.take();
    return held ?? (await this.#waitFor('the response')) ?? { command: {}, dataset: undefined };
  }

  async #cancel(contextId: number, { MessageID = 0 }: CommandSet): Promise<void> {
    if (this.#end !== undefined) return;
    const command = {
      CommandField: C_CANCEL_RQ,
      MessageIDBeingRespondedTo: MessageID,
      CommandDataSetType: NO_DATA_SET,
    };
    const cancel = { contextId, command, dataset: [] };
    await sendMessage(this.#fragmentBytes, (buffers) => this.#send(buffers), cancel).catch(() => {});
    for (let last = false; !last && this.#end === undefined; ) {
      last = await this.#next().then(
        ({ command: { Status = -1 } }) => !isPending(Status),
        () => true,
      );
    }
  }

  get #fragmentBytes(): number {
    return fragmentBytes(this.#answer?.userInformation.maximumLength ?? 0);
  }

  /** Ends the association in order; resolves when it is over, however it ended. */
  async release(): Promise<void> {
    if (this.#end !== undefined) return;
    const released = this.#waitFor('the release');
    this.#association.release();
    await released.catch(() => {});
  }

  abort(reason: string): void {
    this.#association.abort(reason);
  }

  answer(): AssociateRJ {
    // Asked of acceptors only.
    return { type: 'A-ASSOCIATE-RJ', result: 1, source: 2, reason: 1 };
  }

  accepted(answer: AssociateAC): void {
    this.#answer = answer;
    if (this.#serve !== undefined) {
      this.#channel = new MessageChannel({
        callingAETitle: this.#request.calledAETitle,
        contexts: acceptedContexts(this.#request, answer, 'acceptor'),
        maxFragmentBytes: this.#fragmentBytes,
        send: (buffers) => this.#association.send(buffers),
        abort: (reason) => this.#association.abort(reason),
      });
      this.#responder = new Responder(this.#serve(this.#channel), () => this.#association.abort('internal error'));
    }
    this.#waiter?.resolve();
  }

  fragment(fragment: Fragment): Promise<void> | undefined {
    const part = this.#assembler.push(fragment);
    if (part === undefined) return undefined;
    const message = this.#responses.push(part);
    if (message === 'request') {
      if (this.#responder === undefined) {
        throw new AppError('COMMAND_INVALID', 'a request came where a response is due');
      }
      // The peer is at work for us: its time to answer begins again.
      this.#waiter?.restart();
      return this.#responder.take(part);
    }
    if (message === undefined || this.#waiter === undefined) return this.#responses.room();
    this.#waiter.resolve(this.#responses.take());
    return undefined;
  }

  ended(end: AssociationEnd): void {
    this.#end = end;
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#channel?.ended();
    this.#responses.close();
    void this.#responder?.ended();
    this.#waiter?.reject(this.#error(end));
  }

  async #send(buffers: readonly Uint8Array[]): Promise<void> {
    if (this.#end !== undefined) throw this.#error(this.#end);
    await this.#association.send(buffers);
    // The peer took it, so its time to answer begins again.
    this.#waiter?.restart();
  }

  #waitFor(what: string): Promise<Response | undefined> {
    if (this.#end !== undefined) return Promise.reject(this.#error(this.#end));
    return new Promise<Response | undefined>((resolve, reject) => {
      const expire = () => {
        const text = `no answer within ${this.#timeoutMs / 1000} s: ${what}`;
        const evidence: Evidence = { ...this.#association.evidence, timedOut: true, ownReason: text };
        const error = new AppError('ASSOCIATION_TIMEOUT', text, {}, evidence);
        reject(error);
        this.#association.abort(error.message);
      };
      const timer = setTimeout(expire, this.#timeoutMs);
      const settle = () => {
        clearTimeout(timer);
        this.#waiter = undefined;
      };
      this.#waiter = {
        restart: () => timer.refresh(),
        resolve: (response) => {
          settle();
          resolve(response);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      };
    });
  }

  #error({ how, reason, evidence }: AssociationEnd): AppError {
    if (how === 'rejected')
      return new AppError('ASSOCIATION_REJECTED', `association rejected: ${reason}`, {}, evidence);
    if (this.#answer === undefined && how === 'closed')
      return new AppError('PACS_UNREACHABLE', `no association: ${reason}`, {}, evidence);
    return new AppError('ASSOCIATION_ABORTED', `association ${how}${reason === '' ? '' : `: ${reason}`}`, {}, evidence);
  }
}
