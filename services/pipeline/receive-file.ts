import type { Context } from '../domain/context.ts';
import { AppError } from '../domain/errors.ts';
import type { SeriesKey } from '../domain/study.ts';
import { Uid } from '../domain/uid.ts';
import { type ReceivePorts, receiveInstance } from './receive-instance.ts';

interface FileMeta {
  readonly SOPClassUID: string;
  readonly SOPInstanceUID: string;
  readonly TransferSyntaxUID: string;
}

export interface ReceiveFilePorts extends ReceivePorts {
  /** @throws {AppError} DATASET_UNREADABLE. */
  readPart10Meta(head: Uint8Array): FileMeta & { readonly datasetOffset: number };
  readonly SOPClassUIDs: ReadonlySet<string>;
  readonly TransferSyntaxUIDs: ReadonlySet<string>;
}

interface StoredFileName {
  readonly SOPClassUID: string;
  readonly SOPInstanceUID: string;
  readonly series: SeriesKey;
}

/** No file meta information is longer: it holds UIDs and names. */
const META_BYTES = 64 * 1024;

/**
 * Takes one Part 10 file: its meta information is read and replaced by ours, its data set goes the way of a C-STORE,
 * byte for byte, so that the same object is the same by whatever way it comes.
 */
export function receiveFile(
  context: Context,
  ports: ReceiveFilePorts,
  StudyInstanceUID?: string,
  /** Stands where the calling AE title of an association would. */
  source = 'STOW-RS',
) {
  const startedAt = performance.now();
  const head: Uint8Array[] = [];
  const state: { headBytes: number; bytes: number; meta?: FileMeta; sink?: ReturnType<typeof receiveInstance> } = {
    headBytes: 0,
    bytes: 0,
  };
  const open = () => {
    const bytes = Buffer.concat(head.splice(0));
    const { datasetOffset, ...meta } = ports.readPart10Meta(bytes);
    checkNamed(meta);
    state.meta = meta;
    checkTaken(ports, meta);
    const named = StudyInstanceUID === undefined ? meta : { ...meta, StudyInstanceUID };
    state.sink = receiveInstance(context, ports, { ...named, callingAETitle: source });
    return state.sink.write(bytes.subarray(datasetOffset));
  };
  return {
    /** What the file says it is, once that is known. */
    get named(): Pick<FileMeta, 'SOPClassUID' | 'SOPInstanceUID'> | undefined {
      return state.meta;
    },
    /** The bytes must not change afterwards. @throws {AppError} when the file is not taken; call `abort` then. */
    write(bytes: Uint8Array): Promise<void> | undefined {
      state.bytes += bytes.length;
      if (state.sink !== undefined) return state.sink.write(bytes);
      head.push(bytes);
      state.headBytes += bytes.length;
      return state.headBytes < META_BYTES ? undefined : open();
    },
    /** Resolves when nothing can be lost any more. @throws {AppError}; call `abort` then. */
    async end(): Promise<StoredFileName> {
      if (state.sink === undefined) await open();
      const { meta, sink } = state;
      if (meta === undefined || sink === undefined) throw new Error('a file ends that was not begun');
      const { series } = await sink.end();
      context.metrics.observe('receive', (performance.now() - startedAt) / 1000);
      context.metrics.count('instances_received');
      context.metrics.count('received_bytes', state.bytes);
      return { SOPClassUID: meta.SOPClassUID, SOPInstanceUID: meta.SOPInstanceUID, series };
    },
    /** Leaves nothing of it, and says why in the log. */
    async abort(error: unknown): Promise<void> {
      const which = state.meta === undefined ? {} : { SOPInstanceUID: state.meta.SOPInstanceUID };
      context.metrics.count('instances_refused');
      if (error instanceof AppError) {
        context.log.warn('instance.refused', { code: error.code, comment: error.message, ...which });
      } else {
        context.log.error('instance.failed', error, which);
      }
      await state.sink?.abort().catch((failure: unknown) => context.log.error('instance.not-removed', failure, which));
    },
  };
}

/** @throws {AppError} DATASET_UNREADABLE when what stands in the place of a UID is none. */
function checkNamed(meta: FileMeta): void {
  for (const keyword of ['SOPClassUID', 'SOPInstanceUID', 'TransferSyntaxUID'] as const) {
    if (!Uid.safeParse(meta[keyword]).success) {
      throw new AppError('DATASET_UNREADABLE', `${keyword} of the file meta information is not a UID`);
    }
  }
}

/** What an association would have refused when it was negotiated. */
function checkTaken(ports: ReceiveFilePorts, { SOPClassUID, TransferSyntaxUID }: FileMeta): void {
  if (!ports.SOPClassUIDs.has(SOPClassUID)) {
    throw new AppError('SOP_CLASS_REFUSED', 'the SOP class is none of PS3.4 Annex B');
  }
  if (!ports.TransferSyntaxUIDs.has(TransferSyntaxUID)) {
    throw new AppError('TRANSFER_SYNTAX_REFUSED', 'the transfer syntax is none of those taken');
  }
}
