import { readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { part10Header } from '../../../services/dicom/dataset/part10.ts';
import { followDataset } from '../../../services/dicom/dataset/passing-dataset.ts';
import { readHeader } from '../../../services/dicom/dataset/read-header.ts';
import type { SessionPorts } from '../../../services/dicom/net/session.ts';
import { type ScpOptions, type StorageScp, startStorageScp } from '../../../services/dicom/net/storage-scp.ts';
import type { SeriesKey, StoredInstance } from '../../../services/domain/study.ts';
import { receiveInstance } from '../../../services/pipeline/receive-instance.ts';
import { instanceStore } from '../../../services/store/instance-store.ts';
import { fakeContext } from '../../support/fake-context.ts';

/** The real receiver over a folder of its own; the index is a list in memory. */
export interface Receiver extends StorageScp {
  readonly directory: string;
  readonly context: ReturnType<typeof fakeContext>;
  readonly recorded: StoredInstance[];
  readonly ended: { series: readonly SeriesKey[]; released: boolean }[];
  /** Files under their final names, relative; in `incoming/`, those still arriving. */
  files(): string[];
  incoming(): string[];
  /** The bytes after the header of ours, of an instance on disk. */
  dataset(instance: StoredInstance): Buffer;
  stop(): Promise<void>;
}

export interface ReceiverOptions extends Partial<ScpOptions> {
  readonly directory?: string;
  readonly minFreeBytes?: number;
  readonly ports?: Partial<SessionPorts>;
  readonly recordInstance?: (instance: StoredInstance) => Promise<'new' | 'identical' | 'differs'>;
}

export async function startReceiver(options: ReceiverOptions = {}): Promise<Receiver> {
  const { ports, recordInstance, minFreeBytes = 0, directory: given, ...scpOptions } = options;
  const directory = given ?? (await mkdtemp(join(tmpdir(), 'overread-receiver-')));
  const context = fakeContext();
  const store = instanceStore({ directory, minFreeBytes, maxInstanceBytes: options.maxInstanceBytes ?? 2 ** 31 });
  await store.sweep();
  const recorded: StoredInstance[] = [];
  const ended: Receiver['ended'] = [];
  const receivePorts = {
    createFile: store.create,
    removeFile: store.remove,
    part10Header,
    readHeader,
    followDataset,
    recordInstance: async (instance: StoredInstance) => {
      const answer = await (recordInstance?.(instance) ?? 'new');
      recorded.push(instance);
      return answer;
    },
  };
  const scp = await startStorageScp(
    context,
    { AETitle: 'OVERREAD', host: '127.0.0.1', port: 0, maxAssociationsPerPeer: 64, maxAssociations: 64, ...scpOptions },
    {
      openInstance: (request) => receiveInstance(context, receivePorts, request),
      associationEnded: (series, released) => void ended.push({ series, released }),
      ...ports,
    },
  );
  const below = (folder: string): string[] =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(join(folder, name)).isFile());
  return {
    port: scp.port,
    tlsPort: scp.tlsPort,
    renewIdentity: (identity) => scp.renewIdentity(identity),
    othersHold: (held) => scp.othersHold(held),
    get associations() {
      return scp.associations;
    },
    close: () => scp.close(),
    directory,
    context,
    recorded,
    ended,
    files: () => below(directory).filter((name) => !name.startsWith('incoming/')),
    incoming: () => readdirSync(join(directory, 'incoming')),
    dataset: ({ path, bytes }) => {
      const file = readFileSync(join(directory, path));
      return file.subarray(file.length - bytes);
    },
    stop: async () => {
      await scp.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Waits until `condition` holds; fails after `seconds`. */
export async function eventually(condition: () => boolean, seconds = 5): Promise<void> {
  const until = performance.now() + seconds * 1000;
  while (!condition()) {
    if (performance.now() > until) throw new Error(`not within ${seconds} s: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
