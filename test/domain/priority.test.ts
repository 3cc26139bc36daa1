import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AiUrgency,
  aiHeadStartMinutes,
  isAiCritical,
  MAX_HEAD_START_MINUTES,
  placeInQueue,
  type StudyPriority,
} from '../../services/domain/priority.ts';

const MINUTE = 60_000;
const NONE: AiUrgency = { hasFindings: false, topScore: 0, acute: false };
const ai = fc.record({
  hasFindings: fc.boolean(),
  topScore: fc.double({ min: 0, max: 1, noNaN: true }),
  acute: fc.boolean(),
});

interface Waiting {
  readonly id: number;
  readonly priority: StudyPriority;
  readonly arrivedAt: number;
  readonly ai: AiUrgency;
}

/** The first of a list as the worklist has it. */
const top = (waiting: readonly Waiting[]): Waiting | undefined =>
  waiting.toSorted((a, b) => {
    const [one, other] = [a, b].map(({ priority, arrivedAt, ai: of }) => placeInQueue(priority, arrivedAt, of));
    if (one === undefined || other === undefined) return 0;
    return Number(other.isStat) - Number(one.isStat) || one.queueAt - other.queueAt || a.id - b.id;
  })[0];

/**
 * When the last of `backlog` routine studies is read while a study a minute is read and one a minute comes: HIGH with an acute
 * finding, one in `statEvery` of them STAT. Infinite when that takes longer than the bound.
 */
function minuteOfLast(backlog: number, statEvery: number): number {
  const urgent: AiUrgency = { hasFindings: true, topScore: 1, acute: true };
  const waiting: Waiting[] = Array.from({ length: backlog }, (_none, id) => ({
    ...{ id, priority: 'ROUTINE', arrivedAt: 0, ai: NONE },
  }));
  // What is there and what may overtake it, and while that is read, STAT takes its part of the time.
  const bound = ((backlog + MAX_HEAD_START_MINUTES + 1) * statEvery) / (statEvery - 1) + statEvery;
  for (let minute = 1; minute <= bound; minute += 1) {
    const priority = minute % statEvery === 0 ? 'STAT' : 'HIGH';
    waiting.push({ id: 1000 + minute, priority, arrivedAt: minute * MINUTE, ai: urgent });
    const next = top(waiting);
    if (next) waiting.splice(waiting.indexOf(next), 1);
    if (waiting.every(({ priority: left }) => left !== 'ROUTINE')) return minute;
  }
  return Number.POSITIVE_INFINITY;
}

describe('place in the worklist', () => {
  it.each([
    ['no finding', NONE, 0],
    ['a finding of score 0.5', { hasFindings: true, topScore: 0.5, acute: false }, 150],
    ['a finding of score 1', { hasFindings: true, topScore: 1, acute: false }, 240],
    ['an acute finding, whatever its score', { hasFindings: true, topScore: 0.5, acute: true }, 480],
    ['nothing found, whatever else is said', { hasFindings: false, topScore: 1, acute: true }, 0],
  ] as const)('%s', (_name, urgency, minutes) => {
    expect(aiHeadStartMinutes(urgency)).toBe(minutes);
  });

  it('is first for STAT, whatever the others have', () => {
    fc.assert(
      fc.property(ai, ai, fc.nat(1e6), (one, other, ageMinutes) => {
        const stat: Waiting = { id: 2, priority: 'STAT', arrivedAt: ageMinutes * MINUTE, ai: one };
        expect(top([{ id: 1, priority: 'HIGH', arrivedAt: 0, ai: other }, stat])).toBe(stat);
      }),
    );
  });

  it('never lets what came later than the longest head start go ahead, unless it is STAT', () => {
    fc.assert(
      fc.property(ai, ai, fc.constantFrom('HIGH', 'ROUTINE'), fc.nat(1e5), (one, other, priority, after) => {
        const old = placeInQueue('ROUTINE', 0, one);
        const later = placeInQueue(priority as StudyPriority, (MAX_HEAD_START_MINUTES + 1 + after) * MINUTE, other);
        expect(old.queueAt).toBeLessThan(later.queueAt);
      }),
    );
  });

  it('brings every study to the top in bounded time, while the most urgent ones keep coming', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 2, max: 9 }), (backlog, statEvery) => {
        expect(minuteOfLast(backlog, statEvery)).toBeLessThan(Number.POSITIVE_INFINITY);
      }),
      { numRuns: 20 },
    );
  });

  it('is critical for an acute class or a high score, and only with findings', () => {
    expect(isAiCritical({ hasFindings: true, topScore: 0.9, acute: false })).toBe(true);
    expect(isAiCritical({ hasFindings: true, topScore: 0.89, acute: false })).toBe(false);
    expect(isAiCritical({ hasFindings: true, topScore: 0.1, acute: true })).toBe(true);
    expect(isAiCritical({ hasFindings: false, topScore: 1, acute: true })).toBe(false);
  });
});
