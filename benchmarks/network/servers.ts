import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { echo } from '../../services/dicom/net/verification-scu.ts';
import { freePort } from '../../services/main/ports.ts';
import { startDatabase } from '../../test/support/database.ts';
import { hasProgram } from '../../test/support/programs.ts';

/** A storage SCP under measurement, fresh and empty. */
export interface Server {
  readonly AETitle: string;
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

export interface Candidate {
  readonly name: string;
  start(folder: string): Promise<Server>;
}

// dcmtk and Orthanc answer in two writes: with Nagle on, each response waits 40 ms for an acknowledgement.
const env = { ...process.env, TCP_NODELAY: '1', PATH: `${process.env.PATH}:/usr/sbin` };

/** All that this machine can run. */
export function candidates(): Candidate[] {
  const all = [
    { name: 'Overread, index in PostgreSQL', start: (folder: string) => ours(folder, true) },
    { name: 'Overread, no index', start: (folder: string) => ours(folder, false) },
    ...(hasProgram('storescp') ? [{ name: 'storescp +B -pdu 131072', start: storescp }] : []),
    ...(hasProgram('Orthanc') ? [{ name: 'Orthanc', start: orthanc }] : []),
  ];
  return all;
}

export async function ours(folder: string, withIndex: boolean): Promise<Server> {
  const database = withIndex ? await startDatabase() : undefined;
  const script = join(import.meta.dirname, 'our-receiver.ts');
  const args = [script, fresh(folder), ...(database === undefined ? [] : [database.url])];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = await new Promise<number>((resolve, reject) => {
    child.once('exit', () => reject(new Error('our receiver did not start')));
    createInterface({ input: child.stdout }).once('line', (line) => resolve(Number(line)));
  });
  const stop = async () => {
    await ended(child);
    await database?.stop();
  };
  return { AETitle: 'OVERREAD', port, pid: child.pid ?? 0, stop };
}

async function storescp(folder: string): Promise<Server> {
  const port = await freePort(0);
  const child = spawn('storescp', ['+B', '-pdu', '131072', '-od', fresh(folder), String(port)], {
    env,
    stdio: 'ignore',
  });
  return answering({ AETitle: 'STORESCP', port, pid: child.pid ?? 0, stop: () => ended(child) });
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
  return answering({ AETitle: 'ORTHANC', port, pid: child.pid ?? 0, stop: () => ended(child) });
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
