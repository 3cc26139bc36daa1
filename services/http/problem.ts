import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { z } from 'zod';
import type { Log } from '../domain/context.ts';
import type { Problem } from '../domain/contract/system.ts';
import { AppError } from '../domain/errors.ts';

/** Codes of what HTTP itself refuses; everything else is a code of `domain/errors.ts`. */
const HTTP_CODES: Readonly<Record<number, string>> = {
  403: 'FOREIGN_ORIGIN',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  413: 'BODY_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
};

/**
 * Answers `application/problem+json` (RFC 9457), with members of its own where a code has them. What was prepared for a
 * success (validator, cache) is taken back.
 */
export function sendProblem(res: Response, problem: Omit<Problem, 'type'>, more: object = {}): void {
  const { status, code, detail } = problem;
  for (const name of ['ETag', 'Warning', 'Content-Length', 'Accept-Ranges']) res.removeHeader(name);
  res
    .status(status)
    .set('Cache-Control', 'no-store')
    .type('application/problem+json')
    .json({ ...more, type: 'about:blank', status, code, detail } satisfies Problem);
}

/** Every error leaves as a problem. Bugs and failures of this side are logged: without the URL, which may name a patient. */
export function answerError(log: Log): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (error: unknown, req, res, _next) => {
    const problem = problemOf(error);
    if (isClientGone(error)) return void res.destroy();
    if (res.headersSent) {
      // Too late for a status: the connection is cut, so that nobody takes the part for the whole.
      log.error('http.stream-broken', error, { method: req.method });
      res.destroy();
      return;
    }
    if (problem.status >= 500)
      log.error(problem.code === 'INTERNAL' ? 'http.bug' : 'http.failed', error, { method: req.method });
    if (problem.status === 503) res.set('Retry-After', '5');
    sendProblem(res, problem);
  };
}

const isClientGone = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';

function problemOf(error: unknown): Omit<Problem, 'type'> {
  if (error instanceof AppError) return { status: error.http, code: error.code, detail: error.message };
  if (error instanceof z.ZodError) return { status: 400, code: 'BAD_REQUEST', detail: z.prettifyError(error) };
  const status = clientStatusOf(error);
  if (status !== undefined && error instanceof Error)
    return { status, code: HTTP_CODES[status] ?? 'BAD_REQUEST', detail: error.message };
  return { status: 500, code: 'INTERNAL', detail: 'Unexpected error' };
}

/** The 4xx that Express and its parsers put on their errors: a broken escape in the path, a body that is too large. */
function clientStatusOf(error: unknown): number | undefined {
  const { status } = (error ?? {}) as { status?: unknown };
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}

/** The end of a part of the tree that has no pages: nothing below it is the viewer's. */
export const notFound: RequestHandler = (_req, res) =>
  sendProblem(res, { status: 404, code: 'NOT_FOUND', detail: 'There is no such resource' });

/** The end of a route: methods it does not have. */
export function onlyMethods(allow: string): RequestHandler {
  return (req, res) => {
    res.set('Allow', allow);
    if (req.method === 'OPTIONS') res.status(204).end();
    else sendProblem(res, { status: 405, code: 'METHOD_NOT_ALLOWED', detail: `Only ${allow} here` });
  };
}

/**
 * Refuses a change that a page of another site orders (cross-site request forgery). A browser says where an order comes
 * from and no page can make it lie: in `Sec-Fetch-Site` over HTTPS and on this machine, in `Origin` everywhere.
 * Programs send neither and pass.
 */
export const refuseForeignOrigin: RequestHandler = (req, res, next) => {
  if (req.method === 'GET' || req.method === 'HEAD' || isOwnPage(req)) return next();
  sendProblem(res, { status: 403, code: 'FOREIGN_ORIGIN', detail: 'Ordered by a page of another site' });
};

function isOwnPage({ headers }: Request): boolean {
  const site = headers['sec-fetch-site'];
  // Before `Origin`: a proxy may change the Host that it would be compared with.
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  return headers.origin === undefined || hostOf(headers.origin) === headers.host;
}

const hostOf = (origin: string): string | undefined => (URL.canParse(origin) ? new URL(origin).host : undefined);
