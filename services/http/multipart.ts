import { randomUUID } from 'node:crypto';

/** One part of a `multipart/related` body (RFC 2387, RFC 2046 §5.1). */
export interface Part {
  readonly contentType: string;
  readonly location?: string;
  /** Where it is known. */
  readonly length: number | undefined;
  readonly body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** 122 random bits: content cannot be prepared to hold it, so it is never searched for. */
export const newBoundary = (): string => `overread-${randomUUID()}`;

/** Yields the body as it is read: one part at a time, a chunk at a time. */
export async function* multipartBody(
  boundary: string,
  parts: AsyncIterable<Part> | Iterable<Part>,
): AsyncGenerator<Uint8Array> {
  let delimiter = `--${boundary}`;
  for await (const part of parts) {
    const headers = [
      delimiter,
      `Content-Type: ${part.contentType}`,
      ...(part.length === undefined ? [] : [`Content-Length: ${part.length}`]),
      ...(part.location === undefined ? [] : [`Content-Location: ${part.location}`]),
    ];
    yield Buffer.from(`${headers.join('\r\n')}\r\n\r\n`);
    yield* part.body;
    delimiter = `\r\n--${boundary}`;
  }
  yield Buffer.from(`\r\n--${boundary}--\r\n`);
}
