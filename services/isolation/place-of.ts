/** Where a bug is, without what it says: a message may hold what a file said. */
export function placeOf(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const [, place = 'unknown place'] = /([\w.-]+\.ts:\d+)/.exec(stack.slice(stack.indexOf('\n'))) ?? [];
  return `${error instanceof Error ? error.name : 'error'} at ${place}`;
}
