import { describe, expect, it } from 'vitest';
import type { PartlyDueStudy, PlannedRun, StudyToPlan } from '../../services/domain/ports.ts';
import { inputDigest, type PlanningModel, planStudies } from '../../services/pipeline/plan-studies.ts';
import { fakeContext } from '../support/fake-context.ts';
import { fakeQueue } from '../support/fake-queue.ts';

const CT = '1.2.840.10008.5.1.4.1.1.2';
const instance = (n: number) => ({
  SOPInstanceUID: `1.2.9.${n}`,
  SOPClassUID: CT,
  sha256: String(n).padStart(64, '0'),
});
const series = (n: number, Modality: string, instances = [instance(n)]) => ({
  SeriesInstanceUID: `1.2.3.${n}`,
  Modality,
  watermark: instances.length,
  instances,
});
const study: StudyToPlan = { StudyInstanceUID: '1.2', series: [series(2, 'CT'), series(1, 'CT'), series(3, 'SR')] };

const ctModel: PlanningModel = {
  id: 'blob',
  version: '1.0.0',
  hash: 'a'.repeat(64),
  threshold: 0.5,
  mayRead: (Modality) => Modality === '' || Modality === 'CT',
  suitableSeries: (all) => {
    const wanted = all.filter(({ Modality }) => Modality === 'CT').map(({ SeriesInstanceUID }) => SeriesInstanceUID);
    const reason = { code: 'NO_SUITABLE_SERIES', params: { modality: 'CT' } } as const;
    return wanted.length > 0 ? { series: wanted } : { series: [], reason };
  },
};

async function plan(due: readonly StudyToPlan[], partly: readonly PartlyDueStudy[] = []) {
  const saved: PlannedRun[] = [];
  const queue = fakeQueue();
  const job = { id: '00000000-0000-4000-8000-000000000001', generation: 0 };
  await planStudies(fakeContext(), {
    models: [ctModel],
    queue,
    dueStudies: async () => due,
    partlyDueStudies: async () => partly,
    priorityOf: async () => 'ROUTINE',
    studyToPlan: async (uid) => partly.find(({ StudyInstanceUID }) => StudyInstanceUID === uid),
    savePlan: async (_study, runs) => {
      saved.push(...runs);
      return runs.some(({ outOfScope }) => outOfScope === undefined) ? [job] : [];
    },
  });
  return { saved, queue };
}

it('gives the model its series, sorted, and queues the run', async () => {
  const { saved, queue } = await plan([study]);
  expect(saved.map(({ seriesSet }) => seriesSet)).toEqual([['1.2.3.1', '1.2.3.2']]);
  expect(queue.added).toHaveLength(1);
});

it('ends a study without a suitable series at once, with the reason', async () => {
  const { saved, queue } = await plan([{ ...study, series: [series(3, 'SR')] }]);
  expect(saved).toMatchObject([{ outOfScope: { code: 'NO_SUITABLE_SERIES' }, seriesSet: ['1.2.3.3'] }]);
  expect(queue.added).toEqual([]);
});

it('ignores series the model does not read: an SR that comes later changes no digest', async () => {
  const before = await plan([study]);
  const later = { ...study, series: [...study.series, series(4, 'SR')] };
  expect((await plan([later])).saved[0]?.inputDigest).toBe(before.saved[0]?.inputDigest);
});

describe('a study that still grows', () => {
  const growing = { growing: true } as const;
  const partly = (series: PartlyDueStudy['series'], awaited: PartlyDueStudy['awaited'] = []): PartlyDueStudy => ({
    ...{ StudyInstanceUID: '1.2', series, awaited },
  });
  const awaited = (Modality: string) => [{ SeriesInstanceUID: '1.2.3.9', Modality }];

  it.each([
    ['other series of no use to it', partly([series(1, 'CT'), { ...series(2, 'MR'), ...growing }])],
    ['an announced one of no use to it', partly([series(1, 'CT')], awaited('PT'))],
  ])('is read by a model that has what it needs beside %s', async (_what, study) => {
    const { saved, queue } = await plan([], [study]);
    expect(saved.map(({ seriesSet }) => seriesSet)).toEqual([['1.2.3.1']]);
    expect(queue.added).toHaveLength(1);
  });

  it.each([
    ['a series that it can read', partly([series(1, 'CT'), { ...series(2, 'CT'), ...growing }])],
    ['an announced one that it can read', partly([series(1, 'CT')], awaited('CT'))],
    ['an announced one of which nothing is known', partly([series(1, 'CT')], awaited(''))],
    ['the first one that it can read', partly([series(1, 'SR'), { ...series(2, 'MR'), ...growing }])],
  ])('is not read while there is %s to come', async (_what, study) => {
    expect((await plan([], [study])).saved).toEqual([]);
  });
});

describe('inputDigest', () => {
  it('does not depend on the order of arrival', () => {
    expect(inputDigest([instance(1), instance(2)])).toBe(inputDigest([instance(2), instance(1)]));
  });
  it.each([
    ['another image', [instance(1), instance(3)]],
    ['one image more', [instance(1), instance(2), instance(3)]],
    ['other bytes', [instance(1), { ...instance(2), sha256: 'f'.repeat(64) }]],
  ])('changes with %s', (_name, instances) => {
    expect(inputDigest(instances)).not.toBe(inputDigest([instance(1), instance(2)]));
  });
});
