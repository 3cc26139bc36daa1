import { type ChildProcess, fork, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { echo } from '../../services/dicom/net/verification-scu.ts';
import { freePort } from '../../services/main/ports.ts';
import { startDatabase } from '../../test/support/database.ts';
import { hasProgram } from '../../test/support/programs.ts';

/** A storage SCP under measurement, fresh and empty. */
export interface Server {
  readonly AETitle: string;
  readonly port: number;
  /** Processes that receive. */
  readonly pids: readonly number[];
  /** How late its event loops were since they were last asked, the worst of them; ours only. */
  late?(): Promise<{ p99Ms: number; mostMs: number }>;
  stop(): Promise<void>;
}

export interface Candidate {
  readonly name: string;
  start(folder: string): Promise<Server>;
}

// dcmtk and Orthanc answer in two writes: with Nagle on, each response waits 40 ms for an acknowledgement.
export const env = { ...process.env, TCP_NODELAY: '1', PATH: `${process.env.PATH}:/usr/sbin` };

const CORES = availableParallelism();

/** The receiver from which the goals came: it writes what arrives, and neither hashes, checks nor syncs it. */
const PROTOTYPE = join(import.meta.dirname, '../../../shared/design/dicom-tools/proto.ts');

/** Those that write to memory: what the network costs. */
export function inMemory(): Candidate[] {
  return [
    { name: 'Overread', start: (folder) => ours(folder) },
    { name: `Overread, ${CORES} processes`, start: (folder) => ours(folder, { processes: CORES }) },
    ...(existsSync(PROTOTYPE) ? [{ name: 'prototype', start: prototype }] : []),
    ...(hasProgram('storescp')
      ? [
          { name: 'storescp +B', start: (folder: string) => storescp(folder) },
          { name: 'storescp --fork +B', start: (folder: string) => storescp(folder, '--fork') },
        ]
      : []),
  ];
}

/** Those that write to a disk, each in its own way. */
export function onDisk(): Candidate[] {
  return [
    { name: 'Overread, index in PostgreSQL', start: (folder) => ours(folder, { withIndex: true }) },
    { name: 'Overread, no index', start: (folder) => ours(folder) },
    ...(hasProgram('storescp') ? [{ name: 'storescp +B', start: (folder: string) => storescp(folder) }] : []),
    ...(hasProgram('Orthanc') ? [{ name: 'Orthanc', start: orthanc }] : []),
  ];
}

export async function ours(
  folder: string,
  { withIndex = false, processes = 1 }: { withIndex?: boolean; processes?: number } = {},
): Promise<Server> {
  const database = withIndex ? await startDatabase() : undefined;
  const directory = fresh(folder);
  const shared = processes > 1 ? await freePort(0) : 0;
  const script = join(import.meta.dirname, 'our-receiver.ts');
  const children = Array.from({ length: processes }, (_, at) =>
    fork(script, [directory, String(shared), String(at + 1), ...(database === undefined ? [] : [database.url])], {
      execArgv: [],
    }),
  );
  const [port = 0] = await Promise.all(children.map(async (child) => (await told<{ port: number }>(child)).port));
  return {
    AETitle: 'OVERREAD',
    port,
    pids: pidsOf(children),
    async late() {
      const all = await Promise.all(
        children.map((child) => {
          child.send({});
          return told<{ p99Ms: number; mostMs: number }>(child);
        }),
      );
      return { p99Ms: Math.max(...all.map((one) => one.p99Ms)), mostMs: Math.max(...all.map((one) => one.mostMs)) };
    },
    async stop() {
      await Promise.all(children.map(ended));
      await database?.stop();
    },
  };
}

const pidsOf = (children: readonly ChildProcess[]): number[] => children.map(({ pid }) => pid ?? 0);

function told<Message>(child: ChildProcess): Promise<Message> {
  return new Promise((resolve, reject) => {
    const died = () => reject(new Error('our receiver ended'));
    child.once('exit', died);
    child.once('message', (message) => {
      child.off('exit', died);
      resolve(message as Message);
    });
  });
}

export async function storescp(folder: string, ...more: string[]): Promise<Server> {
  const port = await freePort(0);
  const child = spawn('storescp', [...more, '+B', '-pdu', '131072', '-od', fresh(folder), String(port)], {
    env,
    stdio: 'ignore',
  });
  return answering({ AETitle: 'STORESCP', port, pids: pidsOf([child]), stop: () => ended(child) });
}

async function prototype(folder: string): Promise<Server> {
  const port = await freePort(0);
  const child = spawn(process.execPath, [PROTOTYPE, String(port), fresh(folder)], { stdio: 'ignore' });
  return answering({ AETitle: 'PROTOTYPE', port, pids: pidsOf([child]), stop: () => ended(child) });
}

async function orthanc(folder: string): Promise<Server> {
  const [port, HttpPort, directory] = [await freePort(0), await freePort(0), fresh(folder)];
  const settings = {
    StorageDirectory: directory,
    IndexDirectory: directory,
    DicomAet: 'ORTHANC',
    DicomPort: port,
    HttpPort,
    Plugins: [],
  };
  writeFileSync(join(directory, 'orthanc.json'), JSON.stringify(settings));
  const child = spawn('Orthanc', [join(directory, 'orthanc.json')], { env, stdio: 'ignore' });
  return answering({ AETitle: 'ORTHANC', port, pids: pidsOf([child]), stop: () => ended(child) });
}

async function answering(server: Server): Promise<Server> {
  const peer = { AETitle: server.AETitle, host: '127.0.0.1', port: server.port };
  for (let tries = 0; tries < 150; tries++) {
    const ready = await echo(peer, 'BENCH', { timeoutSeconds: 2 }).then(
      () => true,
      () => false,
    );
    if (ready) return server;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${server.AETitle} does not answer`);
}

/** A new folder each time: writing over files of an earlier run is slower. */
function fresh(folder: string): string {
  mkdirSync(folder, { recursive: true });
  return mkdtempSync(join(folder, 'store-'));
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.removeAllListeners('exit');
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}

export const removeStores = (folder: string): void => rmSync(folder, { recursive: true, force: true });
