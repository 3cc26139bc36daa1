import type { AttributeKind } from './attributes.ts';
import { routingAttribute } from './attributes.ts';
import { type Condition, OPERATOR_WORDS, type Operator } from './condition.ts';
import { matchesWildcard } from './wildcard.ts';

/** Values by keyword, as text; an attribute that is absent or empty has none. */
export type Values = Readonly<Record<string, readonly string[]>>;

/** Why a condition on one attribute is not as it was wanted. */
export interface Miss {
  readonly attribute: string;
  readonly values: readonly string[];
  readonly condition: Condition;
  /** What the condition would have to be. */
  readonly wanted: boolean;
}

/**
 * The least that keeps a condition from being true: nothing when it is. Of alternatives the one that misses least; a
 * negation wants its part to be false.
 */
export function missesOf(condition: Condition, values: Values, wanted = true): readonly Miss[] {
  const { all, any, not } = condition;
  if (not !== undefined) return missesOf(not, values, !wanted);
  const parts = all ?? any;
  if (parts !== undefined) {
    const misses = parts.map((part) => missesOf(part, values, wanted));
    // Wanted false, `all` needs one part that is, and `any` all of them.
    return (all !== undefined) === wanted ? misses.flat() : fewest(misses);
  }
  const attribute = routingAttribute(condition.attribute ?? '');
  if (attribute === undefined) throw new Error('a condition was not parsed');
  const given = values[attribute.keyword] ?? [];
  const holds = holdsOf(condition, given, attribute.kind);
  return holds === wanted ? [] : [{ attribute: attribute.keyword, values: given, condition, wanted }];
}

export const fewest = <T>(lists: readonly (readonly T[])[]): readonly T[] =>
  lists.reduce((least, each) => (each.length < least.length ? each : least));

function holdsOf(condition: Condition, values: readonly string[], kind: AttributeKind): boolean {
  const operator = operatorOf(condition);
  if (operator === 'exists') return values.length > 0 === condition.exists;
  return values.some((value) => holdsFor(condition, operator, value, kind));
}

function holdsFor(condition: Condition, operator: Operator, value: string, kind: AttributeKind): boolean {
  switch (operator) {
    case 'equals':
      return isSame(condition.equals ?? '', value, kind);
    case 'in':
      return (condition.in ?? []).some((each) => isSame(each, value, kind));
    case 'matches':
      return groupsOf(value, kind).some((text) => matchesWildcard(folded(condition.matches ?? ''), folded(text)));
    case 'contains':
      return folded(value).includes(folded(condition.contains ?? ''));
    case 'range':
      return isWithin(condition.range ?? '', value, kind);
    default:
      return compares(operator, condition[operator] as number | string, value, kind);
  }
}

function operatorOf(condition: Condition): Operator {
  const operator = OPERATOR_WORDS.find((word) => condition[word] !== undefined);
  if (operator === undefined) throw new Error('a condition was not parsed');
  return operator;
}

const folded = (text: string): string => text.normalize().toLowerCase();

/** A name also by each of its groups (PS3.5 §6.2.1). */
const groupsOf = (value: string, kind: AttributeKind): readonly string[] =>
  kind === 'name' ? [value, ...value.split('=')] : [value];

function isSame(wanted: string | number, value: string, kind: AttributeKind): boolean {
  if (typeof wanted === 'number') return numberOf(value, kind) === wanted;
  if (kind === 'number') return value === wanted || (wanted !== '' && Number(wanted) === numberOf(value, kind));
  return groupsOf(value, kind).includes(wanted);
}

const DAYS_A_YEAR = 365.25;
// biome-ignore format: a table
const YEARS_OF: Readonly<Record<string, number>> = { D: 1 / DAYS_A_YEAR, W: 7 / DAYS_A_YEAR, M: 1 / 12, Y: 1 };

/** A number, or an age in years (PS3.5 §6.2, AS); `undefined` for what is neither. */
function numberOf(value: string, kind: AttributeKind): number | undefined {
  const [, digits, unit] = kind === 'age' ? (/^(\d{1,3})([DWMY])$/.exec(value.trim()) ?? []) : [];
  if (digits !== undefined) return Number(digits) * (YEARS_OF[unit ?? ''] ?? 1);
  const number = value.trim() === '' ? Number.NaN : Number(value);
  return Number.isFinite(number) ? number : undefined;
}

type Comparison = '<' | '<=' | '>' | '>=';

function compares(operator: Operator, bound: number | string, value: string, kind: AttributeKind): boolean {
  const order = typeof bound === 'number' ? orderOfNumbers(bound, value, kind) : orderOfTexts(bound, value);
  if (order === undefined) return false;
  const results: Readonly<Record<Comparison, boolean>> = {
    ...{ '<': order < 0, '<=': order <= 0, '>': order > 0, '>=': order >= 0 },
  };
  return results[operator as Comparison];
}

function orderOfNumbers(bound: number, value: string, kind: AttributeKind): number | undefined {
  const number = numberOf(value, kind);
  return number === undefined ? undefined : number - bound;
}

/** Dates and times are digits from the greatest down: compared by what both have. */
function orderOfTexts(bound: string, value: string): number {
  const both = Math.min(bound.length, value.length);
  const [head, limit] = [value.slice(0, both), bound.slice(0, both)];
  return head === limit ? 0 : head < limit ? -1 : 1;
}

function isWithin(range: NonNullable<Condition['range']>, value: string, kind: AttributeKind): boolean {
  const [from, to] = typeof range === 'string' ? range.split('-') : range;
  const reaches = (operator: Comparison, bound: number | string | null | undefined) =>
    bound === null || bound === undefined || bound === '' || compares(operator, bound, value, kind);
  const isKnown = typeof range === 'string' ? value !== '' : numberOf(value, kind) !== undefined;
  return isKnown && reaches('>=', from) && reaches('<=', to);
}

/** `SliceThickness 8 is not <= 3`. */
export function missText({ attribute, values, condition, wanted }: Miss): string {
  const operator = operatorOf(condition);
  if (operator === 'exists')
    return `${attribute} ${condition.exists === wanted ? 'is absent' : `is there (${shown(values)})`}`;
  const given = values.length === 0 ? 'is absent: it' : shown(values);
  const verb = wanted ? VERBS[operator].not : VERBS[operator].is;
  return `${attribute} ${given} ${verb} ${operandText(condition, operator)}`;
}

// biome-ignore format: a table
const VERBS: Readonly<Record<Operator, { readonly is: string; readonly not: string }>> = {
  equals:   { is: 'must not be',        not: 'is not' },
  in:       { is: 'must not be in',     not: 'is not in' },
  matches:  { is: 'must not match',     not: 'does not match' },
  contains: { is: 'must not contain',   not: 'does not contain' },
  '<':      { is: 'must not be <',      not: 'is not <' },
  '<=':     { is: 'must not be <=',     not: 'is not <=' },
  '>':      { is: 'must not be >',      not: 'is not >' },
  '>=':     { is: 'must not be >=',     not: 'is not >=' },
  range:    { is: 'must not be within', not: 'is not within' },
  exists:   { is: '',                   not: '' },
};

function operandText(condition: Condition, operator: Operator): string {
  const operand = condition[operator];
  if (operator === 'in') return (condition.in ?? []).join(', ');
  if (typeof operand === 'object') return operand.map((end) => end ?? '').join(' to ');
  return String(operand);
}

const MAX_SHOWN = 64;
const shown = (values: readonly string[]): string => {
  const text = values.join('\\').replace(/\p{Cc}/gu, '?');
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
};
