import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import type { Log } from '../domain/context.ts';
import type { AppError } from '../domain/errors.ts';
import { CHANNEL_DESCRIPTOR, type ChannelLimits, type MessageChannel, messageChannel } from './message-channel.ts';

export interface ChildOptions {
  /** `analyzer`: its log events are `analyzer.started` and `analyzer.ended`. */
  readonly name: string;
  /** File that the child runs. */
  readonly entry: string;
  readonly args?: readonly string[];
  /** Resident size above which it is killed. */
  readonly memoryMb: number;
  /** What it may say at once. */
  readonly limits: ChannelLimits;
  readonly failures: ChildFailures;
  readonly log: Log;
}

/** The errors of an installation for what can go wrong with a child. */
export interface ChildFailures {
  /** It is gone. `detail` names the reason: INTERNAL or OUT_OF_MEMORY. */
  died(message: string, detail: AppError['detail']): AppError;
  /** What it said breaks its contract. */
  invalid(detail: string): AppError;
  late(message: string, seconds: number): AppError;
  /** More work waits than is taken. */
  busy(): AppError;
}

/** Called with a message, parsed as JSON, and the bytes that came with it. */
export type HearChild = (message: unknown, payload: readonly Uint8Array[]) => void;

const MEMORY_CHECK_MS = 200;
const STDERR_KEPT = 2000;
/** JavaScript heap; pixels and tensors lie outside it and are bounded by the resident size. */
const MAX_HEAP_MB = 1024;

/**
 * A child to be killed rather than trusted: started without environment and without open files but its channel, killed by
 * the kernel when its parent dies, watched for memory.
 */
export class KillableChild {
  readonly exited: Promise<void>;
  /** Set by whoever gives it work. */
  onMessage: HearChild = () => {};
  /** Called once, when it is gone, with why it ended or was ended. */
  onEnd: (error: AppError) => void = () => {};
  requests = 0;

  readonly #child: ChildProcess;
  readonly #channel: MessageChannel;
  readonly #options: ChildOptions;
  #cause: AppError | undefined;
  #stderr = '';
  #gone = false;

  constructor(options: ChildOptions) {
    this.#options = options;
    const { entry, args: own = [], memoryMb, limits, failures } = options;
    const node = [`--max-old-space-size=${Math.min(MAX_HEAP_MB, memoryMb)}`, '--expose-gc'];
    const command = [process.execPath, ...node, entry, ...own];
    const [program = process.execPath, ...args] = [...deathSignal(), ...command];
    this.#child = spawn(program, args, { cwd: '/', env: {}, stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
    this.#child.stderr?.on('data', (bytes: Buffer) => {
      this.#stderr = (this.#stderr + bytes.toString('latin1')).slice(-STDERR_KEPT);
    });
    this.#channel = messageChannel(
      this.#child.stdio[CHANNEL_DESCRIPTOR] as Duplex,
      limits,
      (line, payload) => this.#hear(line, payload),
      () => this.kill(failures.invalid('a message that does not end')),
    );
    const memory = setInterval(() => this.#checkMemory(), MEMORY_CHECK_MS);
    this.exited = new Promise((resolve) => {
      const end = (how: string) => {
        if (this.#gone) return;
        this.#gone = true;
        clearInterval(memory);
        this.#report(how);
        const detail = { reason: 'INTERNAL', detail: how };
        this.onEnd(this.#cause ?? failures.died(`the ${options.name} ended by ${how}`, detail));
        resolve();
      };
      this.#child.on('error', () => end('a failed start'));
      this.#child.on('exit', (code, signal) => end(signal ?? `exit code ${code}`));
    });
    options.log.info(`${options.name}.started`, { pid: this.pid ?? 0 });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  send(message: object): void {
    this.#channel.send(message);
  }

  /** SIGKILL: a native run cannot be asked to stop. `cause` is what `onEnd` will say. */
  kill(cause: AppError): void {
    this.#cause ??= cause;
    this.#child.kill('SIGKILL');
  }

  #hear(line: string, payload: readonly Uint8Array[]): void {
    if (!this.#cause) this.onMessage(parsed(line), payload);
  }

  /** Linux only; elsewhere the heap limit is all there is. */
  #checkMemory(): void {
    const { memoryMb: limit, failures, name } = this.#options;
    const residentMb = residentMegabytes(this.#child.pid);
    if (residentMb <= limit || this.#cause) return;
    this.kill(failures.died(`the ${name} needed more than ${limit} MB`, { reason: 'OUT_OF_MEMORY', limit }));
  }

  #report(how: string): void {
    const { log, name } = this.#options;
    const fields = { pid: this.#child.pid ?? 0, how, requests: this.requests };
    if (this.#cause || this.#stderr !== '') log.warn(`${name}.ended`, { ...fields, stderr: this.#stderr });
    else log.info(`${name}.ended`, fields);
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function residentMegabytes(pid: number | undefined): number {
  try {
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
    return Number(kilobytes ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/**
 * `setpriv --pdeathsig KILL --` where it works (util-linux; busybox has a setpriv without it): the kernel ends the child
 * with its parent, even in the middle of a native run. Elsewhere the closed channel must do.
 */
function deathSignal(): readonly string[] {
  known.deathSignal ??= foundDeathSignal();
  return known.deathSignal;
}

/** Found out once: it starts a program. */
const known: { deathSignal?: readonly string[] } = {};

function foundDeathSignal(): readonly string[] {
  const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path));
  if (setpriv === undefined) return [];
  const command = ['--pdeathsig', 'KILL', '--'];
  return spawnSync(setpriv, [...command, '/bin/true'], { env: {}, stdio: 'ignore' }).status === 0
    ? [setpriv, ...command]
    : [];
}
