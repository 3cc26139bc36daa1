import { expect, it } from 'vitest';
import type { PartlyDueStudy, PlannedRun, StudyToPlan } from '../../services/domain/ports.ts';
import type { StudyPriority } from '../../services/domain/priority.ts';
import { type PlanningModel, planStudies, type StudyRoute } from '../../services/pipeline/plan-studies.ts';
import { fakeContext } from '../support/fake-context.ts';
import { fakeQueue } from '../support/fake-queue.ts';

const series = (n: number) => ({
  SeriesInstanceUID: `1.2.3.${n}`,
  Modality: 'CT',
  watermark: 1,
  instances: [
    { SOPInstanceUID: `1.2.9.${n}`, SOPClassUID: '1.2.840.10008.5.1.4.1.1.2', sha256: String(n).padStart(64, '0') },
  ],
});
const STUDY: StudyToPlan = { StudyInstanceUID: '1.2', series: [series(1), series(2)] };
const model = (id: string): PlanningModel => ({
  id,
  version: '1.0.0',
  hash: 'a'.repeat(64),
  threshold: 0.5,
  mayRead: () => true,
  suitableSeries: (all) => ({ series: all.map(({ SeriesInstanceUID }) => SeriesInstanceUID) }),
});

async function plan(
  route: StudyRoute | undefined,
  partly: readonly PartlyDueStudy[] = [],
  said: StudyPriority = route?.decision?.priority ?? 'ROUTINE',
) {
  const saved: PlannedRun[] = [];
  const priorities: (number | undefined)[] = [];
  await planStudies(fakeContext(), {
    models: [model('chest'), model('head')],
    queue: { ...fakeQueue(), enqueue: async (_job, priority) => void priorities.push(priority) },
    dueStudies: async () => (partly.length > 0 ? [] : [STUDY]),
    partlyDueStudies: async () => partly,
    studyToPlan: async () => STUDY,
    priorityOf: async () => said,
    ...(route && { routeOf: async () => route }),
    savePlan: async (_study, runs) => {
      saved.push(...runs);
      return [{ id: '00000000-0000-4000-8000-000000000001', generation: 0 }];
    },
  });
  return { saved, priorities };
}
const decided = (decision: NonNullable<StudyRoute['decision']>): StudyRoute => ({ decision, asPrior: false });

it('without rules every model reads every series, as without routing', async () => {
  const { saved, priorities } = await plan({ decision: undefined, asPrior: false });
  expect(saved).toEqual((await plan(undefined)).saved);
  expect(saved.map(({ outOfScope }) => outOfScope)).toEqual([undefined, undefined]);
  expect(priorities).toEqual([50]);
});

it('without an order of the rules the place in the queue is what the images, or a reader, say', async () => {
  expect((await plan(undefined, [], 'STAT')).priorities).toEqual([10]);
  expect((await plan({ decision: undefined, asPrior: false }, [], 'HIGH')).priorities).toEqual([30]);
});

it('a rule gives a model its series, its destinations and its place in the queue', async () => {
  const routed = { modelId: 'head', rule: 'night', series: ['1.2.3.2'], destinations: ['PACS@10.0.0.1:104'] };
  const { saved, priorities } = await plan(decided({ rules: ['night'], models: [routed], priority: 'STAT' }));
  expect(saved).toMatchObject([
    { modelId: 'chest', outOfScope: { code: 'ROUTED_ELSEWHERE', params: { rule: 'night' } }, routeRule: 'night' },
    { modelId: 'head', seriesSet: ['1.2.3.2'], routeRule: 'night', destinations: ['PACS@10.0.0.1:104'] },
  ]);
  expect(saved[1]?.outOfScope).toBeUndefined();
  expect(priorities).toEqual([10]);
});

it('a study of no rule, and a prior, end with their reason, and are new runs once they are read', async () => {
  const none = await plan(decided({ rules: [], models: [], priority: undefined }));
  expect(none.saved.map(({ outOfScope }) => outOfScope?.code)).toEqual(['NO_ROUTE', 'NO_ROUTE']);
  const prior = await plan({ decision: undefined, asPrior: true });
  expect(prior.saved.map(({ outOfScope }) => outOfScope?.code)).toEqual(['FETCHED_AS_PRIOR', 'FETCHED_AS_PRIOR']);
  const read = await plan(undefined);
  const digests = [none, prior, read].map(({ saved }) => saved[0]?.inputDigest);
  expect(new Set(digests).size).toBe(3);
});

it('of a study that still grows a model reads what the rules give it now, and what they do not may come', async () => {
  const partly: readonly PartlyDueStudy[] = [{ ...STUDY, awaited: [] }];
  const routed = { modelId: 'head', rule: 'night', series: undefined, destinations: undefined };
  const night = await plan(decided({ rules: ['night'], models: [routed], priority: 'HIGH' }), partly);
  expect(night.saved.map(({ modelId }) => modelId)).toEqual(['head']);
  expect(night.priorities).toEqual([30]);
  expect((await plan({ decision: undefined, asPrior: true }, partly)).saved).toEqual([]);
  expect((await plan(undefined, partly)).saved.map(({ modelId }) => modelId)).toEqual(['chest', 'head']);
});
