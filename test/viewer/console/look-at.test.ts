import { expect, it } from 'vitest';
import { lookAt } from '../../../viewer/console/look-at.ts';

it.each([
  ['PACS_UNREACHABLE: no association: ECONNREFUSED', 'PACS_UNREACHABLE'],
  ['3 of 7 are missing; PACS_REFUSED: C-MOVE answered A801', 'PACS_REFUSED'],
  ['3 of 7 are missing; the peer says it has sent them', 'SENT_ELSEWHERE'],
  ['INTERNAL: an unexpected error: the log has it', undefined],
  ['PACS_REFUSED: it said ASSOCIATION_REJECTED: no', 'PACS_REFUSED'],
  ['', undefined],
])('%j is looked for at %s', (said, place) => {
  expect(lookAt(said)).toBe(place);
});
