import type { Code } from '../../domain/report-source.ts';
import { CONCEPT, VALUE } from './codes.ts';
import { type ContentItem, code, container, textIfAny } from './content-item.ts';
import { type SummarySection, summarySection } from './summary-section.ts';
import {
  type DeviceObserver,
  type PersonObserver,
  type Procedure,
  tid1001ObservationContext,
  tid1204Language,
} from './tid-1001-observation-context.ts';
import { type LesionGroup, tid1501MeasurementGroup } from './tid-1501-measurement-group.ts';
import { type ImageLibraryGroup, tid1600ImageLibrary } from './tid-1600-image-library.ts';
import { type AlgorithmIdentification, tid4019AlgorithmIdentification } from './tid-4019-algorithm-identification.ts';

export interface MeasurementReport {
  readonly observer: DeviceObserver;
  /** Who read and signed it, before the device. */
  readonly person?: PersonObserver;
  readonly procedure: Procedure;
  /** `undefined` for a report that no algorithm contributed to. */
  readonly algorithm: AlgorithmIdentification | undefined;
  readonly imageLibrary: readonly ImageLibraryGroup[];
  readonly lesions: readonly LesionGroup[];
  readonly evaluations: readonly Evaluation[];
  /** Sentences for a reader, in order. */
  readonly comments: readonly string[];
  /** The findings in sentences, as a person signed them. */
  readonly summary?: SummarySection;
}

/** What was looked for and how that ended, with what else is to be known of it. */
export interface Evaluation {
  readonly concept: Code;
  readonly value: Code;
  readonly properties?: readonly ContentItem[];
}

/**
 * TID 1500, rows in the order of the template. Every report of ours has both containers: "Imaging Measurements" names the
 * algorithm and holds a group for each lesion, perhaps none; "Qualitative Evaluations" says how the analysis ended. The
 * template allows TID 4019 in the second too, but there validators take its TEXT for an evaluation.
 */
export function tid1500MeasurementReport(report: MeasurementReport): ContentItem {
  return container(
    undefined,
    CONCEPT.imagingMeasurementReport,
    [
      tid1204Language(),
      ...tid1001ObservationContext(report.observer, report.procedure, report.person),
      code('HAS CONCEPT MOD', CONCEPT.procedureReported, VALUE.imagingProcedure),
      tid1600ImageLibrary(report.imageLibrary),
      imagingMeasurements(report),
      qualitativeEvaluations(report),
      ...(report.summary ? [summarySection(report.summary)] : []),
    ],
    '1500',
  );
}

const imagingMeasurements = ({ algorithm, lesions }: MeasurementReport): ContentItem =>
  container('CONTAINS', CONCEPT.imagingMeasurements, [
    ...(algorithm ? tid4019AlgorithmIdentification(algorithm) : []),
    ...lesions.map(tid1501MeasurementGroup),
  ]);

const qualitativeEvaluations = ({ evaluations, comments }: MeasurementReport): ContentItem =>
  container('CONTAINS', CONCEPT.qualitativeEvaluations, [
    ...evaluations.map(({ concept, value, properties }) => code('CONTAINS', concept, value, properties)),
    ...comments.flatMap((comment) => textIfAny('CONTAINS', CONCEPT.comment, comment)),
  ]);
