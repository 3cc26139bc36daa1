import type { Request, Response } from 'express';
import { ClientGoneError } from './aborted-with.ts';

/** Chunks below this are gathered: each write costs a turn of the event loop, and a call of the system. */
const SMALL_BYTES = 16 * 1024;
const GATHERED_BYTES = 64 * 1024;

/**
 * Sends a body that is read as fast as the client takes it and no faster. Its first chunk is awaited before the headers go, so
 * that a failure to open what was asked for is still answered with a problem. The body is closed when the client leaves.
 *
 * A chunk belongs to the body again when the next one is asked for: it may read into the same memory.
 */
export async function sendStream(req: Request, res: Response, body: AsyncGenerator<Uint8Array>): Promise<void> {
  try {
    const first = await body.next();
    if (req.method === 'HEAD') return void res.end();
    const gathered: Uint8Array[] = [];
    let bytes = 0;
    for (let chunk = first; chunk.done !== true; chunk = await body.next()) {
      bytes += chunk.value.length;
      if (chunk.value.length < SMALL_BYTES) gathered.push(Uint8Array.from(chunk.value));
      if (chunk.value.length < SMALL_BYTES && bytes < GATHERED_BYTES) continue;
      const isLarge = chunk.value.length >= SMALL_BYTES;
      await written(res, isLarge ? [...gathered.splice(0), chunk.value] : gathered.splice(0));
      bytes = 0;
    }
    res.end(Buffer.concat(gathered));
  } finally {
    await body.return(undefined);
  }
}

/** Resolves when the bytes are the system's; rejects when the client is gone. */
function written(res: Response, chunks: readonly Uint8Array[]): Promise<void> {
  return new Promise((resolve, reject) => {
    if (res.destroyed) return reject(new ClientGoneError());
    const gone = () => reject(new ClientGoneError());
    res.once('close', gone);
    res.cork();
    for (const chunk of chunks.slice(0, -1)) res.write(chunk);
    res.write(chunks.at(-1) ?? Buffer.alloc(0), (error) => {
      res.off('close', gone);
      if (error) reject(new ClientGoneError());
      else resolve();
    });
    res.uncork();
  });
}
