/** Where a text stops being JSON, and what would have to stand there. */
export interface JsonFault {
  readonly line: number;
  readonly column: number;
  readonly expected: 'value' | 'name' | 'colon' | 'comma' | 'end';
}

type Kind = '{' | '}' | '[' | ']' | ',' | ':' | 'text' | 'scalar';

const VALUES = { '{': 'firstName', '[': 'firstValue', text: 'after', scalar: 'after' } as const;

/** What each token leads to, where it may stand; `after` a value depends on what is open. */
const NEXT = {
  value: VALUES,
  firstValue: { ...VALUES, ']': 'after' },
  firstName: { text: 'colon', '}': 'after' },
  name: { text: 'colon' },
  colon: { ':': 'value' },
  afterMember: { ',': 'name', '}': 'after' },
  afterItem: { ',': 'value', ']': 'after' },
  end: {},
} as const satisfies Record<string, Partial<Record<Kind, string>>>;

type State = keyof typeof NEXT;

// biome-ignore format: a table
const EXPECTED: Readonly<Record<State, JsonFault['expected']>> = {
  value: 'value', firstValue: 'value', name: 'name', firstName: 'name', colon: 'colon',
  afterMember: 'comma', afterItem: 'comma', end: 'end',
};

const SPACE = /[ \t\n\r]*/y;
const TOKEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 8259 §7 forbids them in texts
  /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[{}[\],:]/y;

/** `undefined` where the text is JSON (RFC 8259). Browsers name no place, or each another. */
export function jsonFault(text: string): JsonFault | undefined {
  const open: string[] = [];
  let state: State = 'value';
  for (let at = 0; ; ) {
    at += tokenAt(SPACE, text, at).length;
    if (at === text.length && state === 'end') return undefined;
    const token = tokenAt(TOKEN, text, at);
    const next: State | 'after' | undefined = token === '' ? undefined : afterToken(state, kindOf(token));
    if (next === undefined) return { ...placeOf(text, at), expected: EXPECTED[state] };
    nest(open, token);
    state = next === 'after' ? afterValue(open) : next;
    at += token.length;
  }
}

const afterToken = (state: State, kind: Kind) => (NEXT[state] as Partial<Record<Kind, State | 'after'>>)[kind];

function nest(open: string[], token: string): void {
  if (token === '{' || token === '[') open.push(token);
  else if (token === '}' || token === ']') open.pop();
}

function tokenAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}

function kindOf(token: string): Kind {
  if (token.startsWith('"')) return 'text';
  return /^[{}[\],:]$/.test(token) ? (token as Kind) : 'scalar';
}

function afterValue(open: readonly string[]): State {
  const around = open.at(-1);
  return around === undefined ? 'end' : around === '{' ? 'afterMember' : 'afterItem';
}

function placeOf(text: string, at: number): Pick<JsonFault, 'line' | 'column'> {
  const lines = text.slice(0, at).split('\n');
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
}
