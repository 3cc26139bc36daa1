import type { Request } from 'express';
import { AppError } from '../domain/errors.ts';

export interface BodyLimits {
  readonly maxBytes: number;
  /** A body that brings less than `PACE_BYTES_PER_SECOND` over this long is cut off. */
  readonly paceSeconds: number;
}

const PACE_BYTES_PER_SECOND = 1024;

/**
 * A request body as it arrives, and no faster than it is taken: what is not asked for stays in the socket.
 *
 * @throws {AppError} BODY_TOO_LARGE by header or by count.
 */
export async function* requestBody(req: Request, { maxBytes, paceSeconds }: BodyLimits): AsyncGenerator<Uint8Array> {
  const tooLarge = () => new AppError('BODY_TOO_LARGE', `a body is at most ${maxBytes} bytes`);
  if (Number(req.headers['content-length'] ?? 0) > maxBytes) throw tooLarge();
  const seen = { total: 0, before: 0, waiting: true };
  const timer = setInterval(() => {
    // While we are busy with what came, the client cannot send.
    const slow = seen.waiting && seen.total - seen.before < paceSeconds * PACE_BYTES_PER_SECOND;
    seen.before = seen.total;
    if (slow) req.destroy(new AppError('BAD_REQUEST', 'the body comes too slowly'));
  }, paceSeconds * 1000);
  try {
    for await (const chunk of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      seen.total += chunk.length;
      if (seen.total > maxBytes) throw tooLarge();
      seen.waiting = false;
      yield chunk;
      seen.waiting = true;
    }
  } finally {
    clearInterval(timer);
  }
}

const DROPPED_BYTES = 16 * 1024 * 1024;
const DROPPED_MS = 2000;

/**
 * Reads on for a moment and drops it: a client that is still sending hears an answer only when its bytes are taken;
 * closing on it would reset the connection and lose the answer.
 */
export async function dropRest(req: Request): Promise<void> {
  if (req.readableEnded || req.destroyed) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, DROPPED_MS);
    const dropped = { bytes: 0 };
    req.on('data', (chunk: Buffer) => {
      dropped.bytes += chunk.length;
      if (dropped.bytes > DROPPED_BYTES) resolve();
    });
    for (const event of ['end', 'close', 'error']) req.once(event, () => resolve());
    req.once('close', () => clearTimeout(timer));
    req.resume();
  });
}
