import type { ReadLesion, Verdict } from '../../services/domain/contract/reading.ts';
import type { SignedSource } from '../../services/domain/reading-source.ts';
import {
  algorithm,
  finding,
  INSTALLATION,
  imageUid,
  measurement,
  onSingleImages,
  RUN,
  series,
  study,
} from './report-sources.ts';

/** Signed readings of each shape, for the tests of what is made of them. */
const AT = '2026-11-26T08:00:00.000Z';
const COMPREHENSIVE_3D_SR = '1.2.840.10008.5.1.4.1.1.88.34';
export const AI_REPORT = '2.25.9001';

const uid = (index: number): string => finding(index).TrackingUID;

const drawn = (slice: number): ReadLesion => {
  const { score: _score, index: _index, TrackingUID: _uid, ...lesion } = finding(1);
  const region = { ...lesion.region, SOPInstanceUID: imageUid(slice) };
  return { ...lesion, region, measurement, diameterMm: 4.33, volumeMm3: 48.2, laterality: 'left' };
};

const verdicts: readonly Verdict[] = [
  { TrackingUID: uid(1), at: AT, verdict: 'accepted' },
  { TrackingUID: uid(2), at: AT, verdict: 'edited', lesion: drawn(7) },
  { TrackingUID: uid(3), at: AT, verdict: 'rejected', reason: 'vessel', bulk: false },
  { TrackingUID: uid(4), at: AT, verdict: 'rejected', reason: null, bulk: false },
  { TrackingUID: uid(5), at: AT, verdict: 'rejected', reason: null, bulk: true },
];

export const readRun = (given: Partial<SignedSource['runs'][number]> = {}): SignedSource['runs'][number] => ({
  ...{ runId: RUN, revision: 1, modelId: 'blob-log-ct', modelVersion: '1.0.0', modelHash: algorithm.modelHash },
  ...{ mode: 'concurrent', endState: 'FINDINGS', reason: null, threshold: 0.35, provider: 'cpu', series, algorithm },
  report: { SeriesInstanceUID: '2.25.9000', SOPClassUID: COMPREHENSIVE_3D_SR, SOPInstanceUID: AI_REPORT },
  findings: [1, 2, 3, 4, 5, 6].map((index) => finding(index)),
  ...given,
});

/** One lesion accepted, one changed, three rejected, one below the display threshold, one added. */
export const signed = (given: Partial<SignedSource> = {}): SignedSource => ({
  ...{ installationId: INSTALLATION, revision: 3, study, predecessor: undefined },
  reader: { name: 'Li^Mei=李^梅', organization: 'Radiology, First Hospital' },
  signedAt: new Date('2026-11-26T09:12:13.450Z'),
  content: {
    verdicts: [...verdicts],
    added: [{ TrackingUID: '2.25.4711', at: AT, lesion: drawn(9) }],
    thresholds: { [RUN]: 0.89 },
  },
  language: 'en',
  imageNumbers: new Map(),
  runs: [readRun()],
  framesOfReference: new Map([[series.SeriesInstanceUID, series.FrameOfReferenceUID]]),
  ...given,
});

const nothing = { verdicts: [], added: [], thresholds: {} };

export const SIGNED: Readonly<Record<string, () => SignedSource>> = {
  'a reading with every verdict': signed,
  'a reading without findings': () =>
    signed({ content: nothing, runs: [readRun({ endState: 'NO_FINDINGS', findings: [] })] }),
  'an amendment': () =>
    signed({
      revision: 6,
      predecessor: { SeriesInstanceUID: '2.25.9100', SOPClassUID: COMPREHENSIVE_3D_SR, SOPInstanceUID: '2.25.9101' },
    }),
  'a summary in Chinese with growth and a hint': () =>
    signed({
      language: 'zh-CN',
      content: {
        ...signed().content,
        guidelines: {
          patient: { screening: true },
          nodules: { [uid(1)]: { density: 'solid', course: 'baseline' } },
          taken: { [uid(1)]: { lungRads: '2' } },
        },
        comparisons: {
          [uid(1)]: {
            ...{ StudyInstanceUID: '2.25.1', TrackingUID: '2.25.2', StudyDate: '20230301' },
            ...{ meanDiameterMm: 3.5, volumeMm3: 25 },
          },
        },
      },
    }),
  'a reading of single images': () => {
    const { series: radiographs, findings } = onSingleImages();
    const [first, second] = findings.map(({ TrackingUID }) => TrackingUID);
    const accepted: Verdict = { TrackingUID: first ?? '', at: AT, verdict: 'accepted' };
    const rejected: Verdict = { TrackingUID: second ?? '', at: AT, verdict: 'rejected', reason: 'scar', bulk: false };
    return signed({
      content: { verdicts: [accepted, rejected], added: [], thresholds: {} },
      runs: [readRun({ series: radiographs ?? null, findings: [...findings] })],
      framesOfReference: new Map(),
    });
  },
  'two models and one that failed': () =>
    signed({
      runs: [
        readRun(),
        readRun({
          runId: 'run-2',
          algorithm: { ...algorithm, name: 'other-ct' },
          findings: [],
          endState: 'NO_FINDINGS',
        }),
        readRun({
          ...{ runId: 'run-3', endState: 'FAILED', findings: [], series: null, report: null, provider: null },
          reason: { code: 'OUT_OF_MEMORY', params: { limit: 6144 } },
        }),
      ],
    }),
  'no model and an organization that was not given': () =>
    signed({
      runs: [],
      reader: { name: `${'x'.repeat(31)}^${'y'.repeat(32)}`, organization: '' },
      content: { ...nothing, added: signed().content.added },
    }),
};
