import { type PlainDataset, writeDataset } from '../dicom/dataset/write-dataset.ts';
import { CONCEPT, PRIVATE_SCHEME, REJECT_REASON, VALUE } from '../dicom/sr/codes.ts';
import { type ContentItem, code, uidref } from '../dicom/sr/content-item.ts';
import { type Evaluation, tid1500MeasurementReport } from '../dicom/sr/tid-1500-measurement-report.ts';
import type { AlgorithmIdentification } from '../dicom/sr/tid-4019-algorithm-identification.ts';
import type { ReadLesion, Verdict } from '../domain/contract/reading.ts';
import type { SignedSource } from '../domain/reading-source.ts';
import type { EncodedReport, InstanceReference } from '../domain/report-source.ts';
import { displayThreshold } from '../domain/review.ts';
import { summaryLines } from '../domain/summary/reading-summary.ts';
import { summaryFindings } from '../domain/summary/summary-findings.ts';
import { instancesRead } from './evidence.ts';
import { readSeriesOf } from './image-library.ts';
import { imageSizeOf, lesionGroup, type ReportedLesion } from './lesion-group.ts';
import { manufacturerOf, readingDocumentModule, readingIdentity, readingSeriesModule } from './reading-header.ts';
import { lesionComment, type ReadingCounts, readingComments } from './reading-wording.ts';
import { COMPREHENSIVE_3D_SR, deviceObserver, patientModule, studyModule } from './report-header.ts';
import { findingComment } from './report-wording.ts';

const EXPLICIT_VR_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';

/**
 * A signed reading as a verified Comprehensive 3D SR, TID 1500 (PS3.3 §A.35.13): a measurement group for each lesion that
 * the reader accepted, changed or added, and every verdict in codes. The same source gives the same bytes.
 */
export function encodeReading(source: SignedSource): EncodedReport {
  return {
    SOPClassUID: COMPREHENSIVE_3D_SR,
    ...readingIdentity(source),
    TransferSyntaxUID: EXPLICIT_VR_LITTLE_ENDIAN,
    dataset: writeDataset(readingDataset(source)),
  };
}

function readingDataset(source: SignedSource): PlainDataset {
  const { installationId, reader, study, runs } = source;
  const lesions = reportedLesions(source);
  const content = tid1500MeasurementReport({
    person: reader,
    observer: deviceObserver(installationId, manufacturerOf(source)),
    procedure: study,
    algorithm: algorithms(source),
    imageLibrary: seriesRead(source).flatMap(readSeriesOf),
    lesions: lesions.map(lesionGroup),
    evaluations: [...presence(source, lesions), ...source.content.verdicts.flatMap(evaluation)],
    comments: readingComments(source, counts(source)),
    summary: summary(source),
  });
  return {
    ...readingSeriesModule(source, lesions.length),
    ...patientModule(source),
    ...studyModule(source),
    ...readingDocumentModule(source, evidence(source, lesions)),
    ...(runs.length + lesions.length > 0 && { CodingSchemeIdentificationSequence: [privateScheme()] }),
    ...content,
  };
}

/** The same text as on the clipboard of the reader, in the language of the screen it was signed on. */
function summary(source: SignedSource) {
  const { language, content, runs, study, imageNumbers } = source;
  const imageOf = ({ region: { SOPInstanceUID, frame } }: ReadLesion): number | undefined => {
    const numbers = imageNumbers.get(SOPInstanceUID);
    return (numbers?.NumberOfFrames ?? 1) > 1 ? frame : (numbers?.InstanceNumber ?? undefined);
  };
  const findings = summaryFindings({ content, runs, language, imageOf, StudyDate: study.StudyDate });
  return { language, lines: summaryLines(findings, language) };
}

/** In the order of the models and their marks, the added ones last. */
function reportedLesions(source: SignedSource): readonly ReportedLesion[] {
  const { content, runs } = source;
  const verdicts = new Map(content.verdicts.map((verdict) => [verdict.TrackingUID, verdict]));
  const judged = runs.flatMap(({ findings, algorithm: { classes } }) =>
    findings.flatMap((finding): ReportedLesion[] => {
      const { index, TrackingUID, score } = finding;
      const said = verdicts.get(TrackingUID);
      const named = { trackingIdentifier: `Finding ${index}`, TrackingUID, classes };
      if (said?.verdict === 'accepted')
        return [{ ...named, lesion: finding, score, comment: findingComment(finding), ...placeOf(source, finding) }];
      if (said?.verdict !== 'edited') return [];
      const { lesion } = said;
      const comment = lesionComment(lesion, 'changed');
      return [{ ...named, lesion, score: undefined, comment, ...placeOf(source, lesion) }];
    }),
  );
  const classes = runs.flatMap((run) => run.algorithm.classes);
  const added = content.added.map(({ TrackingUID, lesion }, n): ReportedLesion => {
    const named = { trackingIdentifier: `Added finding ${n + 1}`, TrackingUID, classes };
    return { ...named, lesion, score: undefined, comment: lesionComment(lesion, 'added'), ...placeOf(source, lesion) };
  });
  return [...judged, ...added];
}

