import { createHash, randomUUID } from 'node:crypto';
import type { PlannedRun, RunResult, StudyToPlan } from '../../services/domain/ports.ts';
import type { StoredInstance } from '../../services/domain/study.ts';

const CT = '1.2.840.10008.5.1.4.1.1.2';

export interface Arrival {
  readonly study?: string;
  readonly series?: string;
  readonly Modality?: string;
  readonly SOPInstanceUID?: string;
  /** Stands for the bytes: the same text is the same hash. */
  readonly content?: string;
  readonly PatientName?: string;
  readonly PatientID?: string;
  readonly StudyDate?: string;
  readonly StudyTime?: string;
  readonly StudyDescription?: string;
  readonly AccessionNumber?: string;
  readonly InstanceNumber?: number;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A UID of ours that no other test has. */
export const newUid = (): string => `2.25.${BigInt(`0x${randomUUID().replaceAll('-', '')}`)}`;

/** An instance as the receiver hands it to the index: a CT image of one patient unless said otherwise. */
export function arrival(given: Arrival = {}): StoredInstance {
  const SOPInstanceUID = given.SOPInstanceUID ?? newUid();
  return {
    header: {
      study: {
        StudyInstanceUID: given.study ?? newUid(),
        PatientName: given.PatientName ?? 'Wang^XiaoDong=王^小东',
        PatientID: given.PatientID ?? 'P-1',
        IssuerOfPatientID: '',
        PatientBirthDate: '19600229',
        PatientSex: 'M',
        PatientAge: '064Y',
        StudyDate: given.StudyDate ?? '20240105',
        StudyTime: given.StudyTime ?? '101500',
        StudyID: '1',
        AccessionNumber: given.AccessionNumber ?? 'A-1',
        ReferringPhysicianName: 'Doe^Jane',
        StudyDescription: given.StudyDescription ?? 'CT chest',
      },
      series: {
        SeriesInstanceUID: given.series ?? newUid(),
        Modality: given.Modality ?? 'CT',
        SeriesNumber: 2,
        SeriesDescription: 'lung',
        BodyPartExamined: 'CHEST',
        FrameOfReferenceUID: '1.2.3',
      },
      instance: {
        SOPClassUID: CT,
        SOPInstanceUID,
        InstanceNumber: given.InstanceNumber ?? 1,
        Rows: 512,
        Columns: 512,
        NumberOfFrames: undefined,
        ImageType: 'ORIGINAL\\PRIMARY\\AXIAL',
      },
      tolerated: [],
    },
    TransferSyntaxUID: '1.2.840.10008.1.2.1',
    path: `20240105/${randomUUID()}.dcm`,
    sha256: sha256(given.content ?? SOPInstanceUID),
    bytes: 525_000,
    sourceAETitle: 'MODALITY',
  };
}

/** A run over all series of the study, as the planner makes it. */
export function planOf(study: StudyToPlan, given: Partial<PlannedRun> = {}): PlannedRun {
  const instances = study.series.flatMap((series) =>
    series.instances.map((one) => `${one.SOPInstanceUID} ${one.sha256}`),
  );
  return {
    modelId: 'blob-log-ct',
    modelVersion: '1.0.0',
    modelHash: sha256('model'),
    threshold: 0.5,
    seriesSet: study.series.map(({ SeriesInstanceUID }) => SeriesInstanceUID),
    inputDigest: sha256(instances.toSorted().join('\n')),
    outOfScope: undefined,
    ...given,
  };
}

/** A result with findings of these scores, on the study's first image, and its report. */
export function resultOf(study: StudyToPlan, scores: readonly number[], given: Partial<RunResult> = {}): RunResult {
  const [series] = study.series;
  const [image] = series?.instances ?? [];
  if (series === undefined || image === undefined) throw new Error('the study has no image');
  const { SeriesInstanceUID } = series;
  const { SOPClassUID, SOPInstanceUID } = image;
  return {
    endState: scores.length > 0 ? 'FINDINGS' : 'NO_FINDINGS',
    reason: undefined,
    series: {
      SeriesInstanceUID,
      FrameOfReferenceUID: '1.2.3',
      Modality: 'CT',
      shape: [512, 512, 1],
      spacingMm: [0.7, 0.7, 1],
      images: [{ SOPClassUID, SOPInstanceUID }],
      warnings: [{ code: 'NOT_UNIFORM', params: { attribute: 'KVP' } }],
    },
    findings: scores.map((score, i) => ({
      center: [i, 2.5, -3],
      diameterMm: 5 + i,
      volumeMm3: 100,
      score,
      label: 'nodule',
      laterality: 'left',
      SeriesInstanceUID,
      region: { SOPClassUID, SOPInstanceUID, frame: 1, left: 1, top: 2, right: 3, bottom: 4 },
      index: i + 1,
      TrackingUID: newUid(),
    })),
    provider: 'cpu',
    stageSeconds: { read: 0.1, graph: 2 },
    report: {
      SOPClassUID: '1.2.840.10008.5.1.4.1.1.88.34',
      SOPInstanceUID: newUid(),
      SeriesInstanceUID: newUid(),
      TransferSyntaxUID: '1.2.840.10008.1.2.1',
      dataset: Uint8Array.of(8, 0, 5, 0, 67, 83, 0, 0),
    },
    finishedAt: new Date('2024-01-05T10:20:00.000Z'),
    ...given,
  };
}
