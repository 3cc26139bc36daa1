import type { Delivery, RunDetail, StudyDetail, WorklistStudy } from '../../services/domain/contract/worklist.ts';

/** Studies as the server answers them: complete, with every field overridable. */
const NOW = '2026-11-23T09:30:00.000Z';

const secondsAgo = (seconds: number): string => new Date(Date.now() - seconds * 1000).toISOString();

const delivery = (patch: Partial<Delivery> = {}): Delivery => ({
  destination: 'PACS-A',
  state: 'DELIVERED',
  attempts: 1,
  lastError: null,
  commitment: 'none',
  deliveredAt: NOW,
  nextAttemptAt: null,
  ...patch,
});

export const run = (patch: Partial<RunDetail> = {}): RunDetail => ({
  runId: '00000000-0000-4000-8000-000000000001',
  model: { id: 'blob-log-ct', version: '1.0.0', hash: '9f2c'.repeat(16) },
  state: 'FINDINGS',
  routeRule: null,
  reason: null,
  findingCount: 0,
  largestMm: null,
  topScore: null,
  threshold: 0.42,
  newInstances: 0,
  hidden: false,
  flagOnly: false,
  belowCount: 0,
  queuePosition: null,
  withdrawnAt: null,
  attempt: 1,
  createdAt: secondsAgo(300),
  startedAt: secondsAgo(290),
  finishedAt: secondsAgo(260),
  deliveries: [delivery()],
  findings: [],
  analysedSeriesInstanceUID: null,
  warnings: [],
  banner: 'Laplacian-of-Gaussian blobs: a floor, not a product. Research use only.',
  provider: 'cpu',
  stageSeconds: { read: 0.8, decode: 1.9, graph: 14.2 },
  SRSOPInstanceUID: '2.25.77',
  SRSeriesInstanceUID: '2.25.76',
  ...patch,
});

export const study = (StudyInstanceUID: string, patch: Partial<WorklistStudy> = {}): WorklistStudy => ({
  StudyInstanceUID,
  PatientName: 'Zhang^San=张^三=',
  PatientID: '00012345',
  PatientBirthDate: '19630214',
  PatientSex: 'M',
  PatientAge: '063Y',
  StudyDate: '20261123',
  StudyTime: '091500',
  StudyDescription: 'CT chest LDCT',
  AccessionNumber: 'A2026-991',
  modalities: ['CT'],
  seriesCount: 1,
  instanceCount: 133,
  receiving: false,
  quietSecondsLeft: null,
  announced: null,
  lastArrivalAt: secondsAgo(260),
  firstArrivalAt: secondsAgo(300),
  priority: 'ROUTINE',
  aiCritical: false,
  aiState: patch.receiving === true ? 'receiving' : 'queued',
  sources: ['CT1'],
  bodyParts: ['CHEST'],
  reading: null,
  openedBy: [],
  runs: [],
  ...patch,
});

/** A run as the worklist has it: without what only the study screen shows. */
const summary = ({
  findings: _findings,
  analysedSeriesInstanceUID: _series,
  warnings: _warnings,
  banner: _banner,
  provider: _provider,
  stageSeconds: _stages,
  SRSOPInstanceUID: _sr,
  SRSeriesInstanceUID: _srSeries,
  ...rest
}: RunDetail): WorklistStudy['runs'][number] => rest;

export const detail = (
  of: WorklistStudy,
  runs: readonly RunDetail[],
  series: StudyDetail['series'] = [],
): StudyDetail => ({
  asOf: NOW,
  study: { ...of, aiState: aiStateOf(runs[0]) ?? of.aiState, runs: runs.map(summary) },
  series,
  runs: [...runs],
});

const STATES = {
  WAITING: 'queued',
  RUNNING: 'running',
  FINDINGS: 'findings',
  NO_FINDINGS: 'none',
  NOT_ANALYSABLE: 'notApplicable',
  FAILED: 'failed',
} as const;

/** What the server says of a study with one run. */
function aiStateOf(run: RunDetail | undefined): WorklistStudy['aiState'] | undefined {
  if (run === undefined) return undefined;
  if (run.newInstances > 0) return 'outdated';
  return run.hidden ? 'hidden' : STATES[run.state];
}

const none = { findingCount: 0, largestMm: null, topScore: null } as const;

/** One study per state a screen must tell apart, and the ways a delivery can stand. */
export function studyOfEachState(): readonly StudyDetail[] {
  const uid = (last: number) => `2.25.900${last}`;
  const runOf = (last: number, patch: Partial<RunDetail>) =>
    run({ runId: `00000000-0000-4000-8000-00000000010${last}`, ...none, ...patch });
  return [
    detail(
      study(uid(1), {
        PatientName: 'Li^Na=李^娜',
        PatientSex: 'F',
        PatientAge: '055Y',
        StudyDescription: 'CT chest routine',
      }),
      [
        runOf(1, {
          findingCount: 3,
          largestMm: 9.23,
          topScore: 0.912,
          deliveries: [delivery({ state: 'PENDING', attempts: 3, lastError: 'connection refused' })],
        }),
      ],
    ),
    detail(
      study(uid(2), {
        PatientName: 'Qian^F',
        PatientSex: 'F',
        PatientAge: '066Y',
        StudyDescription: 'CT chest 5 mm',
        instanceCount: 60,
      }),
      [
        runOf(2, {
          state: 'FAILED',
          reason: { code: 'CRASHED_REPEATEDLY', params: { count: 3, detail: 'signal SIGSEGV' } },
          deliveries: [],
        }),
      ],
    ),
    detail(
      study(uid(3), {
        PatientName: 'Zhao^Min=赵^敏',
        PatientAge: '',
        PatientBirthDate: '19460101',
        StudyDescription: 'CT abdomen',
        instanceCount: 410,
      }),
      [
        runOf(3, {
          state: 'NOT_ANALYSABLE',
          reason: { code: 'MISSING_SLICES', params: { gapMm: 12, after: 40, before: 41, spacingMm: 2.5 } },
          deliveries: [delivery({ state: 'REFUSED', attempts: 1, lastError: 'status A900' })],
        }),
      ],
    ),
    detail(study(uid(4), { PatientName: 'Chen^Jing', PatientSex: 'F', StudyDescription: 'CT chest' }), [
      runOf(4, { state: 'RUNNING', startedAt: secondsAgo(40), finishedAt: null, deliveries: [], attempt: 2 }),
    ]),
    detail(study(uid(5), { PatientName: 'Zhou^Ping=周^平', PatientSex: 'F', PatientAge: '070Y', instanceCount: 313 }), [
      runOf(5, { newInstances: 12, findingCount: 1, largestMm: 6.1, topScore: 0.55 }),
    ]),
    detail(
      study(uid(6), {
        PatientName: 'Hong^Gildong=洪^吉洞=홍^길동',
        StudyDescription: 'CT chest routine',
        instanceCount: 280,
      }),
      [runOf(6, { state: 'NO_FINDINGS', deliveries: [] })],
    ),
    detail(study(uid(7), { PatientName: 'Sun^Yang=孙^阳', StudyDescription: 'CT chest', instanceCount: 288 }), [
      runOf(7, { state: 'WAITING', startedAt: null, finishedAt: null, createdAt: secondsAgo(95), deliveries: [] }),
    ]),
    detail(
      study(uid(8), {
        PatientName: 'Wang^Wei=王^伟',
        StudyDescription: '',
        AccessionNumber: '',
        instanceCount: 190,
        receiving: true,
        quietSecondsLeft: 18.3,
        lastArrivalAt: secondsAgo(2),
      }),
      [],
    ),
  ];
}
