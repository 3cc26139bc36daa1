import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import type { Log } from '../domain/context.ts';
import { AppError } from '../domain/errors.ts';
import { AnalyzerMessage } from '../domain/run.ts';
import { ANALYZER_CHANNEL, type MessageLines, messageLines } from './message-lines.ts';

export interface AnalyzerOptions {
  /** File that the child runs. */
  readonly entry: string;
  /** Resident size above which it is killed. */
  readonly memoryMb: number;
  readonly threads: number;
  readonly log: Log;
}

/** Why a child ended or was ended. */
export type Ending = (error: AppError) => void;

const MAX_MESSAGE_LENGTH = 4 * 1024 * 1024;
const MEMORY_CHECK_MS = 200;
const STDERR_KEPT = 2000;
/** JavaScript heap; voxels and tensors lie outside it and are bounded by the resident size. */
const MAX_HEAP_MB = 1024;

/**
 * One child of the worker: started without environment and without open files but its channel, killed by the kernel when
 * the worker dies, watched for memory.
 */
export class AnalyzerProcess {
  readonly exited: Promise<void>;
  /** Set by whoever gives it work; called for every valid message. */
  onMessage: (message: AnalyzerMessage) => void = () => {};
  /** Called once, when it is gone. */
  onEnd: Ending = () => {};
  analyses = 0;

  readonly #child: ChildProcess;
  readonly #channel: MessageLines;
  readonly #options: AnalyzerOptions;
  #cause: AppError | undefined;
  #stderr = '';
  #gone = false;

  constructor(options: AnalyzerOptions) {
    this.#options = options;
    const node = [`--max-old-space-size=${Math.min(MAX_HEAP_MB, options.memoryMb)}`, '--expose-gc'];
    const command = [process.execPath, ...node, options.entry, String(options.threads)];
    const [program = process.execPath, ...args] = [...deathSignal(), ...command];
    this.#child = spawn(program, args, { cwd: '/', env: {}, stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
    this.#child.stderr?.on('data', (bytes: Buffer) => {
      this.#stderr = (this.#stderr + bytes.toString('latin1')).slice(-STDERR_KEPT);
    });
    this.#channel = messageLines(
      this.#child.stdio[ANALYZER_CHANNEL] as Duplex,
      MAX_MESSAGE_LENGTH,
      (line) => this.#hear(line),
      () => this.kill(invalidAnswer('a message that does not end')),
    );
    const memory = setInterval(() => this.#checkMemory(), MEMORY_CHECK_MS);
    this.exited = new Promise((resolve) => {
      const end = (how: string) => {
        if (this.#gone) return;
        this.#gone = true;
        clearInterval(memory);
        this.#report(how);
        this.onEnd(this.#cause ?? died(`the analyzer ended by ${how}`, { reason: 'INTERNAL', detail: how }));
        resolve();
      };
      this.#child.on('error', () => end('a failed start'));
      this.#child.on('exit', (code, signal) => end(signal ?? `exit code ${code}`));
    });
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

  #hear(line: string): void {
    if (this.#cause) return;
    const message = AnalyzerMessage.safeParse(parsed(line));
    if (message.success) this.onMessage(message.data);
    else this.kill(invalidAnswer(message.error.issues[0]?.message ?? 'not a message'));
  }

  /** Linux only; elsewhere the heap limit is all there is. */
  #checkMemory(): void {
    const limit = this.#options.memoryMb;
    const residentMb = residentMegabytes(this.#child.pid);
    if (residentMb <= limit || this.#cause) return;
    this.kill(died(`the analyzer needed more than ${limit} MB`, { reason: 'OUT_OF_MEMORY', limit }));
  }

  #report(how: string): void {
    const { log } = this.#options;
    const fields = { pid: this.#child.pid ?? 0, how, analyses: this.analyses };
    if (this.#cause || this.#stderr !== '') log.warn('analyzer.ended', { ...fields, stderr: this.#stderr });
    else log.info('analyzer.ended', fields);
  }
}

export const died = (message: string, detail: AppError['detail']): AppError =>
  new AppError('ANALYZER_DIED', message, { ...detail });

export const invalidAnswer = (detail: string): AppError =>
  new AppError('ANALYZER_INVALID', `the analyzer answered outside its contract: ${detail}`, {
    reason: 'INVALID_MODEL_OUTPUT',
    detail: detail.slice(0, 200),
  });

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
  const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path));
  if (setpriv === undefined) return [];
  const command = ['--pdeathsig', 'KILL', '--'];
  return spawnSync(setpriv, [...command, '/bin/true'], { env: {}, stdio: 'ignore' }).status === 0
    ? [setpriv, ...command]
    : [];
}
