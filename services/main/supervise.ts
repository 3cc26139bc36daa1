import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Log } from '../domain/context.ts';
import { AppError } from '../domain/errors.ts';
import { HeldMessage } from './held-associations.ts';

/** What a role tells its supervisor: that it serves, and now and then its figures for the metrics page. */
const RoleMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), port: z.number().optional() }),
  z.object({ type: z.literal('metrics'), snapshot: z.array(z.unknown()) }),
  HeldMessage,
]);

export interface Role {
  readonly name: string;
  readonly entry: string;
  readonly args?: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Called with each snapshot of the role's metrics. */
  readonly onMetrics?: (snapshot: readonly unknown[]) => void;
  /** Called each time it serves, also after a death. */
  readonly onServing?: () => void;
  /** Called with the associations that a receiver holds, by peer; none after a death. */
  readonly onHeld?: (held: Readonly<Record<string, number>>) => void;
}

export interface SupervisedRole {
  /** Resolves when the role serves for the first time, with its port where it has one. */
  readonly ready: Promise<number | undefined>;
  /** The process now running; undefined between a death and the restart. */
  pid(): number | undefined;
  send(message: object): void;
  stop(timeoutSeconds: number): Promise<void>;
}

const LONGEST_PAUSE_MS = 10_000;
/** A role that served this long before it died starts again at once. */
const STEADY_MS = 30_000;
/** So many deaths before it ever served: the cause is not passing, and the start is given up. */
const MAX_FAILED_STARTS = 4;

/** Keeps one role alive: starts it, and starts it again when it dies, with a pause that doubles up to 10 s. */
export function supervise(role: Role, log: Log): SupervisedRole {
  const first = Promise.withResolvers<number | undefined>();
  const stopping = new AbortController();
  const current: { child?: ChildProcess; served: boolean; failedStarts: number } = { served: false, failedStarts: 0 };
  const hear = (message: unknown) => {
    const heard = RoleMessage.safeParse(message).data;
    if (heard?.type === 'metrics') role.onMetrics?.(heard.snapshot);
    if (heard?.type === 'associations') role.onHeld?.(heard.held);
    if (heard?.type !== 'ready') return;
    role.onServing?.();
    current.served = true;
    first.resolve(heard.port);
  };
  const died = (code: number | null, signal: NodeJS.Signals | null) => {
    delete current.child;
    role.onHeld?.({});
    if (stopping.signal.aborted) return;
    log.warn('role.died', { child: role.name, code: code ?? -1, signal: signal ?? '' });
    current.failedStarts += 1;
    if (!current.served && current.failedStarts >= MAX_FAILED_STARTS)
      first.reject(new AppError('CONFIG_INVALID', `the ${role.name} does not start: its log lines above say why`));
  };

  const runOnce = () =>
    new Promise<void>((resolve) => {
      // The IPC channel is also the leash: a role ends when it is disconnected, however its supervisor died.
      const child = fork(role.entry, [...(role.args ?? [])], {
        env: role.env,
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      });
      current.child = child;
      child.on('message', hear);
      child.on('error', (error) => log.error('role.error', error, { child: role.name }));
      child.on('exit', (code, signal) => {
        died(code, signal);
        resolve();
      });
    });

  const keepAlive = async () => {
    for (let pauseMs = 250; !stopping.signal.aborted; ) {
      const startedAt = Date.now();
      await runOnce();
      pauseMs = Date.now() - startedAt > STEADY_MS ? 250 : Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
      await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => {});
    }
  };
  const ended = keepAlive();

  return {
    ready: first.promise,
    pid: () => current.child?.pid,
    send: (message) => void (current.child?.connected && current.child.send(message)),
    async stop(timeoutSeconds) {
      stopping.abort();
      current.child?.kill('SIGTERM');
      const timer = setTimeout(() => current.child?.kill('SIGKILL'), timeoutSeconds * 1000);
      await ended;
      clearTimeout(timer);
    },
  };
}
