import { AppError } from '../domain/errors.ts';
import type { ImagerPool, TranscodedPiece } from './imager-pool.ts';

/** A stored instance in another transfer syntax, as a body. */
export interface TranscodedFile {
  readonly TransferSyntaxUID: string;
  /** Where it is known, which it is not of compressed frames. */
  readonly length: number | undefined;
  readonly body: AsyncGenerator<Uint8Array>;
}

/**
 * Starts to transcode a stored file: its first piece is there when this resolves, so that what cannot be had is told
 * before anything is sent. A piece is made while the one before is read; an aborted `signal` ends it.
 *
 * @throws {AppError} as `ImagerPool.instancePiece` does.
 */
export async function transcodedFile(
  imager: Pick<ImagerPool, 'instancePiece'>,
  file: string,
  target: string,
  signal: AbortSignal,
): Promise<TranscodedFile> {
  const pieceFrom = (from: number) => imager.instancePiece(file, target, from, signal);
  const first = await pieceFrom(0);
  return {
    TransferSyntaxUID: first.TransferSyntaxUID,
    length: first.totalBytes ?? undefined,
    body: pieces(first, pieceFrom),
  };
}

async function* pieces(
  first: TranscodedPiece,
  pieceFrom: (from: number) => Promise<TranscodedPiece>,
): AsyncGenerator<Uint8Array> {
  for (let piece = first; ; ) {
    const next = piece.next === null ? undefined : pieceFrom(piece.next);
    // Awaited below; one that nobody waits for any more must not end the process.
    next?.catch(() => {});
    yield* piece.bytes;
    if (next === undefined) return;
    const following = await next;
    if (
      following.photometric !== first.photometric ||
      (following.next ?? Number.POSITIVE_INFINITY) <= (piece.next ?? 0)
    ) {
      throw new AppError('INSTANCE_UNREADABLE', 'its frames hold colours of different kinds');
    }
    piece = following;
  }
}
