import type { Finding } from '../../services/domain/finding.ts';
import type { Algorithm, ReportSource } from '../../services/domain/report-source.ts';
import type { AnalysedSeries } from '../../services/domain/run.ts';
import type { StudyAttributes } from '../../services/domain/study.ts';
import { trackingUid } from '../../services/report/derive-uid.ts';

/** Report sources of each shape a run can end in, for the tests of what is made of them. */
const CT_IMAGE = '1.2.840.10008.5.1.4.1.1.2';
export const ENHANCED_CT = '1.2.840.10008.5.1.4.1.1.2.1';
const COMPREHENSIVE_3D_SR = '1.2.840.10008.5.1.4.1.1.88.34';
const ENCAPSULATED_PDF = '1.2.840.10008.5.1.4.1.1.104.1';
const SERIES = '1.2.826.0.1.3680043.8.498.10.2';

export const INSTALLATION = '7a1fe0c3-41d2-4e7e-9f55-3f3c0a4c1b11';
export const RUN = 'run-0001';

export const study: StudyAttributes = {
  StudyInstanceUID: '1.2.826.0.1.3680043.8.498.10',
  PatientName: 'Phantom^Chest',
  PatientID: 'PHANTOM-1',
  IssuerOfPatientID: 'OVERREAD',
  PatientBirthDate: '19600229',
  PatientSex: 'F',
  PatientAge: '065Y',
  StudyDate: '20260101',
  StudyTime: '101112.5',
  StudyID: 'S1',
  AccessionNumber: 'A-2026-0001',
  ReferringPhysicianName: 'Example^Referrer',
  StudyDescription: 'CT chest',
};

export const algorithm: Algorithm = {
  name: 'blob-log-ct',
  version: '1.0.0',
  modelHash: 'c0ffee'.padEnd(64, '0'),
  parameters: ['threshold=0.35', 'provider=cpu'],
  manufacturer: 'Overread',
  banner: 'RESEARCH USE ONLY - not a medical device',
  classes: [
    {
      name: 'nodule',
      code: { scheme: 'SCT', value: '427359005', meaning: 'Solitary nodule of lung' },
      site: { scheme: 'SCT', value: '39607008', meaning: 'Lung' },
    },
  ],
};

export const imageUid = (slice: number): string => `${SERIES}.${slice}`;

export const series: AnalysedSeries = {
  SeriesInstanceUID: SERIES,
  FrameOfReferenceUID: '1.2.826.0.1.3680043.8.498.10.9',
  Modality: 'CT',
  shape: [512, 400, 20],
  spacingMm: [0.703125, 0.703125, 2.5],
  images: Array.from({ length: 20 }, (_, slice) => ({ SOPClassUID: CT_IMAGE, SOPInstanceUID: imageUid(slice + 1) })),
  warnings: [],
};

export function finding(index: number, changes: Partial<Finding> = {}): Finding {
  const diameterMm = 4 + index / 3;
  return {
    index,
    TrackingUID: trackingUid(INSTALLATION, RUN, index),
    center: [-40.5 + index, -12.25, -200],
    diameterMm,
    volumeMm3: (Math.PI / 6) * diameterMm ** 3,
    score: 1 - index / 50,
    label: 'nodule',
    laterality: index % 3 === 0 ? null : index % 2 === 0 ? 'left' : 'right',
    SeriesInstanceUID: SERIES,
    region: {
      SOPClassUID: CT_IMAGE,
      SOPInstanceUID: imageUid(1 + (index % 20)),
      frame: 1,
      left: 190.5,
      top: 230.25,
      right: 210.5,
      bottom: 250.25,
    },
    ...changes,
  };
}

export function findings(count: number): ReportSource {
  return {
    installationId: INSTALLATION,
    runId: RUN,
    revision: 1,
    endState: 'FINDINGS',
    study,
    algorithm,
    series,
    considered: [],
    findings: Array.from({ length: count }, (_, i) => finding(i + 1)),
    reason: undefined,
    analysedAt: new Date('2026-01-02T23:59:58.250Z'),
    predecessor: undefined,
  };
}

/** What a segmentation says of the first finding; its Lesion has the same size. */
export const measurement = {
  longAxisMm: 5.12,
  shortAxisMm: 3.54,
  meanDiameterMm: 4.33,
  volumeMm3: 48.2,
  longAxis: [
    [-41, -12, -200],
    [-38, -12.5, -200],
  ],
  shortAxis: [
    [-39.5, -14, -200],
    [-39, -10.5, -200],
  ],
  meanHu: -212,
  density: 'partSolid',
  solidMm: 2.4,
  pleuraMm: 7.5,
} satisfies Finding['measurement'];

export const measured = (): ReportSource => ({
  ...findings(2),
  findings: [finding(1, { measurement, diameterMm: 4.33, volumeMm3: 48.2 }), finding(2)],
});

export const noFindings = (): ReportSource => ({ ...findings(0), endState: 'NO_FINDINGS' });

