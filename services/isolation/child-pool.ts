import type { AppError } from '../domain/errors.ts';
import { type ChildOptions, KillableChild } from './killable-child.ts';

export interface PoolOptions extends Omit<ChildOptions, 'args'> {
  /** Of a child; `slot` counts from 0 and is that of no other living child. */
  readonly args?: (slot: number) => readonly string[];
  /** Requests at once, each in a child of its own. */
  readonly size: number;
  readonly deadlineSeconds: number;
  /** A child that says nothing for so long hangs. By default only the deadline counts. */
  readonly silenceSeconds?: number;
  /** A child is replaced after so many requests: whatever it leaks ends with it. */
  readonly requestsPerChild: number;
  /** More requests than this do not wait but are refused. */
  readonly maxWaiting?: number;
  /** What an aborted request in hand is worth: its child (it is killed), or nothing (it is let finish, unheard). */
  readonly abortKills: boolean;
}

/** What a message of a child means for the request in hand. */
export type Heard<Answer> =
  | { readonly more: true }
  | { readonly answer: Answer }
  /** A named failure that the child survived. */
  | { readonly refused: AppError }
  /** It breaks its contract, or met a bug: its memory is no longer to be trusted. */
  | { readonly fatal: AppError };

interface Request {
  readonly id: string;
}

export interface ChildPool {
  /**
   * Hands a request to a warm child; waits for a free one. `hear` is called for each message until it says how the request
   * ended. An aborted `signal` rejects with its reason.
   *
   * @throws {AppError} of `failures`, or what `hear` answered.
   */
  run<Answer>(
    request: Request,
    signal: AbortSignal,
    hear: (message: unknown, payload: readonly Uint8Array[]) => Heard<Answer>,
  ): Promise<Answer>;
  /** Kills every child; what ran or waited is rejected. */
  close(): Promise<void>;
}

interface Task {
  readonly signal: AbortSignal;
  /** Listens to `signal` while the task waits. */
  readonly leave: () => void;
  readonly reject: (error: unknown) => void;
  /** Gives the task to a child; `free` when the child may have another. */
  readonly begin: (child: KillableChild, free: () => void) => void;
}

/** Children start with the first request and stay warm; one that died is replaced by the next request. */
export function childPool(options: PoolOptions): ChildPool {
  const waiting: Task[] = [];
  const idle: KillableChild[] = [];
  const alive = new Set<KillableChild>();
  const taken = new Set<number>();
  const state = { closed: false };
  const closedError = (): AppError =>
    options.failures.died(`the ${options.name} is stopping`, { reason: 'INTERNAL', detail: 'stopping' });

  const start = (): KillableChild => {
    const slot = freeSlot(taken);
    taken.add(slot);
    const child = new KillableChild({ ...options, args: options.args?.(slot) ?? [] });
    alive.add(child);
    void child.exited.then(() => {
      alive.delete(child);
      taken.delete(slot);
      const at = idle.indexOf(child);
      if (at >= 0) idle.splice(at, 1);
      pump();
    });
    return child;
  };

  const pump = (): void => {
    while (waiting.length > 0 && !state.closed) {
      const child = idle.pop() ?? (alive.size < options.size ? start() : undefined);
      const task = child && waiting.shift();
      if (!task) return;
      task.signal.removeEventListener('abort', task.leave);
      task.begin(child, () => {
        idle.push(child);
        pump();
      });
    }
  };

  return {
    run: (request, signal, hear) =>
      new Promise((resolve, reject) => {
        if (state.closed) return reject(closedError());
        if (signal.aborted) return reject(signal.reason);
        if (waiting.length >= (options.maxWaiting ?? Number.POSITIVE_INFINITY)) return reject(options.failures.busy());
        const leave = () => {
          waiting.splice(waiting.indexOf(task), 1);
          reject(signal.reason);
        };
        const begin: Task['begin'] = (child, free) =>
          work(child, options, { request, signal, hear, resolve, reject }, free);
        const task: Task = { signal, leave, reject, begin };
        signal.addEventListener('abort', leave, { once: true });
        waiting.push(task);
        pump();
      }),
    async close() {
      state.closed = true;
      for (const { reject, signal, leave } of waiting.splice(0)) {
        signal.removeEventListener('abort', leave);
        reject(closedError());
      }
      const gone = [...alive].map((child) => child.exited);
      for (const child of alive) child.kill(closedError());
      await Promise.all(gone);
    },
  };
}

function freeSlot(taken: ReadonlySet<number>): number {
  for (let slot = 0; ; slot++) if (!taken.has(slot)) return slot;
}

interface Work<Answer> {
  readonly request: Request;
  readonly signal: AbortSignal;
  readonly hear: (message: unknown, payload: readonly Uint8Array[]) => Heard<Answer>;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/** Gives a request to a child and settles it exactly once: by an answer, by the child's end, or by a kill of ours. */
function work<Answer>(child: KillableChild, options: PoolOptions, task: Work<Answer>, free: () => void): void {
  const { request, signal, hear, resolve, reject } = task;
  const { name, failures, deadlineSeconds, silenceSeconds = deadlineSeconds, requestsPerChild } = options;
  const late = (seconds: number, message: string) => () => child.kill(failures.late(message, seconds));
  const deadline = setTimeout(
    late(deadlineSeconds, `the ${name} took longer than ${deadlineSeconds} s`),
    deadlineSeconds * 1000,
  );
  const silence = setTimeout(
    late(silenceSeconds, `the ${name} was silent for ${silenceSeconds} s`),
    silenceSeconds * 1000,
  );
  const stopped = () => failures.died('the request was stopped', { reason: 'INTERNAL', detail: 'stopped' });
  const abort = () => (options.abortKills ? child.kill(stopped()) : reject(signal.reason));
  signal.addEventListener('abort', abort, { once: true });
  const settle = (): void => {
    clearTimeout(deadline);
    clearTimeout(silence);
    signal.removeEventListener('abort', abort);
    child.onMessage = () => {};
    child.onEnd = () => {};
    child.requests += 1;
  };
  const done = (): void => {
    settle();
    if (child.requests < requestsPerChild) free();
    else child.kill(failures.died('replaced', { reason: 'INTERNAL', detail: 'replaced' }));
  };

  child.onEnd = (error) => {
    settle();
    reject(signal.aborted ? signal.reason : error);
  };
  child.onMessage = (message, payload) => {
    silence.refresh();
    const heard = hear(message, payload);
    if ('more' in heard) return;
    if ('fatal' in heard) return child.kill(heard.fatal);
    if ('answer' in heard) resolve(heard.answer);
    else reject(heard.refused);
    done();
  };
  child.send(request);
}
