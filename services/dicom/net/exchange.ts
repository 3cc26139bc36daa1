import type { CommandSet } from '../dimse/command.ts';

/** A request of the peer and what becomes of it: its data set arrives, it is carried out, it is answered. */
export interface Exchange {
  /** Takes the next bytes of the data set; a promise means: send no more until it is settled. Throws to abort. */
  write(bytes: Uint8Array): Promise<void> | undefined;
  /** The message is whole: carries it out and answers. Never rejects for what a peer, a disk or a database does. */
  perform(): Promise<void>;
  /** The association ends before the message was whole. */
  discard(): Promise<void>;
  /** Set for an operation that takes its time: the association is read on meanwhile. */
  readonly operation?: Operation;
}

/** A C-FIND, C-MOVE or C-GET at work. */
export interface Operation {
  readonly messageId: number;
  /** Now it waits for the peer, not the peer for it. */
  readonly awaitsPeer: boolean;
  /** C-CANCEL: it ends as soon as it can, with a response that says so. */
  cancel(): void;
  /** The association is over: it ends without a word. */
  stop(): void;
}

/** An association as a service sees it: contexts by ID, and messages out. */
export interface Channel {
  readonly callingAETitle: string;
  /** Those that were accepted. */
  readonly contexts: ReadonlyMap<number, AcceptedContext>;
  /** Sends a command with its data set, if there is one; a promise when the peer is behind with reading. */
  send(contextId: number, command: CommandSet, dataset?: Uint8Array): Promise<void> | undefined;
  /** Sends a request of ours and waits for its response. @throws {AppError} ASSOCIATION_ABORTED when it ends before. */
  request(
    contextId: number,
    command: CommandSet,
    dataset: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  ): Promise<CommandSet>;
  /** Resolves when the peer has said nothing for `ms`; `false` when it goes on for `mostMs`, or the association is over. */
  idle(ms: number, mostMs: number): Promise<boolean>;
  /** What was begun cannot be ended in order. */
  abort(reason: string): void;
}

export interface AcceptedContext {
  readonly abstractSyntax: string;
  readonly transferSyntax: string;
  /** The peer may be sent requests in it: as SCP by role selection, or as what we asked to be SCP. */
  readonly peerIsScp: boolean;
  /** The peer has opened the association, and took the role of SCP alone: it may send no request in it. */
  readonly peerIsScpOnly: boolean;
  /** Answer to extended negotiation, a byte for each field; empty when there was none. */
  readonly extended: Uint8Array;
}
