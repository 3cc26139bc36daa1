/** Problems of pulling that an operator can do something about, as docs/pull.md lists them. */
const CODES = [
  'PACS_UNREACHABLE',
  'ASSOCIATION_REJECTED',
  'ASSOCIATION_ABORTED',
  'CONTEXT_REJECTED',
  'PACS_REFUSED',
  'STUDY_NOT_FOUND',
] as const;

const SENT = 'the peer says it has sent them';

/** Where to look after a problem; it may be told behind what is missing: `3 of 7 are missing; PACS_REFUSED: …`. */
export function lookAt(said: string): (typeof CODES)[number] | 'SENT_ELSEWHERE' | undefined {
  const [, code] = /^(?:\d+ of \d+ are missing; )?([A-Z_]+): /.exec(said) ?? [];
  return CODES.find((each) => each === code) ?? (said.endsWith(SENT) ? 'SENT_ELSEWHERE' : undefined);
}
