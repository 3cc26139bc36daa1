import { randomUUID } from 'node:crypto';
import type { Log } from '../domain/context.ts';
import { AppError } from '../domain/errors.ts';
import { type AnalysisInput, type PreparedCount, PreparerMessage } from '../domain/run.ts';
import { childPool, type Heard } from '../isolation/child-pool.ts';
import type { ChildFailures } from '../isolation/killable-child.ts';

export interface PreparerPoolOptions {
  /** File that the child runs. */
  readonly entry: string;
  readonly directory: string;
  readonly memoryMb: number;
  readonly threads: number;
  readonly deadlineSeconds: number;
  readonly log: Log;
}

export interface PreparerPool {
  /** @throws {AppError} ANALYZER_DIED, ANALYZER_DEADLINE or ANALYZER_INVALID; the images prepared so far stay. */
  prepare(inputs: readonly AnalysisInput[], signal: AbortSignal): Promise<PreparedCount>;
  close(): Promise<void>;
}

const MAX_MESSAGE_BYTES = 64 * 1024;
const REQUESTS_PER_CHILD = 500;

/** The child of a worker that decodes images while their series still arrives (see `isolation/child-pool.ts`). */
export function preparerPool({ directory, threads, ...options }: PreparerPoolOptions): PreparerPool {
  const pool = childPool({
    ...options,
    name: 'preparer',
    size: 1,
    args: () => [String(threads)],
    limits: { lineBytes: MAX_MESSAGE_BYTES, payloadBytes: 0 },
    failures: FAILURES,
    requestsPerChild: REQUESTS_PER_CHILD,
    abortKills: true,
  });
  return {
    prepare: (inputs, signal) => {
      const request = { id: randomUUID(), directory, inputs: [...inputs] };
      return pool.run(request, signal, (message) => heardOf(message, request));
    },
    close: pool.close,
  };
}

function heardOf(
  said: unknown,
  { id, inputs }: { id: string; inputs: readonly AnalysisInput[] },
): Heard<PreparedCount> {
  const { success, data: message } = PreparerMessage.safeParse(said);
  if (!success) return { fatal: FAILURES.invalid('not a message') };
  if (message.type === 'ready') return { more: true };
  const { prepared, refused } = message;
  const isWhole = message.id === id && prepared + refused === inputs.length;
  return isWhole ? { answer: { prepared, refused } } : { fatal: FAILURES.invalid('the answer to another request') };
}

const FAILURES: ChildFailures = {
  died: (message, detail) => new AppError('ANALYZER_DIED', message, { ...detail }),
  invalid: (detail) => new AppError('ANALYZER_INVALID', `the preparer answered outside its contract: ${detail}`),
  late: (message, seconds) => new AppError('ANALYZER_DEADLINE', message, { seconds }),
  busy: () => new AppError('ANALYZER_DIED', 'too many images wait'),
};
