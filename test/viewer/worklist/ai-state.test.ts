import { describe, expect, it } from 'vitest';
import { AI_STATES, aiStates } from '../../../viewer/worklist/ai-state.ts';
import { detail, run, study, studyOfEachState } from '../../support/fake-studies.ts';

const statesOf = (of: Parameters<typeof aiStates>[0]) => aiStates(of).map(({ state }) => state);

describe('AI state of a study', () => {
  it('has a fixture for every state a reader must tell apart', () => {
    const shown = new Set(studyOfEachState().flatMap(({ study: row }) => statesOf(row).map(({ name }) => name)));
    expect([...shown].sort()).toEqual([...AI_STATES].sort());
  });

  it('is never blank: a study without a run is received or waits', () => {
    expect(statesOf(study('1.2', { receiving: true, quietSecondsLeft: 4 }))).toEqual([
      { name: 'receiving', images: 133, quietSecondsLeft: 4 },
    ]);
    expect(statesOf(study('1.2'))).toMatchObject([{ name: 'waiting' }]);
  });

  it.each(['FINDINGS', 'NO_FINDINGS', 'NOT_ANALYSABLE'] as const)(
    'calls %s outdated when images came later',
    (state) => {
      const { study: row } = detail(study('1.2'), [run({ state, newInstances: 2 })]);
      expect(statesOf(row)).toEqual([{ name: 'outdated', newInstances: 2 }]);
    },
  );

  it('keeps a failure a failure, whatever came later: it is no result that could be outdated', () => {
    const { study: row } = detail(study('1.2'), [run({ state: 'FAILED', newInstances: 2 })]);
    expect(statesOf(row)).toEqual([{ name: 'failed', reason: null }]);
  });

  it('shows each model of a study by itself', () => {
    const { study: row } = detail(study('1.2'), [run({ findingCount: 2 }), run({ state: 'FAILED' })]);
    expect(statesOf(row).map(({ name }) => name)).toEqual(['findings', 'failed']);
  });
});
