import { expect, it, vi } from 'vitest';
import type { JobState } from '../../services/domain/job.ts';
import type { StudyPriority } from '../../services/domain/priority.ts';
import { type Places, reconcile } from '../../services/pipeline/reconcile.ts';
import { fakeContext } from '../support/fake-context.ts';
import { fakeQueue } from '../support/fake-queue.ts';

const id = '00000000-0000-4000-8000-000000000001';

async function reconciled(
  state: JobState,
  priority: StudyPriority = 'ROUTINE',
  places?: Places,
  runState: 'WAITING' | 'RUNNING' = 'WAITING',
) {
  const states = { [`${id}-3`]: state };
  const given = {
    unfinishedRuns: async () => [{ id, generation: 3, state: runState, priority }],
    renewRun: vi.fn(async () => ({ id, generation: 4 })),
    dueDeliveries: async () => [{ id, generation: 3 }],
    renewDelivery: vi.fn(async () => ({ id, generation: 4 })),
    analyses: fakeQueue(states),
    deliveries: fakeQueue(states),
  };
  await reconcile(fakeContext(), given, places);
  return given;
}

it('leaves a live job alone', async () => {
  const { analyses, deliveries } = await reconciled('live');
  expect([...analyses.added, ...deliveries.added]).toEqual([]);
});

it('adds a job the queue has lost, under its own id, so that two reconcilers add it once', async () => {
  const { analyses, deliveries, renewRun } = await reconciled('absent');
  expect(analyses.added).toEqual([{ id, generation: 3 }]);
  expect(deliveries.added).toEqual([{ id, generation: 3 }]);
  expect(renewRun).not.toHaveBeenCalled();
});

it('takes the next generation when an ended job blocks the id', async () => {
  const { analyses, deliveries } = await reconciled('ended');
  expect(analyses.added).toEqual([{ id, generation: 4 }]);
  expect(deliveries.added).toEqual([{ id, generation: 4 }]);
});

it('moves a waiting job when its study becomes more urgent, once', async () => {
  const places: Places = new Map();
  await reconciled('live', 'ROUTINE', places);
  expect((await reconciled('live', 'ROUTINE', places)).analyses.moved).toEqual([]);
  expect((await reconciled('live', 'STAT', places)).analyses.moved).toEqual([[id, 10]]);
  expect((await reconciled('live', 'STAT', places)).analyses.moved).toEqual([]);
  expect((await reconciled('live', 'STAT', places)).deliveries.moved).toEqual([]);
});

it('moves a job that ran while its study became urgent, when it waits again', async () => {
  const places: Places = new Map();
  await reconciled('live', 'ROUTINE', places);
  expect((await reconciled('live', 'STAT', places, 'RUNNING')).analyses.moved).toEqual([]);
  expect((await reconciled('live', 'STAT', places)).analyses.moved).toEqual([[id, 10]]);
});
