import type { Log } from '../domain/context.ts';
import { AppError } from '../domain/errors.ts';
import { type ImageRequest, ImagerMessage } from '../domain/image-request.ts';
import type { RenderOptions } from '../domain/render-options.ts';
import { childPool, type Heard } from '../isolation/child-pool.ts';
import type { ChildFailures } from '../isolation/killable-child.ts';

export interface ImagerPoolOptions {
  /** File that the child runs. */
  readonly entry: string;
  /** Requests at once, each in a child of its own. */
  readonly size: number;
  readonly deadlineSeconds: number;
  /** Resident size above which a child is killed. */
  readonly memoryMb: number;
  readonly log: Log;
  readonly maxWaiting?: number;
}

/** A piece of an instance, as `transcodedPiece` makes it; the bytes are views, not copies. */
export interface TranscodedPiece {
  readonly bytes: readonly Uint8Array[];
  readonly next: number | null;
  readonly totalBytes: number | null;
  readonly TransferSyntaxUID: string;
  readonly photometric: string;
}

/**
 * Decoding for the web, in children that may be killed. An aborted `signal` takes a request back while it waits, and
 * lets nobody hear of it afterwards.
 *
 * @throws {AppError} NOT_ACCEPTABLE, FRAME_NOT_FOUND or INSTANCE_UNREADABLE as the imager says; IMAGER_DIED, IMAGER_DEADLINE
 *   or IMAGER_BUSY.
 */
export interface ImagerPool {
  /** A frame (from 0) of a stored file in another transfer syntax. */
  frame(file: string, frame: number, TransferSyntaxUID: string, signal: AbortSignal): Promise<readonly Uint8Array[]>;
  /** A frame (from 0; `null`: the one that stands for the instance) as a picture. @throws {AppError} BAD_REQUEST too. */
  picture(
    file: string,
    frame: number | null,
    options: RenderOptions,
    signal: AbortSignal,
  ): Promise<readonly Uint8Array[]>;
  instancePiece(file: string, TransferSyntaxUID: string, from: number, signal: AbortSignal): Promise<TranscodedPiece>;
  /** Kills every child; what ran or waited is rejected. */
  close(): Promise<void>;
}

const MAX_WAITING = 256;
/** Whatever a child leaks ends with it. */
const REQUESTS_PER_CHILD = 10_000;
const MAX_LINE_BYTES = 64 * 1024;
/** A frame of `MAX_FRAME_BYTES`, its data set around it, and room. */
const MAX_PAYLOAD_BYTES = 512 * 1024 * 1024;

export function imagerPool(options: ImagerPoolOptions): ImagerPool {
  const pool = childPool({
    maxWaiting: MAX_WAITING,
    ...options,
    name: 'imager',
    limits: { lineBytes: MAX_LINE_BYTES, payloadBytes: MAX_PAYLOAD_BYTES },
    failures: FAILURES,
    requestsPerChild: REQUESTS_PER_CHILD,
    abortKills: false,
  });
  const numbers = { next: 0 };
  const id = () => {
    numbers.next += 1;
    return String(numbers.next);
  };
  return {
    frame: (file, frame, TransferSyntaxUID, signal) => {
      const request: ImageRequest = { type: 'frame', id: id(), file, frame, TransferSyntaxUID };
      return pool.run(request, signal, (said, payload) => heardOf(said, request, 'frame', () => payload));
    },
    picture: (file, frame, options, signal) => {
      const request: ImageRequest = { type: 'picture', id: id(), file, frame, options };
      return pool.run(request, signal, (said, payload) => heardOf(said, request, 'picture', () => payload));
    },
    instancePiece: (file, TransferSyntaxUID, from, signal) => {
      const request: ImageRequest = { type: 'instance', id: id(), file, from, TransferSyntaxUID };
      return pool.run(request, signal, (said, payload) =>
        heardOf(said, request, 'instance', ({ next, totalBytes, TransferSyntaxUID: uid, photometric }) => ({
          bytes: payload,
          next,
          totalBytes,
          TransferSyntaxUID: uid,
          photometric,
        })),
      );
    },
    close: pool.close,
  };
}

type Answer = 'frame' | 'instance' | 'picture';

/** The imager read hostile pixels, so what it says is held against its schema; the bytes are the client's to judge. */
function heardOf<Kind extends Answer, Result>(
  said: unknown,
  { id }: ImageRequest,
  expected: Kind,
  answerOf: (message: ImagerMessage & { type: Kind }) => Result,
): Heard<Result> {
  const { success, data: message } = ImagerMessage.safeParse(said);
  if (!success) return { fatal: FAILURES.invalid('not a message') };
  if (message.type === 'ready') return { more: true };
  if (message.id !== id) return { fatal: FAILURES.invalid('the id of another request') };
  if (message.type === 'refused') return { refused: new AppError(message.code, message.why) };
  if (message.type === 'bug') return { fatal: FAILURES.died('the imager met a defect', { place: message.place }) };
  if (message.type !== expected) return { fatal: FAILURES.invalid('the answer to another question') };
  return { answer: answerOf(message as ImagerMessage & { type: Kind }) };
}

const FAILURES: ChildFailures = {
  died: (message, detail) => new AppError('IMAGER_DIED', message, { ...detail }),
  invalid: (detail) => new AppError('IMAGER_DIED', `the imager answered outside its contract: ${detail}`),
  late: (message, seconds) => new AppError('IMAGER_DEADLINE', message, { seconds }),
  busy: () => new AppError('IMAGER_BUSY', 'as many images as may wait are waiting to be decoded'),
};
