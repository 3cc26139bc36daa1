import { type ChildProcess, execFile, fork, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '../../services/main/ports.ts';
import { writePart10 } from '../../test/dicom/net/part10-files.ts';
import { type CertificateFiles, Certificates } from '../../test/support/certificates.ts';
import { CT_IMAGE_STORAGE } from '../../test/support/load-client.ts';
import { cpuSeconds } from './process-usage.ts';
import { env } from './servers.ts';
import { readSlice, writeSlices } from './slices.ts';

const run = promisify(execFile);
const SLICES = 500;
const MEMORY = '/dev/shm';

interface TlsServer {
  readonly name: string;
  readonly port: number;
  readonly child: ChildProcess;
}

/**
 * C-STORE receive by DICOM TLS, both ends with certificates, beside dcmtk's `storescp +tls`: 500 CT slices of 525 kB into
 * memory, from dcmtk's storescu, a process for each association, for the load client speaks no TLS.
 */
export async function tls(rounds = 3): Promise<void> {
  const folder = mkdtempSync(join(MEMORY, 'overread-bench-'));
  const certificates = new Certificates();
  try {
    const lists = parts(join(folder, 'files'));
    const [cpu] = cpus();
    console.log(`${SLICES} CT slices of 525 kB by TLS from storescu, ${rounds} rounds in turn; ${cpu?.model.trim()}`);
    const files = { ours: certificates.make('OVERREAD'), theirs: certificates.make('REMOTE') };
    for (const associations of [1, 4]) {
      const rates = new Map<string, number[]>();
      for (let round = 0; round < rounds; round += 1) {
        for (const start of [overread, storescp]) {
          const store = join(folder, 'store');
          mkdirSync(store);
          const server = await start(store, files.ours);
          await send(server, files.theirs, lists(associations));
          rates.set(server.name, [
            ...(rates.get(server.name) ?? []),
            await measured(server, files.theirs, lists(associations)),
          ]);
          server.child.kill('SIGKILL');
          rmSync(store, { recursive: true, force: true });
        }
      }
      const [ours = [], theirs = []] = [...rates.values()];
      const ratio = (median(ours) / median(theirs)).toFixed(2);
      console.log(`\n${associations} associations, load ${loadavg()[0]?.toFixed(1)}: ours / storescp +tls ${ratio}`);
      for (const [name, each] of rates)
        console.log(`${name}: ${each.map((rate) => rate.toFixed(0)).join(' ')} instances/s`);
    }
  } finally {
    certificates.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Part 10 files in as many folders as there are associations. */
function parts(folder: string): (associations: number) => readonly string[] {
  const bare = join(folder, 'bare');
  writeSlices(bare, SLICES);
  const names = readdirSync(bare);
  const made = new Map<number, readonly string[]>();
  for (const associations of [1, 4]) {
    const folders = Array.from({ length: associations }, (_, at) => join(folder, `${associations}-${at}`));
    for (const one of folders) mkdirSync(one);
    for (const [at, name] of names.entries()) {
      const { dataset } = readSlice(join(bare, name));
      const meta = { SOPClassUID: CT_IMAGE_STORAGE, SOPInstanceUID: name, dataset };
      writePart10(join(folders[at % associations] ?? '', name), meta, 'explicit');
    }
    made.set(associations, folders);
  }
  return (associations) => made.get(associations) ?? [];
}

async function send(
  { port }: TlsServer,
  { key, cert, ca }: CertificateFiles,
  folders: readonly string[],
): Promise<void> {
  const options = ['+tls', key, cert, '+cf', ca, '+px', '-pdu', '131072', '-aet', 'REMOTE', '-aec', 'OVERREAD', '+sd'];
  await Promise.all(folders.map((folder) => run('storescu', [...options, '127.0.0.1', String(port), folder], { env })));
}

/** Instances a second; prints what the server used of the processor, too. */
async function measured(server: TlsServer, files: CertificateFiles, folders: readonly string[]): Promise<number> {
  const [began, before] = [performance.now(), cpuSeconds(server.child.pid ?? 0)];
  await send(server, files, folders);
  const seconds = (performance.now() - began) / 1000;
  const used = (cpuSeconds(server.child.pid ?? 0) - before).toFixed(2);
  console.log(`  ${server.name}: ${(SLICES / seconds).toFixed(0)} instances/s, ${used} s of processor`);
  return SLICES / seconds;
}

async function overread(folder: string, { cert, key, ca }: CertificateFiles): Promise<TlsServer> {
  const identity = { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8'), ca: readFileSync(ca, 'utf8') };
  const script = join(import.meta.dirname, 'our-receiver.ts');
  const child = fork(script, [folder, '0', '1'], {
    execArgv: [],
    env: { ...process.env, BENCH_TLS: JSON.stringify(identity) },
  });
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message) => resolve((message as { tlsPort: number }).tlsPort));
    child.once('exit', () => reject(new Error('our receiver ended')));
  });
  return { name: 'Overread', port, child };
}

async function storescp(folder: string, { cert, key, ca }: CertificateFiles): Promise<TlsServer> {
  const port = await freePort(0);
  const options = ['+tls', key, cert, '+cf', ca, '+px', '+B', '-pdu', '131072', '-od', folder, '-aet', 'OVERREAD'];
  const child = spawn('storescp', [...options, String(port)], { env, stdio: 'ignore' });
  while (!(await listens(port))) await sleep(50);
  return { name: 'storescp +tls', port, child };
}

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket.destroy() !== undefined));
    socket.once('error', () => resolve(false));
  });

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
