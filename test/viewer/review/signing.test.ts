import { describe, expect, it } from 'vitest';
import type { ReadingContent } from '../../../services/domain/contract/reading.ts';
import type { Finding } from '../../../services/domain/finding.ts';
import { listedFindings } from '../../../viewer/review/listed-findings.ts';
import { EMPTY, startReview } from '../../../viewer/review/review-state.ts';
import { canRejectRest, obstacles } from '../../../viewer/review/signing.ts';
import { run } from '../../support/fake-studies.ts';
import { readLesion } from '../../support/read-lesions.ts';

const AT = '2026-11-23T10:00:00Z';
const finding = (index: number, score: number): Finding => ({
  ...readLesion(),
  index,
  score,
  TrackingUID: `2.25.${index}`,
});
const FINDINGS = [finding(1, 0.9), finding(2, 0.5), finding(3, 0.2)];
const RUN = run({ findings: FINDINGS });
const accepted = (uid: number) => ({ TrackingUID: `2.25.${uid}`, at: AT, verdict: 'accepted' }) as const;
const of = (...verdicts: ReadingContent['verdicts']): ReadingContent => ({ ...EMPTY, verdicts });

const signing = (content: ReadingContent, patch: Partial<Parameters<typeof obstacles>[0]> = {}, saving = 'saved') =>
  obstacles({
    session: { review: startReview(content), saving: { name: saving as 'saved' }, conflict: undefined },
    runs: [RUN],
    thresholdOf: () => 0.42,
    stranger: undefined,
    hidden: false,
    ...patch,
  });
const names = (all: ReturnType<typeof obstacles>) => all.map(({ name }) => name);

describe('a signature', () => {
  it('may be given when every finding at or above the threshold is decided', () => {
    expect(
      signing(of(accepted(1), { TrackingUID: '2.25.2', at: AT, verdict: 'rejected', reason: null, bulk: false })),
    ).toEqual([]);
  });

  it('waits for the unreviewed and the deferred, each named, and offers to reject the rest', () => {
    const all = signing(of({ TrackingUID: '2.25.1', at: AT, verdict: 'deferred' }));
    expect(all).toMatchObject([{ name: 'unreviewed', findings: [{ index: 1 }, { index: 2 }] }]);
    expect(canRejectRest(all)).toBe(true);
  });

  it('asks for what the display threshold shows', () => {
    expect(names(signing(of(accepted(1), accepted(2)), { thresholdOf: () => 0.1 }))).toEqual(['unreviewed']);
    expect(signing(EMPTY, { thresholdOf: () => 0.95 })).toEqual([]);
  });

  // biome-ignore format: a table
  it.each([
    ['another patient in the images', { stranger: { PatientID: 'X', where: 'images' } }, 'saved', 'patientMismatch'],
    ['a report of another patient', { stranger: { PatientID: 'X', where: 'report' } }, 'saved', 'patientMismatch'],
    ['findings not yet revealed', { hidden: true }, 'saved', 'notRevealed'],
    ['a server that is away', {}, 'away', 'notSaved'],
    ['a draft the server refused', {}, 'refused', 'notSaved'],
    ['a reading that is not here yet', {}, 'loading', 'notSaved'],
  ] as const)('is not given with %s, nor the rest rejected', (_what, patch, saving, name) => {
    const all = signing(EMPTY, patch, saving);
    expect(names(all)).toContain(name);
    expect(canRejectRest(all)).toBe(false);
  });

  it('is not given on findings that a newer result no longer has', () => {
    expect(signing(of(accepted(1), accepted(2), accepted(77)))).toEqual([{ name: 'newerResult', gone: ['2.25.77'] }]);
  });
});

describe('the list', () => {
  it('shows what is at or above the threshold, and what a reader has taken over', () => {
    expect(listedFindings(FINDINGS, EMPTY, 0.42)).toMatchObject({ shown: [{ index: 1 }, { index: 2 }], hidden: 1 });
    expect(listedFindings(FINDINGS, of(accepted(3)), 0.95)).toMatchObject({ shown: [{ index: 3 }], hidden: 2 });
  });

  it('shows an edited finding as it was edited, and goes on with the numbers for added ones', () => {
    const lesion = readLesion({ diameterMm: 20 });
    const content: ReadingContent = {
      verdicts: [{ TrackingUID: '2.25.1', at: AT, verdict: 'edited', lesion }],
      added: [{ TrackingUID: '2.25.50', at: AT, lesion }],
      thresholds: {},
    };
    const { shown } = listedFindings(FINDINGS, content, 0.42);
    expect(shown).toMatchObject([
      { index: 1, state: 'edited', diameterMm: 20, score: 0.9 },
      { index: 2, state: 'unreviewed' },
      { index: 4, state: 'added', score: undefined },
    ]);
  });
});
