import { type PlainDataset, writeDataset } from '../dicom/dataset/write-dataset.ts';
import { CONCEPT, PRIVATE_SCHEME, VALUE } from '../dicom/sr/codes.ts';
import { type Evaluation, tid1500MeasurementReport } from '../dicom/sr/tid-1500-measurement-report.ts';
import type { LesionGroup } from '../dicom/sr/tid-1501-measurement-group.ts';
import type { AlgorithmIdentification } from '../dicom/sr/tid-4019-algorithm-identification.ts';
import type { Finding } from '../domain/finding.ts';
import type { EncodedReport, ReportSource } from '../domain/report-source.ts';
import { consideredImages, readSeriesOf } from './image-library.ts';
import { imageSizeOf, lesionGroup } from './lesion-group.ts';
import {
  COMPREHENSIVE_3D_SR,
  deviceObserver,
  documentModule,
  patientModule,
  reportIdentity,
  seriesModule,
  studyModule,
} from './report-header.ts';
import { findingComment, reasonMeaning, reportComments } from './report-wording.ts';

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
    observer: deviceObserver(installationId, algorithm.manufacturer),
    procedure: study,
    algorithm: algorithmIdentification(source),
    imageLibrary: source.series ? readSeriesOf(source.series) : consideredImages(source.considered),
    lesions: source.findings.map((finding) => foundLesion(finding, source)),
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

function foundLesion(finding: Finding, { algorithm, series }: ReportSource): LesionGroup {
  const { TrackingUID, index, score, SeriesInstanceUID, region } = finding;
  const isOnSeries = series?.SeriesInstanceUID === SeriesInstanceUID;
  return lesionGroup({
    trackingIdentifier: `Finding ${index}`,
    ...{ TrackingUID, lesion: finding, score, comment: findingComment(finding) },
    classes: algorithm.classes,
    FrameOfReferenceUID: isOnSeries ? series.FrameOfReferenceUID : undefined,
    imageSize: series && imageSizeOf(series, { SeriesInstanceUID, region }),
  });
}

const algorithmIdentification = ({ algorithm }: ReportSource): AlgorithmIdentification => ({
  name: algorithm.name,
  version: algorithm.version,
  parameters: [...algorithm.parameters, `model=sha256:${algorithm.modelHash}`],
});

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
