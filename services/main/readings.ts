import { join, resolve } from 'node:path';
import type { Config } from '../config.ts';
import { segmenterPool } from '../detection/segmenter-pool.ts';
import type { Context } from '../domain/context.ts';
import { AppError } from '../domain/errors.ts';
import type { ReadingPorts } from '../http/routes/reading.ts';
import { signReading } from '../pipeline/sign-reading.ts';
import type { Store } from '../store/connect.ts';
import { saveReadingModes } from '../store/reading-modes.ts';
import { readingStore } from '../store/reading-store.ts';
import { INSTANCE_FOLDER, PREPARED_FOLDER } from './folders.ts';
import type { KnownModel } from './models.ts';

/** A first click takes seconds; where all cores are taken, tens of them. Below what ends a silent connection. */
const SEGMENT_SECONDS = 50;

export interface RunningReadings extends ReadingPorts {
  close(): Promise<void>;
}

/** What the web server offers to readers. The modes are in the tables before anything is answered. */
export async function startReadings(
  context: Context,
  config: Config,
  store: Store,
  models: readonly KnownModel[],
  destinations: () => readonly string[],
): Promise<RunningReadings> {
  const dataDirectory = resolve(config.DATA_DIR);
  const atOnce = Object.fromEntries(config.MODELS.map((id) => [id, 'concurrent' as const]));
  await saveReadingModes(store, { ...atOnce, ...config.READING_MODES });
  const readings = readingStore(store, { instanceDirectory: join(dataDirectory, INSTANCE_FOLDER) });
  const segmenter = segmenterPool({
    entry: join(import.meta.dirname, 'segmenter.ts'),
    size: 1,
    deadlineSeconds: Math.max(SEGMENT_SECONDS, config.IMAGE_DEADLINE_SECONDS),
    memoryMb: config.IMAGE_MEMORY_MB,
    log: context.log,
  });
  const ports = {
    sign: readings.sign,
    algorithmOf: (modelId: string) => models.find(({ id }) => id === modelId)?.loaded?.algorithm,
    get destinations() {
      return destinations();
    },
    now: () => new Date(),
  };
  return {
    readings,
    signReading: (change, order) => signReading(context, ports, change, order),
    async segmentAt(key, order, signal) {
      const inputs = await readings.imagesOf(key);
      if (inputs.length === 0) throw new AppError('SERIES_NOT_FOUND', 'This study has no such series', key);
      const preparedDirectory = join(dataDirectory, PREPARED_FOLDER);
      return context.metrics.time('segment', () =>
        segmenter.segment({ ...order, inputs: [...inputs], preparedDirectory }, signal),
      );
    },
    close: segmenter.close,
  };
}