/** No series was chosen: what the study holds is an image series and a document. */
export const notAnalysable = (): ReportSource => ({
  ...findings(0),
  endState: 'NOT_ANALYSABLE',
  series: undefined,
  considered: [
    { SeriesInstanceUID: SERIES, SOPClassUID: CT_IMAGE, SOPInstanceUID: imageUid(1) },
    { SeriesInstanceUID: SERIES, SOPClassUID: CT_IMAGE, SOPInstanceUID: imageUid(2) },
    { SeriesInstanceUID: `${SERIES}9`, SOPClassUID: ENCAPSULATED_PDF, SOPInstanceUID: `${SERIES}9.1` },
  ],
  reason: { code: 'TOO_FEW_SLICES', params: { count: 2, minimum: 40 } },
});

export const superseding = (): ReportSource => ({
  ...findings(2),
  series: { ...series, warnings: [{ code: 'GANTRY_TILT', params: { shearMm: 1.5, tiltDeg: 4 } }] },
  predecessor: {
    SeriesInstanceUID: '2.25.7001',
    SOPClassUID: COMPREHENSIVE_3D_SR,
    SOPInstanceUID: '2.25.7002',
  },
});

/** Read from the first of two phases of one object: frames 1, 3, 5 … of 40. */
export const onFrames = (): ReportSource => {
  const object = { SOPClassUID: ENHANCED_CT, SOPInstanceUID: imageUid(1) };
  const images = Array.from({ length: 20 }, (_, slice) => ({ ...object, frame: 2 * slice + 1, NumberOfFrames: 40 }));
  const { region } = finding(1);
  return {
    ...findings(2),
    series: { ...series, images },
    findings: [5, 31].map((frame, i) => finding(i + 1, { region: { ...region, ...object, frame } })),
  };
};

const DIGITAL_X_RAY = '1.2.840.10008.5.1.4.1.1.1.1';

/** Two radiographs of different size in two series; one finding on each, the second from a map of activations. */
export const onSingleImages = (): ReportSource => {
  const [chest, knee] = [imageUid(1), imageUid(2)].map((SOPInstanceUID) => ({
    SOPClassUID: DIGITAL_X_RAY,
    SOPInstanceUID,
  })) as [{ SOPClassUID: string; SOPInstanceUID: string }, { SOPClassUID: string; SOPInstanceUID: string }];
  const bare = { center: null, diameterMm: null, volumeMm3: null, laterality: null };
  const { region } = finding(1);
  return {
    ...findings(0),
    series: {
      ...{ SeriesInstanceUID: SERIES, Modality: 'DX', FrameOfReferenceUID: '', spacingMm: null },
      shape: [2048, 2500, 1],
      images: [{ ...chest, size: [2048, 2500] }],
      others: [{ SeriesInstanceUID: `${SERIES}8`, Modality: 'DX', images: [{ ...knee, size: [1000, 800] }] }],
      warnings: [],
    },
    findings: [
      finding(1, { ...bare, region: { ...region, ...chest, right: 2048.5 } }),
      finding(2, {
        ...bare,
        SeriesInstanceUID: `${SERIES}8`,
        region: { ...region, ...knee, right: 1000.5 },
        isApproximate: true,
      }),
    ],
  };
};

export const chineseName = (): ReportSource => ({
  ...findings(1),
  study: { ...study, PatientName: 'Zhang^Xiaodong=张^小东=ㄓㄤ^ㄒㄧㄠㄉㄨㄥ', StudyDescription: '胸部CT平扫' },
});

/**
 * Every value of the data as bad as a receiver that takes everything can hand it on. What is cut is ASCII here: dciodvfy
 * holds the limits, which count characters, against bytes.
 */
export const hostile = (): ReportSource => ({
  ...findings(1),
  installationId: 'i'.repeat(200),
  series: { ...series, FrameOfReferenceUID: '1.02.840.x' },
  study: {
    ...study,
    PatientName: `${'w'.repeat(40)}^a^b^c^d^e^f=\u0000\u001b$B\\=x=y=z`,
    PatientID: `ID\\${'9'.repeat(300)}\r\n`,
    IssuerOfPatientID: '\u202egro.live',
    PatientBirthDate: '20250231',
    PatientSex: 'male',
    PatientAge: 'old',
    StudyDate: 'yesterday',
    StudyTime: '99:99',
    StudyID: 'x'.repeat(17),
    AccessionNumber: `ACC\t${'0'.repeat(40)}`,
    ReferringPhysicianName: `\ud800${'^'.repeat(50)}${'='.repeat(50)}`,
    StudyDescription: `<script>${'e'.repeat(100)}`,
  },
  algorithm: {
    ...algorithm,
    name: 'n'.repeat(100),
    version: 'v'.repeat(100),
    manufacturer: 'm'.repeat(100),
    banner: `Not a device\u0007${'b'.repeat(5000)}`,
    parameters: ['', ' ', 'p\u0000'.repeat(300)],
    classes: [
      {
        name: 'nodule',
        code: { scheme: '99'.repeat(20), value: 'long-code-value-of-a-private-scheme', meaning: 'meaning '.repeat(20) },
        site: { scheme: 'SCT', value: '39607008', meaning: 'Lung' },
      },
    ],
  },
});

export const SHAPES: Readonly<Record<string, () => ReportSource>> = {
  'one finding': () => findings(1),
  'a finding that was measured': measured,
  '25 findings': () => findings(25),
  'no findings': noFindings,
  'not analysable, no series': notAnalysable,
  'superseding, with a warning': superseding,
  'on frames of an Enhanced CT': onFrames,
  'on single images of two series': onSingleImages,
  'a name in three groups': chineseName,
  'hostile attributes': hostile,
};
