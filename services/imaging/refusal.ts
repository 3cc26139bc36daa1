import { AppError } from '../domain/errors.ts';
import { REASON_CODES, type Reason, reasonText } from '../domain/reason.ts';

type Params = Reason['params'];

/** An input that a model cannot read, as an error that carries its Reason; caught at the end of the same analysis. */
export function refusal(code: Reason['code'], params: Params, cause?: unknown): AppError {
  const reason: Reason = { code, params: Object.fromEntries(Object.entries(params).map(([k, v]) => [k, bounded(v)])) };
  return new AppError('NOT_ANALYSABLE', reasonText(reason), { reason: code, ...reason.params }, cause);
}

/** The Reason inside an error made by `refusal`; `undefined` for any other error. */
export function refusalReason(error: unknown): Reason | undefined {
  if (!(error instanceof AppError)) return undefined;
  const { reason, ...params } = error.detail;
  const code = REASON_CODES.find((known) => known === reason);
  return code && { code, params };
}

/** A Reason holds short strings and finite, readable numbers. */
const bounded = (value: string | number): string | number =>
  typeof value === 'string' ? value.slice(0, 200) : Number.isFinite(value) ? Math.round(value * 1000) / 1000 : 0;
