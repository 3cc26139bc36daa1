import { z } from 'zod';
import { type RoutingAttribute, routingAttribute } from './attributes.ts';

const Word = z.string().min(1).max(256);
const Bound = z.union([z.number(), Word]);

/** Operators of a condition on one attribute, as the file writes them. */
const OPERATORS = {
  /** One of its values is this one, letter for letter. */
  equals: z.union([Word, z.number()]).optional(),
  in: z
    .array(z.union([Word, z.number()]))
    .min(1)
    .max(500)
    .optional(),
  /** `*` and `?` as PS3.4 §C.2.2.2.4 has them; small and capital letters are the same. */
  matches: Word.optional(),
  /** Anywhere in it; small and capital letters are the same. */
  contains: Word.optional(),
  '<': Bound.optional(),
  '<=': Bound.optional(),
  '>': Bound.optional(),
  '>=': Bound.optional(),
  /** `20240101-`, `-1200` of dates and times; `[1, 3]` of numbers and ages, `null` for no end. Both ends are in it. */
  range: z.union([z.string().max(64), z.tuple([z.number().nullable(), z.number().nullable()])]).optional(),
  /** Whether it has a value. */
  exists: z.boolean().optional(),
};

export type Operator = keyof typeof OPERATORS;
export const OPERATOR_WORDS = Object.keys(OPERATORS) as readonly Operator[];

/** One of four forms: a condition on an attribute, `all`, `any` or `not`. */
export interface Condition {
  readonly attribute?: string | undefined;
  readonly equals?: string | number | undefined;
  readonly in?: readonly (string | number)[] | undefined;
  readonly matches?: string | undefined;
  readonly contains?: string | undefined;
  readonly '<'?: number | string | undefined;
  readonly '<='?: number | string | undefined;
  readonly '>'?: number | string | undefined;
  readonly '>='?: number | string | undefined;
  readonly range?: string | readonly [number | null, number | null] | undefined;
  readonly exists?: boolean | undefined;
  readonly all?: readonly Condition[] | undefined;
  readonly any?: readonly Condition[] | undefined;
  readonly not?: Condition | undefined;
}

export const MAX_DEPTH = 8;
const MAX_PARTS = 100;
const FORMS = ['attribute', 'all', 'any', 'not'] as const;

/** What it asks of the file's author: one object schema, so that an unknown word is named where it stands. */
export const Condition: z.ZodType<Condition> = z.lazy(() =>
  z
    .strictObject({
      attribute: z.string().max(64).optional(),
      ...OPERATORS,
      all: z.array(Condition).min(1).max(MAX_PARTS).optional(),
      any: z.array(Condition).min(1).max(MAX_PARTS).optional(),
      not: Condition.optional(),
    })
    .superRefine((condition, context) => {
      const problem = problemOf(condition);
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
    }),
);

function problemOf(condition: Condition): string | undefined {
  const forms = FORMS.filter((form) => condition[form] !== undefined);
  if (forms.length !== 1) return 'a condition is one of attribute, all, any, not';
  const operators = OPERATOR_WORDS.filter((operator) => condition[operator] !== undefined);
  if (forms[0] !== 'attribute') return operators.length === 0 ? undefined : `${operators[0]} needs an attribute`;
  const word = condition.attribute ?? '';
  const attribute = routingAttribute(word);
  if (attribute === undefined) return `${word} is no attribute that is indexed`;
  const [operator] = operators;
  if (operator === undefined || operators.length > 1) return `${word} needs one of ${OPERATOR_WORDS.join(', ')}`;
  return problemOfOperand(attribute, operator, condition);
}

const COMPARISONS: ReadonlySet<Operator> = new Set(['<', '<=', '>', '>=']);

function problemOfOperand({ keyword, kind }: RoutingAttribute, operator: Operator, condition: Condition) {
  if (!COMPARISONS.has(operator) && operator !== 'range') return undefined;
  if (kind === 'text' || kind === 'name') return `${keyword} is a text: it has no ${operator}`;
  const isNumber = kind === 'number' || kind === 'age';
  if (operator === 'range') return problemOfRange(keyword, isNumber, condition.range);
  const fits = isNumber === (typeof condition[operator] === 'number');
  return fits ? undefined : `${keyword} is compared with ${isNumber ? 'a number' : `a ${kind} as DICOM writes it`}`;
}

function problemOfRange(keyword: string, isNumber: boolean, range: Condition['range']): string | undefined {
  if (isNumber) return typeof range === 'string' ? `the range of ${keyword} is [from, to]` : undefined;
  const isRange = typeof range === 'string' && /^(?=.*\d)[\d.]*-[\d.]*$/.test(range);
  return isRange ? undefined : `the range of ${keyword} is from-, -to or from-to`;
}

/** What a JSON value is like, told without recursion: it may be deeper than a stack. */
export interface JsonShape {
  /** Levels of objects and arrays; one more than the limit where it is exceeded. */
  readonly depth: number;
  readonly values: number;
}

export function shapeOf(value: unknown, maxDepth: number): JsonShape {
  let level: readonly unknown[] = [value];
  let values = 0;
  for (let depth = 0; level.length > 0; depth += 1) {
    values += level.length;
    if (depth > maxDepth) return { depth, values };
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []));
    if (level.length === 0) return { depth, values };
  }
  return { depth: 0, values };
}
