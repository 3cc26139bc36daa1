import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReadingContent } from '../../services/domain/contract/reading.ts';
import type { ReadingOutcome, SignatureChange } from '../../services/domain/reading-ports.ts';
import type { ReadingSource } from '../../services/domain/reading-source.ts';
import type { Store } from '../../services/store/connect.ts';
import { deliveryStore } from '../../services/store/delivery-store.ts';
import { readingStore } from '../../services/store/reading-store.ts';
import { seriesIndex } from '../../services/store/series-index.ts';
import { arrival, newUid } from '../support/arrivals.ts';
import { startStore } from '../support/database.ts';
import {
  accepted,
  analysed,
  content,
  deferred,
  LI,
  planned,
  type ReadStudy,
  rejected,
  studyWith,
  WANG,
} from '../support/readings.ts';

const started: { store?: Store; stop?: () => Promise<void> } = {};
const store = (): Store => {
  if (started.store === undefined) throw new Error('not started');
  return started.store;
};
const readings = () => readingStore(store(), { instanceDirectory: '/stored' });
beforeAll(async () => Object.assign(started, await startStore()));
afterAll(() => started.stop?.());

const at = ({ StudyInstanceUID }: { StudyInstanceUID: string }, revision: number, reader = LI) => ({
  ...{ StudyInstanceUID, revision, reader },
});
const save = (study: ReadStudy, revision: number, said: ReadingContent, reader = LI) =>
  readings().saveDraft(at(study, revision, reader), said);

const sources: ReadingSource[] = [];
const signature = (study: ReadStudy, revision: number, given: Partial<SignatureChange> = {}): SignatureChange => ({
  ...at(study, revision),
  rejectRest: false,
  language: 'en',
  signedAt: new Date('2026-11-26T09:00:00.000Z'),
  destinations: ['PACS@host:104'],
  write: (source) => {
    sources.push(source);
    return {
      SOPClassUID: '1.2.840.10008.5.1.4.1.1.88.34',
      SOPInstanceUID: newUid(),
      SeriesInstanceUID: newUid(),
      TransferSyntaxUID: '1.2.840.10008.1.2.1',
      dataset: Uint8Array.of(8, 0, 5, 0, 67, 83, source.revision, 0),
    };
  },
  ...given,
});
const sign = (study: ReadStudy, revision: number, given: Partial<SignatureChange> = {}) =>
  readings().sign(signature(study, revision, given));

const codeOf = (outcome: ReadingOutcome) => ('refused' in outcome ? outcome.refused.code : outcome.reading.state);
const actions = ({ StudyInstanceUID }: ReadStudy) =>
  store()
    .database.selectFrom('reading_action')
    .select(['actor', 'action', 'revisionBefore', 'revisionAfter', 'changes'])
    .where('StudyInstanceUID', '=', StudyInstanceUID)
    .orderBy('id')
    .execute();

