import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../domain/context.ts';
import { AppError } from '../domain/errors.ts';
import type { InstanceIndex } from '../domain/ports.ts';
import type { IndexedHeader, SeriesKey, StoredInstance } from '../domain/study.ts';

/** An instance that is about to arrive, as the C-STORE request names it. */
export interface ArrivingInstance {
  readonly SOPClassUID: string;
  readonly SOPInstanceUID: string;
  readonly TransferSyntaxUID: string;
  readonly callingAETitle: string;
  /** The study it was sent to; any when absent. */
  readonly StudyInstanceUID?: string;
}

/** Its file while it arrives. */
interface ArrivingFile {
  write(bytes: Uint8Array): Promise<void> | undefined;
  /** The first bytes of the data set; fewer when it is shorter. For use at once. */
  head(length: number): Uint8Array | Promise<Uint8Array>;
  commit(): Promise<{ readonly path: string; readonly sha256: string; readonly bytes: number }>;
  /** Its row is written, or nobody will write it any more. */
  settle(): void;
  abort(): Promise<void>;
}

export interface ReceivePorts extends Pick<InstanceIndex, 'recordInstance'> {
  createFile(header: Uint8Array): ArrivingFile;
  removeFile(path: string): Promise<void>;
  part10Header(
    meta: Pick<ArrivingInstance, 'SOPClassUID' | 'SOPInstanceUID' | 'TransferSyntaxUID'> & {
      readonly sourceAETitle: string;
    },
  ): Uint8Array;
  readHeader(head: Uint8Array, TransferSyntaxUID: string): IndexedHeader;
  followDataset(TransferSyntaxUID: string): PassingDataset;
}

/** Watches a data set pass, to tell at its end what it lacks; `undefined` when it is whole or that cannot be told. */
interface PassingDataset {
  /** Resolves when more may come. */
  add(bytes: Uint8Array): Promise<void> | undefined;
  lacks(): string | undefined | Promise<string | undefined>;
  /** Nobody will ask. */
  close(): void;
}

export interface ReceivedOutcome {
  readonly status: number;
  readonly series: SeriesKey;
}

/** Indexed attributes nearly always lie within the first; the others are read back from the file when they do not. */
const HEAD_BYTES = [64 * 1024, 1024 * 1024, 8 * 1024 * 1024] as const;

/** Pauses before the index is asked again; together shorter than a sender waits for its response. */
const RETRY_MS = [100, 400, 1500, 4000];

const SUCCESS = 0x0000;

/**
 * Takes one instance: to its file while it arrives, and when it is whole in an order that is a contract — checked,
 * durable, indexed, and only then acknowledged. What is refused leaves no file.
 *
 * The exception: when the index fails, nobody knows whether it committed. Then the file stays, unacknowledged, for a
 * row that names no file would be a loss and a file that no row names is swept away (`sweep-leftovers.ts`).
 */
export function receiveInstance(context: Context, ports: ReceivePorts, arriving: ArrivingInstance) {
  const { callingAETitle, StudyInstanceUID: _, ...meta } = arriving;
  const file = ports.createFile(ports.part10Header({ ...meta, sourceAETitle: callingAETitle }));
  const passing = ports.followDataset(arriving.TransferSyntaxUID);
  return {
    write(bytes: Uint8Array): Promise<void> | undefined {
      const written = file.write(bytes);
      const passed = passing.add(bytes);
      return passed === undefined ? written : bothOf(passed, written);
    },
    abort(): Promise<void> {
      passing.close();
      return file.abort();
    },
    async end(): Promise<ReceivedOutcome> {
      const lacks = await passing.lacks();
      if (lacks !== undefined) throw new AppError('DATASET_UNREADABLE', `cut short: ${lacks}`);
      const header = await indexedHeader(ports, arriving.TransferSyntaxUID, file);
      checkUids(header, arriving);
      if (header.tolerated.length > 0) {
        const what = header.tolerated.join('; ');
        context.log.warn('instance.tolerated', { SOPInstanceUID: arriving.SOPInstanceUID, what });
      }
      const { StudyInstanceUID } = header.study;
      const { SeriesInstanceUID } = header.series;
      const { TransferSyntaxUID } = arriving;
      const instance = { header, TransferSyntaxUID, ...(await file.commit()), sourceAETitle: callingAETitle };
      await record(context, ports, instance).finally(() => file.settle());
      return { status: SUCCESS, series: { StudyInstanceUID, SeriesInstanceUID } };
    },
  };
}

async function bothOf(passed: Promise<void>, written: Promise<void> | undefined): Promise<void> {
  await Promise.all([passed, written]);
}

/**
 * Enters the instance into the index.
 *
 * @throws {AppError} DUPLICATE_DIFFERS when other bytes are known under its UID: the file is kept apart, as the index notes.
 */
async function record(context: Context, ports: ReceivePorts, instance: StoredInstance): Promise<void> {
  const answer = await recordWithRetry(context, ports, instance);
  const { SOPInstanceUID } = instance.header.instance;
  if (answer === 'differs') {
    context.log.warn('instance.quarantined', { SOPInstanceUID, sourceAETitle: instance.sourceAETitle });
    context.metrics.count('instances_quarantined');
    throw new AppError('DUPLICATE_DIFFERS', 'SOP Instance UID is known with other content');
  }
  if (answer === 'identical') await ports.removeFile(instance.path);
}

/** Asking again is safe: an index that knows this very file, by its path, answers `new`. */
async function recordWithRetry(context: Context, ports: ReceivePorts, instance: StoredInstance) {
  for (const pause of RETRY_MS) {
    try {
      return await ports.recordInstance(instance);
    } catch (error) {
      context.log.error('instance.not-indexed', error, { retryMs: pause });
      await sleep(pause, undefined, { signal: context.signal }).catch(() => {});
    }
  }
  return ports.recordInstance(instance);
}

/**
 * Reads the header from as little as holds it. Rows stands behind all but one of the indexed attributes, so a head with
 * Rows is long enough; an object without pixels never has it and is read from the second length.
 *
 * @throws {AppError} DATASET_UNREADABLE.
 */
async function indexedHeader(ports: ReceivePorts, uid: string, file: ArrivingFile): Promise<IndexedHeader> {
  const [first, second, third] = HEAD_BYTES;
  const head = await file.head(first);
  if (head.length < first) return ports.readHeader(head, uid);
  const short = tryHeader(ports, head, uid);
  if (short?.instance.Rows !== undefined) return short;
  const long = tryHeader(ports, await file.head(second), uid);
  return long ?? ports.readHeader(await file.head(third), uid);
}

function tryHeader(ports: ReceivePorts, bytes: Uint8Array, uid: string): IndexedHeader | undefined {
  try {
    return ports.readHeader(bytes, uid);
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

/** @throws {AppError} DATASET_MISMATCH when the data set is not the instance that the command announced. */
function checkUids({ instance, study }: IndexedHeader, arriving: ArrivingInstance): void {
  const { SOPClassUID, SOPInstanceUID, StudyInstanceUID = study.StudyInstanceUID } = arriving;
  if (instance.SOPInstanceUID !== SOPInstanceUID) {
    throw new AppError('DATASET_MISMATCH', 'SOP Instance UID of data set and command differ');
  }
  if (instance.SOPClassUID !== SOPClassUID) {
    throw new AppError('DATASET_MISMATCH', 'SOP Class UID of data set and command differ');
  }
  if (study.StudyInstanceUID !== StudyInstanceUID) {
    throw new AppError('DATASET_MISMATCH', 'the instance belongs to another study than it was sent to');
  }
}
