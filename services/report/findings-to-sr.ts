import { type PlainDataset, writeDataset } from '../dicom/dataset/write-dataset.ts';
import { CONCEPT, imageModality, isMultiFrame, PRIVATE_SCHEME, VALUE } from '../dicom/sr/codes.ts';
import type { ImageReference } from '../dicom/sr/content-item.ts';
import { tid1500MeasurementReport } from '../dicom/sr/tid-1500-measurement-report.ts';
import type { LesionGroup, Sphere } from '../dicom/sr/tid-1501-measurement-group.ts';
import type { ImageLibraryGroup } from '../dicom/sr/tid-1600-image-library.ts';
import type { AlgorithmIdentification } from '../dicom/sr/tid-4019-algorithm-identification.ts';
import type { Finding } from '../domain/finding.ts';
import type { Code, EncodedReport, ReportSource } from '../domain/report-source.ts';
import type { AnalysedSeries } from '../domain/run.ts';
import { Uid } from '../domain/uid.ts';
import { bySeries } from './evidence.ts';
import {
  COMPREHENSIVE_3D_SR,
  DEVICE_NAME,
  deviceUid,
  documentModule,
  patientModule,
  reportIdentity,
  seriesModule,
  studyModule,
} from './report-header.ts';
import { ANSWERED_SIZE, findingComment, reasonMeaning, reportComments, SCORE_MEANING } from './report-wording.ts';

const EXPLICIT_VR_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';

/** The result of a run as a Comprehensive 3D SR, TID 1500 (PS3.3 §A.35.13). The same source gives the same bytes. */
export function encodeReport(source: ReportSource): EncodedReport {
  assertConsistent(source);
  return {
    SOPClassUID: COMPREHENSIVE_3D_SR,
    ...reportIdentity(source),
    TransferSyntaxUID: EXPLICIT_VR_LITTLE_ENDIAN,
    dataset: writeDataset(reportDataset(source)),
  };
}

/** A report that says one thing in its words and another in its groups must not leave; it is a bug of the caller. */
function assertConsistent({ endState, findings, series, reason }: ReportSource): void {
  if ((endState === 'FINDINGS') !== findings.length > 0)
    throw new Error(`${endState} with ${findings.length} findings`);
  if ((endState === 'NOT_ANALYSABLE') !== (reason !== undefined)) throw new Error(`${endState} with the wrong reason`);
  if (endState !== 'NOT_ANALYSABLE' && !series) throw new Error(`${endState} without the series that was read`);
}

/** The report by keyword, before it becomes bytes. */
export function reportDataset(source: ReportSource): PlainDataset {
  const { study, algorithm, installationId } = source;
  const content = tid1500MeasurementReport({
    observer: {
      uid: deviceUid(installationId),
      name: DEVICE_NAME,
      manufacturer: algorithm.manufacturer,
      modelName: DEVICE_NAME,
      serialNumber: installationId,
    },
    procedure: study,
    algorithm: algorithmIdentification(source),
    imageLibrary: imageLibrary(source),
    lesions: source.findings.map((finding) => lesionGroup(finding, source)),
    evaluations: evaluations(source),
    comments: reportComments(source),
  });
  return {
    ...seriesModule(source),
    ...patientModule(source),
    ...studyModule(source),
    ...documentModule(source),
    ...(usesPrivateCodes(source) && { CodingSchemeIdentificationSequence: [privateScheme()] }),
    ...content,
  };
}

const algorithmIdentification = ({ algorithm }: ReportSource): AlgorithmIdentification => ({
  name: algorithm.name,
  version: algorithm.version,
  parameters: [...algorithm.parameters, `model=sha256:${algorithm.modelHash}`],
});

/** The series that was read with its grid, or each considered series of images with what its SOP Class tells. */
function imageLibrary({ series, considered }: ReportSource): ImageLibraryGroup[] {
  if (!series) {
    return [...bySeries(considered).values()].flatMap((instances) =>
      [...Map.groupBy(instances, ({ SOPClassUID }) => imageModality(SOPClassUID))].map(([modality = '', images]) => ({
        modality,
        images,
      })),
    );
  }
  const { Modality: modality, shape, spacingMm } = series;
  const images = readImages(series);
  return [{ modality, FrameOfReferenceUID: frameOfReference(series), grid: { shape, spacingMm }, images }];
}

/** More do not fit into a value of IS in explicit VR, which is 64 KB at most. */
const MAX_FRAMES_NAMED = 8000;

/** Each object once: all of it, or the frames of it that were read (PS3.3 Table 10-3). */
function readImages({ images }: AnalysedSeries): readonly ImageReference[] {
  return [...Map.groupBy(images, ({ SOPInstanceUID }) => SOPInstanceUID)].map(([SOPInstanceUID, members]) => {
    const SOPClassUID = members[0]?.SOPClassUID ?? '';
    const frames = members.flatMap(({ frame }) => frame ?? []).sort((a, b) => a - b);
    const isWhole = frames.length === (members[0]?.NumberOfFrames ?? 0) || frames.length > MAX_FRAMES_NAMED;
    return { SOPClassUID, SOPInstanceUID, ...(isWhole ? {} : { frames }) };
  });
}