describe('a signature', () => {
  it('is refused while a finding at or above the display threshold is open, and names it', async () => {
    const study = await studyWith(store(), [0.9, 0.6, 0.3]);
    const [one = '', two = ''] = study.findings;
    expect(await sign(study, 0)).toMatchObject({ refused: { code: 'READING_INCOMPLETE', findings: [one, two] } });
    await save(study, 0, content([accepted(one), deferred(two)]));
    expect(await sign(study, 1)).toMatchObject({
      refused: { code: 'READING_INCOMPLETE', findings: [two], detail: 'no verdict on finding 2 (nodule)' },
    });
    await save(study, 1, content([accepted(one)], { thresholds: { [study.runId]: 0.7 } }));
    expect(codeOf(await sign(study, 2))).toBe('SIGNED');
  });

  it('rejects the rest as bulk when told to', async () => {
    const study = await studyWith(store(), [0.9, 0.6, 0.3]);
    const [one = '', two = ''] = study.findings;
    await save(study, 0, content([accepted(one), deferred(two)]));
    const outcome = await sign(study, 1, { rejectRest: true });
    expect(outcome).toMatchObject({
      reading: { content: { verdicts: [{ TrackingUID: one }, { TrackingUID: two, verdict: 'rejected', bulk: true }] } },
    });
    expect((await actions(study)).at(-1)?.changes).toEqual([
      { TrackingUID: two, before: 'deferred', after: 'rejected:rest' },
    ]);
  });

  it('keeps the bytes and sends them to each destination like a result', async () => {
    const study = await studyWith(store(), []);
    const outcome = await sign(study, 0, { destinations: ['A@host:104', 'B@host:104', 'A@host:104'] });
    if ('refused' in outcome) throw new Error(outcome.refused.detail);
    const [report] = outcome.reading.reports;
    expect(report).toMatchObject({ reader: LI, signedAt: '2026-11-26T09:00:00.000Z' });
    expect(report?.deliveries.map(({ destination, state }) => [destination, state])).toEqual([
      ['A@host:104', 'PENDING'],
      ['B@host:104', 'PENDING'],
    ]);
    const { id } = await store()
      .database.selectFrom('delivery')
      .innerJoin('signed_report', 'signed_report.id', 'delivery.signedReportId')
      .select('delivery.id')
      .where('SRSOPInstanceUID', '=', report?.SRSOPInstanceUID ?? '')
      .orderBy('destination')
      .executeTakeFirstOrThrow();
    const deliveries = deliveryStore(store());
    expect((await deliveries.dueDeliveries()).some((job) => job.id === id)).toBe(true);
    for (const attempts of [0, 1]) {
      const sent = await deliveries.claimDelivery(id);
      expect(sent).toMatchObject({ attempts, destination: 'A@host:104' });
      expect(sent?.report.SOPInstanceUID).toBe(report?.SRSOPInstanceUID);
      expect([...(sent?.report.dataset ?? [])]).toEqual([8, 0, 5, 0, 67, 83, 1, 0]);
    }
    await deliveries.delivered(id, '0000');
    const after = await readings().reading(study.StudyInstanceUID);
    expect(after?.reports[0]?.deliveries[0]).toMatchObject({ state: 'DELIVERED', attempts: 2, nextAttemptAt: null });
    const events = store().database.selectFrom('event').select('kind').orderBy('id', 'desc').limit(1);
    expect(await events.where('StudyInstanceUID', '=', study.StudyInstanceUID).execute()).toEqual([
      { kind: 'report.delivered' },
    ]);
  });

  it('changes nothing when the report cannot be written', async () => {
    const study = await studyWith(store(), []);
    const write = () => {
      throw new Error('a bug');
    };
    await expect(sign(study, 0, { write })).rejects.toThrow('a bug');
    expect(await readings().reading(study.StudyInstanceUID)).toMatchObject({ revision: 0, reports: [] });
  });

  it('is refused while images of another Patient ID lie in the study, however late in their series', async () => {
    const study = await studyWith(store(), []);
    const index = seriesIndex(store(), { quietSeconds: 0.001, releasedQuietSeconds: 0.001 });
    const more = { study: study.StudyInstanceUID, series: study.SeriesInstanceUID };
    await index.recordInstance(arrival({ ...more, StudyDescription: 'CT Thorax' }));
    await analysed(store(), study.StudyInstanceUID, []);
    expect(codeOf(await sign(study, 0))).toBe('SIGNED');
    const other = await studyWith(store(), []);
    const into = { study: other.StudyInstanceUID, series: other.SeriesInstanceUID };
    await index.recordInstance(arrival({ ...into, StudyDescription: 'CT Thorax' }));
    await index.recordInstance(arrival({ ...into, StudyDescription: 'CT Thorax', PatientID: 'P-2' }));
    expect(codeOf(await sign(other, 0))).toBe('PATIENT_MISMATCH');
  });

  it('names what is of another patient, and takes nobody for no contradiction', async () => {
    const index = seriesIndex(store(), { quietSeconds: 0.001, releasedQuietSeconds: 0.001 });
    for (const [Modality, what] of [['SR', 'report'] as const, ['SEG', 'result'] as const]) {
      const study = await studyWith(store(), []);
      const series = newUid();
      const into = { study: study.StudyInstanceUID, series, Modality };
      await index.recordInstance(arrival({ ...into, PatientID: '' }));
      expect((await readings().reading(study.StudyInstanceUID))?.strangers).toEqual([]);
      await index.recordInstance(arrival({ ...into, PatientID: 'P-2' }));
      expect((await readings().reading(study.StudyInstanceUID))?.strangers).toEqual([
        { what, SeriesInstanceUID: series },
      ]);
      expect(await sign(study, 0)).toMatchObject({
        refused: { code: 'PATIENT_MISMATCH', detail: expect.stringMatching(/another Patient ID/) },
      });
    }
  });

  it('signs growth against an earlier study as it is stored, of the same patient, and nothing that is not', async () => {
    const prior = await studyWith(store(), [0.9], { StudyDate: '20230105' });
    const stranger = await studyWith(store(), [0.9], { PatientID: 'P-9' });
    const study = await studyWith(store(), [0.9, 0.8]);
    const [one = '', two = ''] = study.findings;
    const said = ({ StudyInstanceUID, findings: [uid = ''] }: ReadStudy) => ({
      ...{ StudyInstanceUID, TrackingUID: uid, StudyDate: '19990101', meanDiameterMm: 1, volumeMm3: 1 },
    });
    const comparisons = { [one]: said(prior), [two]: said(stranger) };
    await save(study, 0, content([accepted(one), accepted(two)], { comparisons }));
    expect(codeOf(await sign(study, 1))).toBe('SIGNED');
    const signed = sources.at(-1);
    expect(signed?.content.comparisons).toEqual({
      [one]: { ...said(prior), StudyDate: '20230105', meanDiameterMm: 5, volumeMm3: 100 },
    });
    expect(signed?.imageNumbers.get(study.SOPInstanceUID)).toMatchObject({ InstanceNumber: 1 });
  });

  it('is refused while images are new, their analysis runs, or its results were not judged', async () => {
    const study = await studyWith(store(), [0.9]);
    await save(study, 0, content([accepted(study.findings[0] ?? '')]));
    const { StudyInstanceUID, SeriesInstanceUID: series } = study;
    const index = seriesIndex(store(), { quietSeconds: 0.001, releasedQuietSeconds: 0.001 });
    await index.recordInstance(arrival({ study: StudyInstanceUID, series }));
    expect(await sign(study, 1)).toMatchObject({
      refused: { code: 'READING_OUTDATED', detail: expect.stringMatching(/1 images/) },
    });
    await planned(store(), StudyInstanceUID);
    expect(await sign(study, 1)).toMatchObject({
      refused: { code: 'READING_OUTDATED', detail: expect.stringMatching(/has not ended/) },
    });
  });

  it('is refused on other results than those that were judged, until the draft is saved on them', async () => {
    const study = await studyWith(store(), [0.9]);
    await save(study, 0, content([accepted(study.findings[0] ?? '')]));
    const index = seriesIndex(store(), { quietSeconds: 0.001, releasedQuietSeconds: 0.001 });
    await index.recordInstance(arrival({ study: study.StudyInstanceUID, series: study.SeriesInstanceUID }));
    await analysed(store(), study.StudyInstanceUID, []);
    expect(await sign(study, 1)).toMatchObject({
      refused: { code: 'READING_OUTDATED', detail: expect.stringMatching(/look again/) },
    });
    expect(codeOf(await save(study, 1, content([])))).toBe('OPEN');
    expect(codeOf(await sign(study, 2))).toBe('SIGNED');
  });
});

