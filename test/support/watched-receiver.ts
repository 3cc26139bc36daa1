import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { part10Header } from '../../services/dicom/dataset/part10.ts';
import { followDataset } from '../../services/dicom/dataset/passing-dataset.ts';
import { readHeader } from '../../services/dicom/dataset/read-header.ts';
import { startStorageScp } from '../../services/dicom/net/storage-scp.ts';
import type { Context, Log } from '../../services/domain/context.ts';
import { receiveInstance } from '../../services/pipeline/receive-instance.ts';
import { instanceStore } from '../../services/store/instance-store.ts';

/** What a receiver under attack says of itself. */
export interface Report {
  readonly rssMb: number;
  /** What is in use after garbage was collected. */
  readonly heldMb: number;
  /** Descriptors that are open, of any kind; those of files in its store. */
  readonly descriptors: number;
  readonly openFiles: number;
  readonly associations: number;
  readonly incoming: number;
  readonly recorded: number;
  /** How often each event was logged. */
  readonly events: Readonly<Record<string, number>>;
  /** Errors that have no name: bugs. */
  readonly bugs: readonly string[];
}

export interface WatchedReceiver {
  readonly port: number;
  report(): Promise<Report>;
  /** Rejects when it dies before it is stopped. */
  readonly died: Promise<never>;
  stop(): Promise<void>;
}

/** The real receiver with short deadlines, in a process of its own, so that its memory is its own. */
export async function watchReceiver(): Promise<WatchedReceiver> {
  const folder = mkdtempSync(join(tmpdir(), 'overread-watched-'));
  const child = fork(import.meta.filename, [folder], { execArgv: ['--expose-gc'] });
  let isStopping = false;
  const died = new Promise<never>((_, reject) => {
    child.once('exit', (code, signal) => {
      if (!isStopping) reject(new Error(`the receiver died: ${code ?? signal}`));
    });
  });
  died.catch(() => {});
  const { port } = (await Promise.race([heard(child), died])) as { port: number };
  return {
    port,
    died,
    async report() {
      child.send({});
      return (await Promise.race([heard(child), died])) as Report;
    },
    async stop() {
      isStopping = true;
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const heard = (child: ChildProcess) => new Promise<unknown>((resolve) => child.once('message', resolve));

async function receive(directory: string): Promise<void> {
  const events: Record<string, number> = {};
  const bugs: string[] = [];
  const told = (event: string) => {
    events[event] = (events[event] ?? 0) + 1;
  };
  const log: Log = {
    info: told,
    warn: told,
    error: (event, error) => {
      told(event);
      if (bugs.length < 20) bugs.push(`${event}: ${error instanceof Error ? error.stack : String(error)}`);
    },
    child: () => log,
  };
  const metrics = { time: <T>(_: string, work: () => Promise<T>) => work(), observe: () => {}, count: () => {} };
  const context: Context = { log, metrics, signal: new AbortController().signal };
  const store = instanceStore({ directory, minFreeBytes: 0, maxInstanceBytes: 2 ** 30 });
  await store.sweep();
  let recorded = 0;
  const ports = {
    createFile: store.create,
    removeFile: store.remove,
    part10Header,
    readHeader,
    followDataset,
    recordInstance: async ({ path }: { readonly path: string }) => {
      recorded += 1;
      // What is kept would fill the disk of a long run.
      await store.remove(path);
      return 'new' as const;
    },
  };
  const scp = await startStorageScp(
    context,
    {
      ...{ AETitle: 'OVERREAD', host: '127.0.0.1', port: 0, artimSeconds: 2, idleSeconds: 3 },
      ...{ maxAssociations: 256, maxAssociationsPerPeer: 256 },
    },
    { openInstance: (request) => receiveInstance(context, ports, request), associationEnded: () => {} },
  );
  process.on('message', () => process.send?.(report()));
  process.on('disconnect', () => process.exit());
  process.send?.({ port: scp.port });

  function report(): Report {
    globalThis.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    return {
      rssMb: Math.round(process.memoryUsage().rss / 2 ** 20),
      heldMb: Math.round((heapUsed + external) / 2 ** 20),
      descriptors: readdirSync('/proc/self/fd').length,
      openFiles: openBelow(directory),
      associations: scp.associations,
      incoming: readdirSync(join(directory, 'incoming')).length,
      ...{ recorded, events, bugs },
    };
  }
}

/** Files below a folder that this process has open. */
function openBelow(folder: string): number {
  const targets = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return '';
    }
  });
  return targets.filter((target) => target.startsWith(folder)).length;
}

if (process.argv[1] === import.meta.filename) await receive(process.argv[2] ?? '');