function lesionGroup(finding: Finding, { algorithm, series }: ReportSource): LesionGroup {
  const { region } = finding;
  const lesionClass = algorithm.classes.find(({ name }) => name === finding.label);
  return {
    trackingIdentifier: `Finding ${finding.index}`,
    TrackingUID: finding.TrackingUID,
    finding: lesionClass?.code ?? VALUE.lesion,
    site: lesionClass?.site,
    laterality: finding.laterality,
    longAxisMm: finding.measurement?.longAxisMm ?? finding.diameterMm,
    longAxisMeaning: finding.measurement ? '' : ANSWERED_SIZE,
    volumeMm3: finding.volumeMm3,
    measured: measuredLesion(finding, series),
    score: finding.score,
    scoreMeaning: SCORE_MEANING,
    comment: findingComment(finding),
    box: boxOnImage(finding, series),
    on: {
      SOPClassUID: region.SOPClassUID,
      SOPInstanceUID: region.SOPInstanceUID,
      ...(isMultiFrame(region.SOPClassUID) || region.frame > 1 ? { frames: [region.frame] } : {}),
    },
    sphere: sphereOf(finding, series),
  };
}

function measuredLesion({ measurement }: Finding, series: ReportSource['series']): LesionGroup['measured'] {
  if (!measurement) return undefined;
  const FrameOfReferenceUID = series && frameOfReference(series);
  const shortAxis = FrameOfReferenceUID ? { ends: measurement.shortAxis.flat(), FrameOfReferenceUID } : undefined;
  return { ...measurement, shortAxis };
}

/** SCOORD coordinates lie on the image (PS3.3 §C.18.6.1.1): a lesion at its edge is cut off there. */
function boxOnImage({ region, SeriesInstanceUID }: Finding, series: ReportSource['series']): LesionGroup['box'] {
  const known = series?.SeriesInstanceUID === SeriesInstanceUID ? series.shape : undefined;
  const [columns, rows] = known ?? [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const within = (value: number, end: number) => Math.min(Math.max(value, 0), end);
  return {
    left: within(region.left, columns),
    top: within(region.top, rows),
    right: within(region.right, columns),
    bottom: within(region.bottom, rows),
  };
}

/** The one UID of the images that nobody checked on its way in; a report can do without. */
function frameOfReference({ FrameOfReferenceUID }: AnalysedSeries): string | undefined {
  return Uid.safeParse(FrameOfReferenceUID).success ? FrameOfReferenceUID : undefined;
}

function sphereOf(finding: Finding, series: ReportSource['series']): Sphere | undefined {
  const FrameOfReferenceUID = series && frameOfReference(series);
  if (!FrameOfReferenceUID || series.SeriesInstanceUID !== finding.SeriesInstanceUID) return undefined;
  const { center, diameterMm } = finding;
  return { center, diameterMm, FrameOfReferenceUID };
}

interface Evaluation {
  readonly concept: Code;
  readonly value: Code;
}

/** How the analysis ended, in codes: with findings, without, or never attempted; no two states share all of them. */
function evaluations(source: ReportSource): Evaluation[] {
  if (source.endState === 'NOT_ANALYSABLE') {
    return [{ concept: CONCEPT.summaryOfDetections, value: VALUE.notAttempted }, ...reasonCode(source)];
  }
  const summary = source.endState === 'FINDINGS' ? VALUE.withFindings : VALUE.withoutFindings;
  return [
    { concept: CONCEPT.summaryOfDetections, value: VALUE.succeeded },
    { concept: CONCEPT.processingSummary, value: summary },
    ...classesFound(source),
  ];
}

/** Present or absent for each concept that was looked for; classes that share a code share the answer. */
function classesFound({ algorithm, findings }: ReportSource): Evaluation[] {
  const found = new Set(findings.map(({ label }) => label));
  const concepts = Map.groupBy(algorithm.classes, ({ code }) => `${code.scheme}:${code.value}`);
  return [...concepts.values()].flatMap(([first, ...rest]) => {
    if (!first) return [];
    const present = [first, ...rest].some(({ name }) => found.has(name));
    return [{ concept: first.code, value: present ? VALUE.present : VALUE.absent }];
  });
}

function reasonCode({ reason }: ReportSource): Evaluation[] {
  if (!reason) return [];
  const value = { value: reason.code, scheme: PRIVATE_SCHEME, meaning: reasonMeaning(reason) };
  return [{ concept: CONCEPT.reasonNotAnalysed, value }];
}

const usesPrivateCodes = ({ reason, findings }: ReportSource): boolean =>
  reason !== undefined || findings.some(({ measurement }) => (measurement?.density ?? null) !== null);

/** PS3.3 §C.12.1.1.1: a private scheme is explained in every object that uses it. */
const privateScheme = (): PlainDataset => ({
  CodingSchemeDesignator: PRIVATE_SCHEME,
  CodingSchemeName: 'Reasons why a study was not analysed, density of lesions',
  CodingSchemeResponsibleOrganization: 'Overread',
});
