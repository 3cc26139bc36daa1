import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import type { ByteRange } from './byte-range.ts';

/**
 * Sends a body that is read as fast as the client takes it and no faster. Its first chunk is awaited before the headers go, so
 * that a failure to open what was asked for is still answered with a problem. The body is closed when the client leaves.
 */
export async function sendStream(req: Request, res: Response, body: AsyncGenerator<Uint8Array>): Promise<void> {
  const first = await body.next();
  if (req.method === 'HEAD') {
    await body.return(undefined);
    res.end();
    return;
  }
  await pipeline(Readable.from(continued(first, body), { objectMode: false }), res);
}

async function* continued(
  first: IteratorResult<Uint8Array>,
  rest: AsyncGenerator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    if (first.done !== true) yield first.value;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}

export async function fileLength(path: string): Promise<number> {
  return (await stat(path)).size;
}

/** A stored file, or a range of it, as a body: it is open only while it is read. */
export async function fileBody(
  path: string,
  range?: ByteRange,
): Promise<{ length: number; body: AsyncGenerator<Uint8Array> }> {
  const size = range === undefined ? await fileLength(path) : range.end - range.start + 1;
  async function* body(): AsyncGenerator<Uint8Array> {
    let sent = 0;
    for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024, ...range })) {
      sent += chunk.length;
      yield chunk;
    }
    if (sent !== size) throw new Error(`${sent} of ${size} bytes were read of a stored file`);
  }
  return { length: size, body: body() };
}
