import type { Context } from '../domain/context.ts';
import { AppError } from '../domain/errors.ts';
import type { Archive, DueStudy, FetchOutcome, PullStore } from '../domain/pull/ports.ts';
import { type Inventory, type InventoryPorts, requestsFor, takeInventory } from './pull-inventory.ts';

export interface FetchPorts extends InventoryPorts, Pick<PullStore, 'progress' | 'fetched'> {
  readonly archive: Archive;
  readonly firstPauseSeconds: number;
}

/** Tries that reached the peer and brought nothing new; then a person must look. */
const MAX_ATTEMPTS = 8;
const LONGEST_PAUSE_SECONDS = 900;
/** Screens follow this often. */
const PROGRESS_MS = 1000;

/**
 * One try to bring a study here whole: what the peer has is held against what is here, and only what is missing is fetched, as
 * images where part of a series is here. Then it is counted again: what a peer says it has sent proves nothing.
 *
 * Safe to run twice, in two processes too: an instance that is here already changes nothing. `undefined` when it was stopped.
 */
export async function fetchStudy(
  context: Context,
  ports: FetchPorts,
  study: DueStudy,
): Promise<FetchOutcome | undefined> {
  const { StudyInstanceUID, peer } = study;
  const outcome = await context.metrics.time('pull', () => attempt(context, ports, study));
  // We stop: it is still due, and is no failure.
  if (context.signal.aborted) return undefined;
  await ports.fetched(study, outcome);
  const { state, held, expected = -1, sentence = '' } = outcome;
  const fields = { StudyInstanceUID, peer, state, held, expected };
  if (state === 'complete') context.log.info('study.pulled', fields);
  else context.log.warn('study.not-pulled', { ...fields, comment: sentence, attempt: outcome.attempts });
  return outcome;
}

interface Tried {
  readonly inventory: Inventory | undefined;
  readonly error: AppError | undefined;
}

async function attempt(context: Context, ports: FetchPorts, study: DueStudy): Promise<FetchOutcome> {
  const { error } = await tried(context, ports, study);
  // A peer that is gone cannot be asked again; what it had was counted before.
  const recount: Tried =
    error?.code === 'PACS_UNREACHABLE' ? { inventory: undefined, error } : await counted(context, ports, study);
  return outcomeOf(ports, study, { inventory: recount.inventory, error: error ?? recount.error });
}

async function tried(context: Context, ports: FetchPorts, study: DueStudy): Promise<Tried> {
  const known = await counted(context, ports, study);
  if (known.inventory === undefined || known.inventory.missing === 0) return known;
  const { inventory } = known;
  const state = { held: inventory.expected - inventory.missing, toldAt: 0 };
  const tell = () => ports.progress(study, Math.min(state.held, inventory.expected), inventory.expected);
  await tell();
  const onStored = () => {
    state.held += 1;
    if (performance.now() - state.toldAt < PROGRESS_MS) return;
    state.toldAt = performance.now();
    // It is only shown; the count at the end is what counts.
    tell().catch(() => {});
  };
  try {
    for (const request of requestsFor(study.StudyInstanceUID, inventory)) {
      if (context.signal.aborted) break;
      await ports.archive.fetch(study.how, request, onStored);
    }
    return { inventory, error: undefined };
  } catch (error) {
    return { inventory, error: named(context, error) };
  }
}

async function counted(context: Context, ports: FetchPorts, study: DueStudy): Promise<Tried> {
  try {
    return { inventory: await takeInventory(ports, study), error: undefined };
  } catch (error) {
    return { inventory: undefined, error: named(context, error) };
  }
}

/** A bug, of which a peer may be the cause, costs a try as a failure does: else it would be met again at once, and for ever. */
function named({ log }: Context, error: unknown): AppError {
  if (error instanceof AppError) return error;
  log.error('pull.bug', error);
  return new AppError('PACS_REFUSED', 'an unexpected error: the log has it', {}, error);
}

function outcomeOf(ports: FetchPorts, study: DueStudy, { inventory, error }: Tried): FetchOutcome {
  const held = inventory === undefined ? study.held : inventory.expected - inventory.missing;
  const expected = inventory?.expected;
  if (inventory?.missing === 0) {
    return {
      state: 'complete',
      expected,
      held,
      attempts: 0,
      unreached: 0,
      sentence: undefined,
      againSeconds: undefined,
    };
  }
  const isUnreached = error?.code === 'PACS_UNREACHABLE';
  const unreached = isUnreached ? study.unreached + 1 : 0;
  const attempts = isUnreached ? study.attempts : held > study.held ? 1 : study.attempts + 1;
  const pause = Math.min(LONGEST_PAUSE_SECONDS, ports.firstPauseSeconds * 2 ** Math.min(attempts + unreached - 1, 20));
  const missing = inventory === undefined ? '' : `${inventory.missing} of ${inventory.expected} are missing`;
  const why = error === undefined ? 'the peer says it has sent them' : `${error.code}: ${error.message}`;
  return {
    state: held > 0 ? 'incomplete' : 'failed',
    ...{ expected, held, attempts, unreached },
    sentence: missing === '' ? why : `${missing}; ${why}`,
    againSeconds: attempts >= MAX_ATTEMPTS ? undefined : pause,
  };
}
