import { join, resolve } from 'node:path';
import type { Config } from '../config.ts';
import { part10Header } from '../dicom/dataset/part10.ts';
import { followDataset } from '../dicom/dataset/passing-dataset.ts';
import { readHeader } from '../dicom/dataset/read-header.ts';
import type { Context } from '../domain/context.ts';
import type { InstanceIndex } from '../domain/ports.ts';
import type { ReceivePorts } from '../pipeline/receive-instance.ts';
import type { Store } from '../store/connect.ts';
import { instanceStore } from '../store/instance-store.ts';
import { seriesIndex } from '../store/series-index.ts';
import { INSTANCE_FOLDER } from './folders.ts';

const MB = 1024 * 1024;

/**
 * The one way into the store, by C-STORE and by STOW-RS. Each role has an incoming folder of its own, for at its start
 * it removes what an earlier process left there.
 */
export async function receivePorts(
  { log }: Context,
  config: Config,
  store: Store,
  incomingFolder: string,
): Promise<{ index: InstanceIndex; ports: ReceivePorts }> {
  const index = seriesIndex(store, {
    quietSeconds: config.SERIES_QUIET_SECONDS,
    releasedQuietSeconds: config.SERIES_RELEASED_QUIET_SECONDS,
  });
  const files = instanceStore({
    directory: join(resolve(config.DATA_DIR), INSTANCE_FOLDER),
    minFreeBytes: config.MIN_FREE_DISK_MB * MB,
    maxInstanceBytes: config.MAX_INSTANCE_MB * MB,
    incomingFolder,
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
  return { index, ports };
}
