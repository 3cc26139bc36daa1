import { join, resolve } from 'node:path';
import type { Config } from '../config.ts';
import type { Context } from '../domain/context.ts';
import { preparerPool } from '../imaging/preparer-pool.ts';
import { prepareArrivals } from '../pipeline/prepare-arrivals.ts';
import { arrivedImages } from '../store/arrived-images.ts';
import type { Store } from '../store/connect.ts';
import { PreparedFolder } from '../store/prepared-folder.ts';
import { INSTANCE_FOLDER, PREPARED_FOLDER } from './folders.ts';
import type { KnownModel } from './models.ts';
import { every } from './timer.ts';

const ARRIVALS_PAUSE_MS = 200;
const SWEEP_PAUSE_MS = 30_000;
const PREPARE_SECONDS = 120;
const MEGABYTE = 1024 * 1024;

/** Decodes images while their series still arrives, in a child of the worker; `undefined` when the settings forbid it. */
export async function startPreparing(context: Context, config: Config, store: Store, models: readonly KnownModel[]) {
  if (config.PREPARED_MB === 0) return undefined;
  const dataDirectory = resolve(config.DATA_DIR);
  const folder = new PreparedFolder({
    directory: join(dataDirectory, PREPARED_FOLDER),
    maxBytes: config.PREPARED_MB * MEGABYTE,
    minFreeBytes: config.MIN_FREE_DISK_MB * MEGABYTE,
  });
  await folder.clear();
  const pool = preparerPool({
    entry: join(import.meta.dirname, 'preparer.ts'),
    directory: folder.directory,
    memoryMb: config.ANALYSIS_MEMORY_MB,
    threads: config.INFERENCE_THREADS,
    deadlineSeconds: PREPARE_SECONDS,
    log: context.log,
  });
  // Slices of volumes are decoded beforehand; a single image is not worth it.
  const volumes = models.flatMap(({ loaded }) =>
    loaded && loaded.manifest.dims !== '2d' ? [loaded.manifest.accepts] : [],
  );
  const ports = {
    prepare: pool.prepare,
    hasRoom: () => folder.sweep(),
    arrivedImages: arrivedImages(store, {
      instanceDirectory: join(dataDirectory, INSTANCE_FOLDER),
      modality: volumes.flatMap(({ modality }) => modality),
      sopClassUids: volumes.flatMap(({ sopClassUids }) => sopClassUids),
    }),
  };
  const timers = [
    every(context, 'prepare', ARRIVALS_PAUSE_MS, () => prepareArrivals(context, ports)),
    every(context, 'sweep', SWEEP_PAUSE_MS, async () => void (await folder.sweep())),
  ];
  return {
    directory: folder.directory,
    async close(): Promise<void> {
      await pool.close();
      await Promise.all(timers.map((timer) => timer.close()));
    },
  };
}
