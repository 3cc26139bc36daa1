import type { Context } from '../../domain/context.ts';
import { AppError } from '../../domain/errors.ts';
import type { Service } from '../../domain/peer.ts';
import type { HeldObjects } from '../../domain/query.ts';
import type { SeriesKey } from '../../domain/study.ts';
import {
  C_CANCEL_RQ,
  C_ECHO_RQ,
  C_FIND_RQ,
  C_GET_RQ,
  C_MOVE_RQ,
  C_STORE_RQ,
  type CommandSet,
  hasDataSet,
  N_ACTION_RQ,
  N_CREATE_RQ,
  N_EVENT_REPORT_RQ,
  N_SET_RQ,
} from '../dimse/command.ts';
import { failureOf, type Outcome, SUCCESS } from '../dimse/status.ts';
import type { Channel, Exchange } from './exchange.ts';
import { performFind, type Requested } from './find-scp.ts';
import { performGet } from './get-scp.ts';
import type { InstanceSink, StoreRequest } from './instance-sink.ts';
import { MAX_MATCHES, MAX_RETRIEVED } from './limits.ts';
import { performMove } from './move-scp.ts';
import { type NormalizedPorts, normalizedExchange } from './normalized-exchange.ts';
import { OperationState } from './operation-state.ts';
import { responseTo } from './response.ts';
import type { RetrieveScope } from './retrieve-scp.ts';
import { serviceClass } from './service-classes.ts';
import { answeredAtOnce, IdentifierExchange } from './short-exchange.ts';
import { StoreExchange } from './store-exchange.ts';

/** What C-FIND, C-MOVE and C-GET need; the limits have the values of `limits.ts`. */
export interface QueryRetrievePorts extends Pick<RetrieveScope, 'destination' | 'transcode'> {
  readonly held: HeldObjects;
  readonly maxMatches?: number;
  readonly maxRetrieved?: number;
}

export interface ServedPorts extends NormalizedPorts {
  openInstance(request: StoreRequest): InstanceSink;
  /** Absent: queries are not served. */
  readonly queryRetrieve?: QueryRetrievePorts;
}

interface Served {
  readonly context: Context;
  readonly ports: ServedPorts;
  readonly AETitle: string;
  readonly maxInstanceBytes: number;
  readonly counts: { stored: number; refused: number; bytes: number };
  readonly series: Map<string, SeriesKey>;
}

type Begin = (contextId: number, command: CommandSet) => Exchange;

/** Service that each request belongs to; C-ECHO is answered in any context. */
// biome-ignore format: a table
const SERVICE_OF: Readonly<Record<number, Service>> = {
  [C_STORE_RQ]: 'storage', [C_FIND_RQ]: 'find', [C_MOVE_RQ]: 'move', [C_GET_RQ]: 'get',
};

/** Of the N-services; which one is known by the class of the context. */
const NORMALIZED: ReadonlySet<number> = new Set([N_ACTION_RQ, N_CREATE_RQ, N_EVENT_REPORT_RQ, N_SET_RQ]);

/** Serves the requests of an association — PS3.7 §9.1, §9.3, §10.1 and §10.3. */
export function exchangeFor(served: Served, channel: Channel): Begin {
  return (contextId, command) => {
    const begun = begin(served, channel, contextId, command);
    if (!('status' in begun)) return begun;
    if (command.CommandField === C_STORE_RQ) served.counts.refused += 1;
    return answeredAtOnce(() => channel.send(contextId, responseTo(command, begun)));
  };
}

/** The exchange, or the answer where that is known already. */
function begin(served: Served, channel: Channel, contextId: number, command: CommandSet): Exchange | Outcome {
  const { CommandField = C_CANCEL_RQ } = command;
  if (CommandField === C_ECHO_RQ) return { status: SUCCESS };
  if (NORMALIZED.has(CommandField)) return normalizedExchange(served, channel, contextId, command);
  const wanted = SERVICE_OF[CommandField];
  const accepted = channel.contexts.get(contextId);
  const known = serviceClass(accepted?.abstractSyntax ?? '', () => true);
  if (accepted === undefined || wanted === undefined || known?.service !== wanted || accepted.peerIsScpOnly) {
    const why = 'this request does not belong to the presentation context';
    return failureOf(new AppError(wanted === 'storage' ? 'SOP_CLASS_REFUSED' : 'COMMAND_UNKNOWN', why));
  }
  if (wanted === 'storage') return storing(served, channel, contextId, command);
  const isOfContext = command.AffectedSOPClassUID === accepted.abstractSyntax && hasDataSet(command);
  if (known.model === undefined || !isOfContext) {
    const why = 'no identifier, or a SOP Class other than that of the context';
    return failureOf(new AppError('SOP_CLASS_REFUSED', why));
  }
  const state = new OperationState(command.MessageID ?? 0);
  return operating(served, { channel, contextId, accepted, model: known.model, command, state }, CommandField);
}

function operating(
  { context, AETitle, ports }: Served,
  requested: Requested,
  CommandField: number,
): Exchange | Outcome {
  const { queryRetrieve } = ports;
  if (queryRetrieve === undefined) return failureOf(new AppError('COMMAND_UNKNOWN', 'queries are not served'));
  const { maxMatches = MAX_MATCHES, maxRetrieved = MAX_RETRIEVED } = queryRetrieve;
  const scope = { ...queryRetrieve, context, AETitle, maxMatches, maxRetrieved };
  const perform = { [C_FIND_RQ]: performFind, [C_GET_RQ]: performGet, [C_MOVE_RQ]: performMove }[CommandField];
  return new IdentifierExchange(async (identifier) => perform?.(scope, requested, identifier), requested.state);
}

function storing(served: Served, channel: Channel, contextId: number, command: CommandSet): Exchange {
  const { abstractSyntax = '', transferSyntax = '' } = channel.contexts.get(contextId) ?? {};
  return new StoreExchange(
    { ...served, openInstance: (request) => served.ports.openInstance(request) },
    command,
    { SOPClassUID: abstractSyntax, TransferSyntaxUID: transferSyntax, callingAETitle: channel.callingAETitle },
    (outcome) => channel.send(contextId, responseTo(command, outcome)),
  );
}
