import type { Log } from '../domain/context.ts';
import type { ReadLesion } from '../domain/contract/reading.ts';
import { AppError } from '../domain/errors.ts';
import type { Reason } from '../domain/reason.ts';
import { type SegmentationRequest, SegmenterMessage } from '../domain/segmentation.ts';
import { childPool, type Heard } from '../isolation/child-pool.ts';
import type { ChildFailures } from '../isolation/killable-child.ts';

export interface SegmenterPoolOptions {
  /** File that the child runs. */
  readonly entry: string;
  /** Requests at once, each in a child of its own. */
  readonly size: number;
  readonly deadlineSeconds: number;
  /** Resident size above which a child is killed. */
  readonly memoryMb: number;
  readonly log: Log;
}

export type Segmented = { readonly lesion: ReadLesion } | { readonly reason: Reason };

export interface SegmenterPool {
  /**
   * What is at a point, or why nothing can be measured there. An aborted `signal` takes a request back while it waits.
   *
   * @throws {AppError} IMAGER_DIED, IMAGER_DEADLINE or IMAGER_BUSY.
   */
  segment(request: Omit<SegmentationRequest, 'id'>, signal: AbortSignal): Promise<Segmented>;
  /** Kills every child; what ran or waited is rejected. */
  close(): Promise<void>;
}

const MAX_WAITING = 32;
const REQUESTS_PER_CHILD = 500;
const MAX_LINE_BYTES = 64 * 1024;

/** Segmentation for readers, in children that may be killed: they read hostile files. */
export function segmenterPool(options: SegmenterPoolOptions): SegmenterPool {
  const pool = childPool({
    ...options,
    name: 'segmenter',
    maxWaiting: MAX_WAITING,
    limits: { lineBytes: MAX_LINE_BYTES, payloadBytes: 0 },
    failures: FAILURES,
    requestsPerChild: REQUESTS_PER_CHILD,
    abortKills: false,
  });
  const numbers = { next: 0 };
  return {
    segment(asked, signal) {
      numbers.next += 1;
      const request: SegmentationRequest = { ...asked, id: String(numbers.next) };
      return pool.run(request, signal, (said) => heardOf(said, request));
    },
    close: pool.close,
  };
}

/** What it says is held against its schema, and against what it was asked. */
function heardOf(said: unknown, { id, inputs, label }: SegmentationRequest): Heard<Segmented> {
  const { success, data: message } = SegmenterMessage.safeParse(said);
  if (!success) return { fatal: FAILURES.invalid('not a message') };
  if (message.type === 'ready') return { more: true };
  if (message.id !== id) return { fatal: FAILURES.invalid('the id of another request') };
  if (message.type === 'bug') return { fatal: FAILURES.died('the segmenter met a defect', { place: message.place }) };
  if (message.type === 'refused') return { answer: { reason: message.reason } };
  const { lesion } = message;
  const isOfSeries = inputs.some(
    ({ SOPInstanceUID, SeriesInstanceUID }) =>
      SOPInstanceUID === lesion.region.SOPInstanceUID && SeriesInstanceUID === lesion.SeriesInstanceUID,
  );
  if (!isOfSeries || lesion.label !== label) return { fatal: FAILURES.invalid('a lesion of something else') };
  return { answer: { lesion } };
}

const FAILURES: ChildFailures = {
  died: (message, detail) => new AppError('IMAGER_DIED', message, { ...detail }),
  invalid: (detail) => new AppError('IMAGER_DIED', `the segmenter answered outside its contract: ${detail}`),
  late: (message, seconds) => new AppError('IMAGER_DEADLINE', message, { seconds }),
  busy: () => new AppError('IMAGER_BUSY', 'as many segmentations as may wait are waiting'),
};
