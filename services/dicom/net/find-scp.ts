import { setImmediate as turn } from 'node:timers/promises';
import type { Context } from '../../domain/context.ts';
import { AppError } from '../../domain/errors.ts';
import type { HeldObjects, InformationModel } from '../../domain/query.ts';
import { readDataset } from '../dataset/dataset.ts';
import type { CommandSet } from '../dimse/command.ts';
import { CANCELLED, failureOf, type Outcome, PENDING, PENDING_KEYS_UNSUPPORTED, SUCCESS } from '../dimse/status.ts';
import { type ReadQuery, readQuery } from '../query/read-identifier.ts';
import { matchIdentifier, messageBytes } from '../query/write-identifier.ts';
import type { AcceptedContext, Channel } from './exchange.ts';
import type { OperationState } from './operation-state.ts';
import { responseTo } from './response.ts';

export interface FindScope {
  readonly context: Context;
  readonly AETitle: string;
  readonly maxMatches: number;
  readonly held: Pick<HeldObjects, 'find'>;
}

/** A request on a context that was accepted for it. */
export interface Requested {
  readonly channel: Channel;
  readonly contextId: number;
  readonly accepted: AcceptedContext;
  readonly model: InformationModel;
  readonly command: CommandSet;
  readonly state: OperationState;
}

/** Matches that are encoded in one turn of the event loop: others are served between. */
const MATCHES_PER_TURN = 50;

/** C-FIND as SCP (PS3.4 §C.4.1.3): a pending response for each match, and a last one that says how it ended. */
export async function performFind(
  scope: FindScope,
  requested: Requested,
  identifier: Uint8Array | AppError,
): Promise<void> {
  const { context } = scope;
  const startedAt = performance.now();
  const counted = { matches: 0 };
  const outcome = await answerMatches(scope, requested, identifier, counted).catch((error: unknown) => {
    if (!(error instanceof AppError)) context.log.error('find.failed', error);
    return failureOf(error);
  });
  context.metrics.observe('find', (performance.now() - startedAt) / 1000);
  const { channel, contextId, command } = requested;
  const { status, comment = '' } = outcome;
  const ms = Math.round(performance.now() - startedAt);
  const fields = { callingAETitle: channel.callingAETitle, ...counted, ms };
  if (comment === '') context.log.info('find.answered', { ...fields, status });
  else context.log.warn('find.refused', { ...fields, status, comment });
  await channel.send(contextId, responseTo(command, outcome));
}

async function answerMatches(
  { held, maxMatches, AETitle }: FindScope,
  { channel, contextId, accepted, model, command, state }: Requested,
  identifier: Uint8Array | AppError,
  counted: { matches: number },
): Promise<Outcome> {
  const query = queryOf(identifier, accepted, model);
  const pending = responseTo(command, { status: query.hasUnsupportedKeys ? PENDING_KEYS_UNSUPPORTED : PENDING });
  for await (const rows of held.find(query)) {
    for (const row of rows) {
      if (state.isOver) return { status: CANCELLED };
      if (counted.matches >= maxMatches) {
        throw new AppError('TOO_MANY_MATCHES', `more than ${maxMatches} matches: ask for less`);
      }
      counted.matches += 1;
      const bytes = messageBytes(matchIdentifier(row, query, AETitle), accepted.transferSyntax);
      await channel.send(contextId, pending, bytes);
      if (counted.matches % MATCHES_PER_TURN === 0) await turn();
    }
  }
  return { status: state.isOver ? CANCELLED : SUCCESS };
}

function queryOf(identifier: Uint8Array | AppError, accepted: AcceptedContext, model: InformationModel): ReadQuery {
  if (identifier instanceof AppError) throw identifier;
  const [relational, combinedDateTime, fuzzy] = [0, 1, 2].map((field) => accepted.extended[field] === 1);
  const options = {
    relational: relational === true,
    combinedDateTime: combinedDateTime === true,
    fuzzy: fuzzy === true,
  };
  return readQuery(readDataset(identifier, accepted.transferSyntax), model, options);
}
