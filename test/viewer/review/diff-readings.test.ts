import { describe, expect, it } from 'vitest';
import type { ReadingContent } from '../../../services/domain/contract/reading.ts';
import { diffReadings, mergeReadings, sameReading } from '../../../viewer/review/diff-readings.ts';
import { EMPTY } from '../../../viewer/review/review-state.ts';
import { readLesion } from '../../support/read-lesions.ts';

const verdict = (uid: number, what: 'accepted' | 'deferred', at = '2026-11-23T10:00:00Z') =>
  ({ TrackingUID: `2.25.${uid}`, at, verdict: what }) as const;
const content = (...verdicts: ReadingContent['verdicts']): ReadingContent => ({ ...EMPTY, verdicts });
const added = (uid: number) => ({ TrackingUID: `2.25.${uid}`, at: '2026-11-23T10:00:00Z', lesion: readLesion() });

describe('two drafts', () => {
  const base = content(verdict(1, 'accepted'), verdict(2, 'accepted'));

  it('are the same when only the times differ', () => {
    expect(
      diffReadings(base, base, content(verdict(2, 'accepted', '2027-01-01T00:00:00Z'), verdict(1, 'accepted'))),
    ).toEqual([]);
    expect(sameReading(base, content(verdict(2, 'accepted'), verdict(1, 'accepted')))).toBe(true);
  });

  it('differ by finding, and the one who changed is proposed', () => {
    const mine = content(verdict(1, 'deferred'), verdict(2, 'accepted'));
    const theirs = content(verdict(1, 'accepted'), verdict(2, 'accepted'), verdict(3, 'accepted'));
    expect(diffReadings(base, mine, theirs).map(({ TrackingUID, proposed }) => [TrackingUID, proposed])).toEqual([
      ['2.25.1', 'mine'],
      ['2.25.3', 'theirs'],
    ]);
  });

  it('leave it to a person where both changed', () => {
    const [difference] = diffReadings(base, content(verdict(1, 'deferred')), content(verdict(2, 'accepted')));
    expect(difference).toMatchObject({ TrackingUID: '2.25.1', proposed: undefined, theirs: undefined });
  });

  it('differ where one took a verdict or a lesion away', () => {
    const mine = { ...base, added: [added(9)] };
    expect(diffReadings(mine, mine, base)).toMatchObject([
      { TrackingUID: '2.25.9', proposed: 'theirs', theirs: undefined },
    ]);
  });
});

describe('a merge', () => {
  const mine = { ...content(verdict(1, 'deferred'), verdict(3, 'accepted')), added: [added(8)] };
  const theirs = { ...content(verdict(1, 'accepted'), verdict(2, 'accepted')), added: [added(9)] };

  it('is theirs, with mine where it was chosen', () => {
    const merged = mergeReadings(
      mine,
      theirs,
      new Map([
        ['2.25.1', 'mine'],
        ['2.25.8', 'mine'],
        ['2.25.9', 'mine'],
      ]),
    );
    expect(merged.verdicts.map(({ TrackingUID, verdict: what }) => [TrackingUID, what])).toEqual([
      ['2.25.2', 'accepted'],
      ['2.25.1', 'deferred'],
    ]);
    expect(merged.added.map(({ TrackingUID }) => TrackingUID)).toEqual(['2.25.8']);
  });

  it('chosen wholly is one of both', () => {
    expect(sameReading(mergeReadings(mine, theirs, new Map()), theirs)).toBe(true);
    const all = diffReadings(EMPTY, mine, theirs).map(({ TrackingUID }) => [TrackingUID, 'mine'] as const);
    expect(diffReadings(EMPTY, mergeReadings(mine, theirs, new Map(all)), mine)).toEqual([]);
  });
});
