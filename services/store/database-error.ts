import { AppError } from '../domain/errors.ts';

/**
 * PostgreSQL's own codes (Appendix A) and the socket's: the server is away, starting, stopping (which cancels what is under
 * way), full or overrun.
 */
const UNAVAILABLE = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'],
  ...['57014', '57P01', '57P02', '57P03', '53100', '53200', '53300', '25006', '58030'],
]);

/** What the driver says without a code when a connection ends under it. */
const LOST =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/;

/**
 * Names a failure of the server as DATABASE_UNAVAILABLE, which may be tried again; any other error is a bug and stays
 * as it is. The server's message stays out of ours: it may quote a value.
 */
export function databaseError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { code } = error as { readonly code?: unknown };
  const named = typeof code === 'string' ? code : undefined;
  const unavailable = named === undefined ? LOST.test(error.message) : UNAVAILABLE.has(named) || named.startsWith('08');
  if (!unavailable) return error;
  const detail: Record<string, string> = named === undefined ? {} : { code: named };
  return new AppError('DATABASE_UNAVAILABLE', 'The database does not answer', detail, error);
}
