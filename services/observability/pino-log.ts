import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';
import type { Fields, Log } from '../domain/context.ts';
import { errorFields } from './error-fields.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Longest string a field may hold: an identifier or a reason, never a document. */
const MAX_FIELD = 500;
/** Names the line itself uses; a field of the same name is written with a prefix, so that no key comes twice. */
const RESERVED = new Set(['level', 'time', 'pid', 'role', 'event', 'error']);

/**
 * One JSON object a line: `level`, `time` (ISO 8601, UTC), `pid`, `role`, `event`, then the fields.
 * Only strings, numbers and booleans pass, by type and, where a type was cast away, by name of what was refused.
 */
export function pinoLog(level: LogLevel, role: string, destination?: DestinationStream): Log {
  const options = {
    level,
    messageKey: 'event',
    base: { pid: process.pid, role },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return logOf(destination === undefined ? pino(options) : pino(options, destination));
}

const logOf = (logger: Logger): Log => ({
  info: (event, fields) => logger.info(clean(fields), event),
  warn: (event, fields) => logger.warn(clean(fields), event),
  error: (event, error, fields) => logger.error({ ...clean(fields), error: errorFields(error) }, event),
  child: (fields) => logOf(logger.child(clean(fields))),
});

function clean(fields: Fields = {}): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [RESERVED.has(name) ? `field.${name}` : name, fieldValue(value)]),
  );
}

function fieldValue(value: unknown): string | number | boolean {
  if (typeof value === 'string') return value.length > MAX_FIELD ? `${value.slice(0, MAX_FIELD)}…` : value;
  // JSON has no NaN and no Infinity: pino would write null.
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  return typeof value === 'boolean' ? value : `refused: ${typeof value}`;
}
