import { connect } from 'node:net';
import { AppError } from '../../domain/errors.ts';
import { IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME } from '../dataset/part10.ts';
import type { CommandSet } from '../dimse/command.ts';
import { encodeCommand } from '../dimse/encode-command.ts';
import { fragmentBytes, pdataBuffers } from '../dimse/encode-message.ts';
import { MessageAssembler } from '../dimse/message-assembler.ts';
import { APPLICATION_CONTEXT } from '../ul/encode-pdu.ts';
import type { AssociateAC, AssociateRJ, AssociateRQ, Fragment, ProposedContext } from '../ul/pdu.ts';
import { Association } from './association.ts';
import type { AssociationEnd, AssociationUser } from './association-user.ts';
import { ADVERTISED_PDU_BYTES, ARTIM_SECONDS, MAX_COMMAND_BYTES } from './limits.ts';

/** A remote application entity. */
export interface Peer {
  readonly AETitle: string;
  readonly host: string;
  readonly port: number;
}

export interface RequestorOptions {
  /** For each answer of the peer: association, response, release. */
  readonly timeoutSeconds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const DEFAULT_TIMEOUT_SECONDS = 30;

/** Opens an association and resolves when the peer has accepted it. @throws {AppError} when it does not. */
export async function openAssociation(
  peer: Peer,
  callingAETitle: string,
  presentationContexts: readonly ProposedContext[],
  options: RequestorOptions = {},
): Promise<RequestedAssociation> {
  const requested = new RequestedAssociation(peer, callingAETitle, presentationContexts, options);
  await requested.opened;
  return requested;
}

interface Waiter {
  resolve(command?: CommandSet): void;
  reject(error: AppError): void;
  restart(): void;
}

/** An association of which we are the requestor: one request, its response, the next request. */
export class RequestedAssociation implements AssociationUser {
  readonly #association: Association;
  readonly #timeoutMs: number;
  readonly #assembler = new MessageAssembler(MAX_COMMAND_BYTES);
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => this.#association.abort('cancelled');
  #answer: AssociateAC | undefined;
  #end: AssociationEnd | undefined;
  /** Who waits for the peer now: for the association, a response or the release. */
  #waiter: Waiter | undefined;
  readonly opened: Promise<unknown>;

  constructor(
    { AETitle, host, port }: Peer,
    callingAETitle: string,
    presentationContexts: readonly ProposedContext[],
    { timeoutSeconds = DEFAULT_TIMEOUT_SECONDS, signal }: RequestorOptions,
  ) {
    this.#timeoutMs = timeoutSeconds * 1000;
    this.#signal = signal;
    const request: AssociateRQ = {
      type: 'A-ASSOCIATE-RQ',
      protocolVersion: 1,
      calledAETitle: AETitle,
      callingAETitle,
      applicationContext: APPLICATION_CONTEXT,
      presentationContexts,
      userInformation: {
        maximumLength: ADVERTISED_PDU_BYTES,
        implementationClassUID: IMPLEMENTATION_CLASS_UID,
        implementationVersionName: IMPLEMENTATION_VERSION_NAME,
      },
    };
    this.#association = new Association(connect(port, host), this, ARTIM_SECONDS, request);
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
    const result = this.#answer?.presentationContexts.find(({ id }) => id === contextId)?.result;
    // PS3.8 Table 9-18.
    const words = [
      'acceptance',
      'user rejection',
      'no reason',
      'abstract syntax not supported',
      'transfer syntaxes not supported',
    ];
    return result === undefined ? 'not answered' : (words[result] ?? `result ${result}`);
  }

  /**
   * Sends a command and its data set, if there is one, and resolves with the response. A data set in one piece leaves
   * together with its command in one write.
   */
  async request(
    contextId: number,
    command: CommandSet,
    dataset: Iterable<Uint8Array> | AsyncIterable<Uint8Array> = [],
  ): Promise<CommandSet> {
    const maxFragmentBytes = fragmentBytes(this.#answer?.userInformation.maximumLength ?? 0);
    const response = this.#waitFor('the response');
    // A failure while we still send is seen when the response is awaited.
    response.catch(() => {});
    const head = pdataBuffers(contextId, encodeCommand(command), { isCommand: true, isLast: true, maxFragmentBytes });
    let waiting: readonly Uint8Array[] = head;
    let part: Uint8Array | undefined;
    for await (const next of dataset) {
      if (part !== undefined) {
        await this.#send([
          ...waiting,
          ...pdataBuffers(contextId, part, { isCommand: false, isLast: false, maxFragmentBytes }),
        ]);
        waiting = [];
      }
      part = next;
    }
    const tail =
      part === undefined ? [] : pdataBuffers(contextId, part, { isCommand: false, isLast: true, maxFragmentBytes });
    await this.#send([...waiting, ...tail]);
    return (await response) ?? {};
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
    this.#waiter?.resolve();
  }

  fragment(fragment: Fragment): undefined {
    const part = this.#assembler.push(fragment);
    if (part?.type !== 'command') return;
    if (part.command.MessageIDBeingRespondedTo === undefined) {
      throw new AppError('COMMAND_INVALID', 'a request came where a response is due');
    }
    this.#waiter?.resolve(part.command);
  }

  ended(end: AssociationEnd): void {
    this.#end = end;
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#waiter?.reject(this.#error(end));
  }

  async #send(buffers: readonly Uint8Array[]): Promise<void> {
    if (this.#end !== undefined) throw this.#error(this.#end);
    await this.#association.send(buffers);
    // The peer took it, so its time to answer begins again.
    this.#waiter?.restart();
  }

  #waitFor(what: string): Promise<CommandSet | undefined> {
    if (this.#end !== undefined) return Promise.reject(this.#error(this.#end));
    return new Promise<CommandSet | undefined>((resolve, reject) => {
      const expire = () => {
        const error = new AppError('ASSOCIATION_TIMEOUT', `no answer within ${this.#timeoutMs / 1000} s: ${what}`);
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
        resolve: (command) => {
          settle();
          resolve(command);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      };
    });
  }

  #error({ how, reason }: AssociationEnd): AppError {
    if (how === 'rejected') return new AppError('ASSOCIATION_REJECTED', `association rejected: ${reason}`);
    if (this.#answer === undefined && how === 'closed')
      return new AppError('PACS_UNREACHABLE', `no association: ${reason}`);
    return new AppError('ASSOCIATION_ABORTED', `association ${how}${reason === '' ? '' : `: ${reason}`}`);
  }
}
