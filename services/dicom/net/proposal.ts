import type { CommandSet } from '../dimse/command.ts';
import type { ExtendedNegotiation, ProposedContext, RoleSelection } from '../ul/pdu.ts';
import type { Channel, Exchange } from './exchange.ts';

/** What is asked for beside presentation contexts. */
export interface Proposal {
  readonly contexts: readonly ProposedContext[];
  readonly roles?: readonly RoleSelection[];
  readonly extendedNegotiations?: readonly ExtendedNegotiation[];
  /** Requests of the peer on this association are served by it; without, one is against the rules. */
  readonly serve?: (channel: Channel) => (contextId: number, command: CommandSet) => Exchange;
}

/** A response; with its data set, where there is one. */
export interface Response {
  readonly command: CommandSet;
  readonly dataset: Uint8Array | undefined;
}
