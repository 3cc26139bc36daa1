import { join, resolve } from 'node:path';
import type { Config } from '../config.ts';
import { part10Header } from '../dicom/dataset/part10.ts';
import { followDataset } from '../dicom/dataset/passing-dataset.ts';
import { readHeader } from '../dicom/dataset/read-header.ts';
import type { Context } from '../domain/context.ts';
import type { InstanceIndex } from '../domain/ports.ts';
import type { ReceivePorts } from '../pipeline/receive-instance.ts';
import { leftoverSweep } from '../pipeline/sweep-leftovers.ts';
import type { Store } from '../store/connect.ts';
import { instanceStore } from '../store/instance-store.ts';
import { seriesIndex } from '../store/series-index.ts';
import { unnamedFiles } from '../store/unnamed-files.ts';
import { INSTANCE_FOLDER } from './folders.ts';
import { every } from './timer.ts';

const MB = 1024 * 1024;

const LONGEST_SWEEP_PAUSE_MS = 3600 * 1000;

/** Processes that write instances. Each has folders of its own, for it clears up what an earlier process left there. */
export type Writer = 'web' | 'puller' | { readonly receiver: number };

const MOST_RECEIVERS = 64;

const foldersOf = (writer: Writer) => {
  if (writer === 'web') return { incomingFolder: 'incoming-web', folderPrefix: 'web-' };
  if (writer === 'puller') return { incomingFolder: 'incoming-pull', folderPrefix: 'pull-' };
  const { receiver } = writer;
  if (receiver === 1) return { incomingFolder: 'incoming', folderPrefix: '' };
  return { incomingFolder: `incoming-${receiver}`, folderPrefix: `r${receiver}-` };
};

/** The first receiver clears up after those that the settings have no more. */
function abandonedTo(writer: Writer, receivers: number) {
  if (typeof writer === 'string' || writer.receiver !== 1) return [];
  const numbers = Array.from({ length: MOST_RECEIVERS - receivers }, (_, at) => receivers + 1 + at);
  return numbers.map((receiver) => foldersOf({ receiver }));
}

interface Receiving {
  readonly index: InstanceIndex;
  readonly ports: ReceivePorts;
  /** The sweeping of leftovers, to be closed. */
  readonly sweeping: { close(): Promise<void> };
}

/** The one way into the store, by C-STORE, by STOW-RS, and of what we fetch. */
export async function receivePorts(context: Context, config: Config, store: Store, writer: Writer): Promise<Receiving> {
  const { log } = context;
  const index = seriesIndex(store, {
    quietSeconds: config.SERIES_QUIET_SECONDS,
    releasedQuietSeconds: config.SERIES_RELEASED_QUIET_SECONDS,
  });
  const files = instanceStore({
    directory: join(resolve(config.DATA_DIR), INSTANCE_FOLDER),
    minFreeBytes: config.MIN_FREE_DISK_MB * MB,
    maxInstanceBytes: config.MAX_INSTANCE_MB * MB,
    ...foldersOf(writer),
    abandoned: abandonedTo(writer, config.RECEIVER_PROCESSES),
  });
  const swept = await files.sweep();
  if (swept > 0) log.info('incoming.swept', { temporaryFiles: swept });
  const { recordInstance } = index;
  const ports = {
    recordInstance,
    createFile: files.create,
    removeFile: files.remove,
    part10Header,
    readHeader,
    followDataset,
  };
  const graceMs = config.LEFTOVER_GRACE_SECONDS * 1000;
  const sweep = leftoverSweep(context, {
    ...files,
    removeFile: files.remove,
    unnamedFiles: (paths) => unnamedFiles(store, paths),
    graceMs,
    nowMs: () => performance.now(),
  });
  return { index, ports, sweeping: every(context, 'leftovers', Math.min(LONGEST_SWEEP_PAUSE_MS, graceMs / 2), sweep) };
}
