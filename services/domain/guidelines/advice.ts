/** What a guideline makes of a nodule, or why it makes nothing of it: never a guess. */
export type Advice<Category extends string, Input extends string, Bar extends string> =
  | { readonly outcome: 'result'; readonly category: Category; readonly rule: string }
  /** It cannot be told before the reader has said these. */
  | { readonly outcome: 'missing'; readonly missing: readonly Input[] }
  /** The guideline is not for this patient, examination or lesion. */
  | { readonly outcome: 'notApplicable'; readonly because: Bar }
  /** Its table has no row for this combination: for a person to decide. */
  | { readonly outcome: 'noRow' }
  /** The inputs contradict each other. */
  | { readonly outcome: 'contradiction' };

/** One row of a table: the first that holds is the rule that fired. */
export interface Row<Input, Category extends string> {
  readonly rule: string;
  readonly category: Category;
  readonly holds: (input: Input) => boolean;
}

/** The first row that holds, as advice; without one there is none. */
export function firstRow<Input, Category extends string>(
  rows: readonly Row<Input, Category>[],
  input: Input,
): { readonly outcome: 'result'; readonly category: Category; readonly rule: string } | { readonly outcome: 'noRow' } {
  const row = rows.find(({ holds }) => holds(input));
  return row ? { outcome: 'result', category: row.category, rule: row.rule } : { outcome: 'noRow' };
}
