import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { part10Header } from '../../dicom/dataset/part10.ts';
import { followDataset } from '../../dicom/dataset/passing-dataset.ts';
import { readHeader } from '../../dicom/dataset/read-header.ts';
import { startStorageScp } from '../../dicom/net/storage-scp.ts';
import type { Context } from '../../domain/context.ts';
import { AppError } from '../../domain/errors.ts';
import type { StoredInstance } from '../../domain/study.ts';
import { receiveInstance } from '../../pipeline/receive-instance.ts';
import { instanceStore } from '../../store/instance-store.ts';
import { freePort } from '../ports.ts';

/** A PACS that receives the report of the demo. */
export interface DemoPacs {
  readonly description: string;
  readonly AETitle: string;
  readonly port: number;
  /** Has it an object with this SOP Instance UID? */
  holds(SOPInstanceUID: string): Promise<boolean>;
  stop(): Promise<void>;
}

const MAX_REPORT_BYTES = 64 * 1024 * 1024;
const ORTHANC_PLACES = ['/usr/sbin/Orthanc', '/usr/bin/Orthanc', '/usr/local/sbin/Orthanc'];

/** Orthanc where it is installed, else our own receiver as a second application entity. */
export async function startDemoPacs(context: Context, dataDir: string): Promise<DemoPacs> {
  const program = ORTHANC_PLACES.find((place) => existsSync(place));
  return program === undefined ? ownPacs(context, dataDir) : orthanc(program, join(dataDir, 'orthanc'));
}

async function orthanc(program: string, directory: string): Promise<DemoPacs> {
  await mkdir(directory, { recursive: true });
  const [port, httpPort] = [await freePort(4242), await freePort(8042)];
  const settings = {
    Name: 'Overread demo PACS',
    StorageDirectory: join(directory, 'storage'),
    IndexDirectory: join(directory, 'storage'),
    DicomAet: 'ORTHANC',
    DicomPort: port,
    HttpPort: httpPort,
    RemoteAccessAllowed: false,
    AuthenticationEnabled: false,
    DefaultEncoding: 'Utf8',
    Plugins: [],
  };
  const file = join(directory, 'orthanc.json');
  await writeFile(file, JSON.stringify(settings, null, 2));
  const root = `http://127.0.0.1:${httpPort}`;
  const child = spawn(program, [file], {
    // Its answers wait 40 ms each without this: header and body leave in two writes.
    env: { ...process.env, TCP_NODELAY: '1' },
    stdio: 'ignore',
    detached: true,
  });
  await answers(child, root);
  return {
    description: `Orthanc, ${root}/`,
    AETitle: 'ORTHANC',
    port,
    async holds(SOPInstanceUID) {
      const query = { method: 'POST', body: SOPInstanceUID };
      const found = z.array(z.unknown()).parse(await (await fetch(`${root}/tools/lookup`, query)).json());
      return found.length > 0;
    },
    stop: () => ended(child),
  };
}

async function answers(child: ChildProcess, root: string): Promise<void> {
  for (let tries = 0; tries < 150 && child.exitCode === null; tries += 1) {
    const system = await fetch(`${root}/system`).catch(() => undefined);
    if (system?.ok) return;
    await sleep(200);
  }
  child.kill('SIGKILL');
  throw new AppError('PACS_UNREACHABLE', 'Orthanc is installed but did not start within 30 s');
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill('SIGTERM');
  });
}

/** Our own receiver under another AE title: files in a folder, no index, no analysis. */
async function ownPacs(context: Context, dataDir: string): Promise<DemoPacs> {
  const files = instanceStore({
    directory: join(dataDir, 'second-ae'),
    minFreeBytes: 0,
    maxInstanceBytes: MAX_REPORT_BYTES,
  });
  const held = new Set<string>();
  const recordInstance = async ({ header }: StoredInstance) => {
    held.add(header.instance.SOPInstanceUID);
    return 'new' as const;
  };
  const ports = {
    recordInstance,
    createFile: files.create,
    removeFile: files.remove,
    part10Header,
    readHeader,
    followDataset,
  };
  const scp = await startStorageScp(
    context,
    { AETitle: 'PACS', host: '127.0.0.1', port: await freePort(4242) },
    { openInstance: (request) => receiveInstance(context, ports, request), associationEnded: () => {} },
  );
  return {
    description: 'our own receiver as a second AE (Orthanc is not installed)',
    AETitle: 'PACS',
    port: scp.port,
    holds: async (SOPInstanceUID) => held.has(SOPInstanceUID),
    stop: () => scp.close(),
  };
}