function placeOf({ framesOfReference, runs }: SignedSource, lesion: Pick<ReadLesion, 'SeriesInstanceUID' | 'region'>) {
  const sizes = runs.map(({ series }) => series && imageSizeOf(series, lesion));
  const imageSize = sizes.find((size) => size !== null && size !== undefined) ?? undefined;
  return { FrameOfReferenceUID: framesOfReference.get(lesion.SeriesInstanceUID), imageSize };
}

/** Each series that a model read, once. */
const seriesRead = ({ runs }: SignedSource) => [
  ...new Map(runs.flatMap(({ series }) => (series ? [[series.SeriesInstanceUID, series] as const] : []))).values(),
];

/** TID 4019 names one algorithm: several share its lines, their parameters under the name of each. */
function algorithms(source: SignedSource): AlgorithmIdentification | undefined {
  const runs = source.runs.filter(({ mode, series }) => mode !== 'triage' && series !== null);
  if (runs.length === 0) return undefined;
  const parameters = runs.flatMap((run) => {
    const prefix = runs.length === 1 ? '' : `${run.algorithm.name}: `;
    const said = [
      `threshold=${run.threshold}`,
      `displayThreshold=${displayThreshold(source.content, run)}`,
      ...(run.provider === null ? [] : [`provider=${run.provider}`]),
      `model=sha256:${run.modelHash}`,
    ];
    return said.map((parameter) => prefix + parameter);
  });
  const joined = (words: readonly string[]) => [...new Set(words)].join('; ');
  return {
    name: joined(runs.map(({ algorithm }) => algorithm.name)),
    version: joined(runs.map(({ modelVersion }) => modelVersion)),
    parameters,
  };
}

/** Present or absent, as the reader has it, for each concept that a model looked for. */
function presence({ runs }: SignedSource, lesions: readonly ReportedLesion[]): readonly Evaluation[] {
  const found = new Set(lesions.map(({ lesion }) => lesion.label));
  const classes = runs.flatMap(({ algorithm }) => algorithm.classes);
  const concepts = Map.groupBy(classes, ({ code: concept }) => `${concept.scheme}:${concept.value}`);
  return [...concepts.values()].flatMap((same) => {
    const [first] = same;
    const isPresent = same.some(({ name }) => found.has(name));
    return first ? [{ concept: first.code, value: isPresent ? VALUE.present : VALUE.absent }] : [];
  });
}

/** What the reader said of a mark: which one it is and, where it was rejected, why, are properties of the verdict. */
function evaluation(said: Verdict): readonly Evaluation[] {
  if (said.verdict === 'deferred') return [];
  const properties: ContentItem[] = [
    uidref('HAS PROPERTIES', CONCEPT.trackingUniqueIdentifier, said.TrackingUID),
    ...reasonOf(said),
  ];
  const value = { accepted: VALUE.accepted, edited: VALUE.modified, rejected: VALUE.rejected }[said.verdict];
  return [{ concept: CONCEPT.verdict, value, properties }];
}

function reasonOf(said: Verdict): ContentItem[] {
  if (said.verdict !== 'rejected') return [];
  const reason = said.bulk ? 'rest' : said.reason;
  return reason === null ? [] : [code('HAS PROPERTIES', CONCEPT.rejectReason, REJECT_REASON[reason])];
}

/** Every image that a model read, and those that the lesions lie on. */
function evidence(source: SignedSource, lesions: readonly ReportedLesion[]): readonly InstanceReference[] {
  const read = seriesRead(source).flatMap(instancesRead);
  const located = lesions.map(({ lesion: { SeriesInstanceUID, region } }) => ({
    SeriesInstanceUID,
    SOPClassUID: region.SOPClassUID,
    SOPInstanceUID: region.SOPInstanceUID,
  }));
  return [...new Map([...read, ...located].map((instance) => [instance.SOPInstanceUID, instance])).values()];
}

function counts({ content: { verdicts, added } }: SignedSource): ReadingCounts {
  const of = (word: Verdict['verdict']) => verdicts.filter(({ verdict }) => verdict === word).length;
  const unjudged = verdicts.filter((said) => said.verdict === 'rejected' && said.bulk).length;
  return { accepted: of('accepted'), edited: of('edited'), added: added.length, rejected: of('rejected'), unjudged };
}

/** PS3.3 §C.12.1.1.1: a private scheme is explained in every object that uses it. */
const privateScheme = (): PlainDataset => ({
  CodingSchemeDesignator: PRIVATE_SCHEME,
  CodingSchemeName: 'Verdicts of readers and their reasons, density of lesions',
  CodingSchemeResponsibleOrganization: 'Overread',
});
