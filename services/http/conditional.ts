import { createHash } from 'node:crypto';
import type { Request, Response } from 'express';

/** For content that never changes. `private`: it belongs to a patient, no shared cache keeps it. */
export const FOR_EVER = 'private, max-age=31536000, immutable';
/** For content that may grow: kept, but asked about each time. */
export const ASKED_AGAIN = 'private, no-cache';

/**
 * Names the content by its validator and answers 304 to a client that has it (RFC 9110 §13.1.2). `identity` is what the
 * content depends on. The validator is weak: the boundary of a multipart body is new each time, its parts are the same.
 */
export function answeredAsKnown(
  req: Request,
  res: Response,
  cacheControl: string,
  identity: readonly string[],
): boolean {
  const opaque = `"${createHash('sha256').update(identity.join('\n')).digest('base64url')}"`;
  res.set({ 'Cache-Control': cacheControl, ETag: `W/${opaque}` });
  // Not `req.fresh`: it takes the `Cache-Control: no-cache` that `fetch` adds to a condition for a reload.
  const known = (req.headers['if-none-match'] ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  if (!known.includes(opaque)) return false;
  res.status(304).end();
  return true;
}
