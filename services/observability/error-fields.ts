import { AppError } from '../domain/errors.ts';

const MAX_MESSAGE = 500;
const MAX_FRAMES = 20;
const MAX_CAUSES = 4;

/** What the log keeps of an error. */
export interface ErrorFields {
  readonly name: string;
  readonly code?: string;
  readonly message: string;
  /** Frames only: the head of a stack repeats the message. */
  readonly stack?: readonly string[];
  readonly detail?: Readonly<Record<string, string | number>>;
  readonly cause?: ErrorFields;
}

/**
 * Code, message and stack of an error, without a value of the data.
 *
 * The message and detail of an `AppError` are ours and free of patient data by rule. Any other error may quote its
 * input (PostgreSQL: `invalid input syntax for type integer: "DOE^JANE"`, JSON: `Unexpected token 'D', "DOE^…`), so
 * what stands between the first and the last quotation mark is cut out. Properties such as PostgreSQL's `detail`
 * (`Failing row contains (…)`) are never read.
 */
export function errorFields(error: unknown, depth = 0): ErrorFields {
  if (!(error instanceof Error)) return { name: typeof error, message: 'a value that is no error was thrown' };
  const ours = error instanceof AppError;
  const code = ours ? error.code : codeOf(error);
  const stack = framesOf(error);
  return {
    name: error.name,
    ...(code !== undefined && { code }),
    message: ours ? error.message.slice(0, MAX_MESSAGE) : messageOf(error),
    ...(ours && Object.keys(error.detail).length > 0 && { detail: error.detail }),
    ...(stack.length > 0 && { stack }),
    ...(isTold(error.cause) && depth < MAX_CAUSES && { cause: errorFields(error.cause, depth + 1) }),
  };
}

/** A cause that is an object without being an error is for our own code: the message says it already. */
const isTold = (cause: unknown): boolean =>
  cause !== undefined && (cause instanceof Error || typeof cause !== 'object');

function messageOf(error: Error): string {
  // A schema error prints its input: what broke is told by place and rule.
  if ('issues' in error && Array.isArray(error.issues)) return error.issues.slice(0, 10).map(issueText).join('; ');
  return error.message
    .slice(0, 4 * MAX_MESSAGE)
    .replace(/(["'`]).*["'`]|".*$/s, '…')
    .slice(0, MAX_MESSAGE);
}

/** `deliveries.0.state: invalid_type`. Only names that look like ours are written: a key may be a value of the data. */
function issueText(issue: unknown): string {
  const { path, code } = issue as { path?: unknown; code?: unknown };
  const steps = Array.isArray(path) ? path.map(String) : [];
  return `${steps.map((step) => (/^\w{1,64}$/.test(step) ? step : '…')).join('.') || '(root)'}: ${String(code)}`;
}

/** SQLSTATE, errno name and the like. */
function codeOf(error: Error): string | undefined {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^\w{1,64}$/.test(code) ? code : undefined;
}

function framesOf({ stack = '', message }: Error): string[] {
  // A message may hold lines that look like frames: it goes first, whatever it says.
  const head = stack.indexOf(message);
  return (head < 0 ? stack : stack.slice(head + message.length))
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^at .+(:\d+:\d+\)?|\))$/.test(line))
    .slice(0, MAX_FRAMES);
}