describe('a signed reading', () => {
  it('changes only by an amendment, whose report names the one before', async () => {
    const study = await studyWith(store(), [0.9]);
    const [uid = ''] = study.findings;
    await save(study, 0, content([accepted(uid)]));
    expect(codeOf(await readings().amend(at(study, 1)))).toBe('READING_NOT_SIGNED');
    const first = await sign(study, 1);
    expect(codeOf(await save(study, 1, content([])))).toBe('READING_SIGNED');
    expect(codeOf(await save(study, 2, content([])))).toBe('READING_SIGNED');
    expect(codeOf(await sign(study, 2))).toBe('READING_SIGNED');
    expect(codeOf(await readings().amend(at(study, 2, WANG)))).toBe('DRAFT');
    await save(study, 3, content([rejected(uid)]), WANG);
    const second = await sign(study, 4, { reader: WANG });
    if ('refused' in first || 'refused' in second) throw new Error('refused');
    const [newer, older] = second.reading.reports;
    expect(older?.SRSOPInstanceUID).toBe(first.reading.reports[0]?.SRSOPInstanceUID);
    expect(newer?.reader).toEqual(WANG);
    expect(sources.at(-1)?.predecessor?.SOPInstanceUID).toBe(older?.SRSOPInstanceUID);
    expect((await actions(study)).map(({ action }) => action)).toEqual(['SAVE', 'SIGN', 'AMEND', 'SAVE', 'SIGN']);
  });

  it('is not planned when a PACS sends its report back', async () => {
    const study = await studyWith(store(), []);
    const outcome = await sign(study, 0);
    if ('refused' in outcome) throw new Error('refused');
    const { SRSOPInstanceUID = '', SRSeriesInstanceUID = '' } = outcome.reading.reports[0] ?? {};
    const index = seriesIndex(store(), { quietSeconds: 0.001, releasedQuietSeconds: 0.001 });
    const back = { study: study.StudyInstanceUID, series: SRSeriesInstanceUID, SOPInstanceUID: SRSOPInstanceUID };
    await index.recordInstance(arrival({ ...back, Modality: 'SR' }));
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect((await index.dueStudies()).map((due) => due.StudyInstanceUID)).not.toContain(study.StudyInstanceUID);
  });

  it('gives its images to a child by series', async () => {
    const study = await studyWith(store(), []);
    const [image] = await readings().imagesOf(study);
    expect(image).toMatchObject({ SOPInstanceUID: study.SOPInstanceUID, file: expect.stringMatching(/^\/stored\//) });
    expect(await readings().imagesOf({ ...study, SeriesInstanceUID: '1.2.3' })).toEqual([]);
  });
});
