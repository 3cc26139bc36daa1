import type { Request, Response } from 'express';
import { AppError } from '../domain/errors.ts';

/** Bytes of a representation, both ends included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The range a client asks for (RFC 9110 §14), with the headers of the answer: 206 for one, 200 for the whole. Of several
 * ranges, of none that can be read, and of one under an `If-Range` that is not this content, the whole is sent.
 *
 * @throws {AppError} RANGE_INVALID when it lies behind the end.
 */
export function answeredRange(req: Request, res: Response, length: number): ByteRange | undefined {
  // The bytes are the same each time, unlike those of a multipart body: the validator is a strong one.
  const validator = String(res.get('ETag') ?? '').replace(/^W\//, '');
  res.set({ 'Accept-Ranges': 'bytes', ...(validator !== '' && { ETag: validator }) });
  const condition = req.headers['if-range'];
  const asked = req.method === 'GET' && (condition === undefined || condition === validator);
  const range = asked ? parseRange(req.headers.range ?? '', length) : undefined;
  const sent = range === undefined ? length : range.end - range.start + 1;
  if (range !== undefined) {
    if (sent <= 0) {
      res.set('Content-Range', `bytes */${length}`);
      throw new AppError('RANGE_INVALID', `there are ${length} bytes`);
    }
    res.status(206).set('Content-Range', `bytes ${range.start}-${range.end}/${length}`);
  }
  res.set('Content-Length', String(sent));
  return range;
}

/** `bytes=0-99`, `bytes=100-`, or the last ones by `bytes=-100`. */
function parseRange(header: string, length: number): ByteRange | undefined {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/i.exec(header.trim()) ?? [];
  if (first === '') {
    return last === ''
      ? undefined
      : { start: last === '0' ? length : Math.max(0, length - Number(last)), end: length - 1 };
  }
  // Ends that are the wrong way round are no range at all (§14.1.1).
  if (last !== '' && Number(last) < Number(first)) return undefined;
  return { start: Number(first), end: last === '' ? length - 1 : Math.min(Number(last), length - 1) };
}
