import type { Reader, ReadingContent, ReportLanguage } from './contract/reading.ts';
import type { Finding } from './finding.ts';
import type { ReadingMode } from './reading-state.ts';
import type { Reason } from './reason.ts';
import type { Algorithm, InstanceReference } from './report-source.ts';
import type { AnalysedSeries, EndState } from './run.ts';
import type { StudyAttributes } from './study.ts';

/** An ended run whose findings a reader judged. */
export interface ReadRun {
  readonly runId: string;
  readonly revision: number;
  readonly modelId: string;
  readonly modelVersion: string;
  readonly modelHash: string;
  readonly mode: ReadingMode;
  readonly endState: EndState;
  readonly reason: Reason | null;
  /** The operating point in force when it ran. */
  readonly threshold: number;
  readonly provider: string | null;
  readonly series: AnalysedSeries | null;
  /** The report of the model, which the signed one goes beyond; `null` for a run that has none. */
  readonly report: InstanceReference | null;
  /** Those that the reader was shown, the highest score first. */
  readonly findings: readonly Finding[];
}

export interface ImageNumber {
  readonly InstanceNumber: number | null;
  readonly NumberOfFrames: number | null;
}

/** What stands in the tables when a reading is signed. */
export interface ReadingSource {
  /** Made once per installation; part of every derived UID. */
  readonly installationId: string;
  /** Of the reading once it is signed. */
  readonly revision: number;
  readonly study: StudyAttributes;
  readonly reader: Reader;
  /** UTC. Part of the report. */
  readonly signedAt: Date;
  readonly content: ReadingContent;
  /** Of its summary. */
  readonly language: ReportLanguage;
  readonly runs: readonly ReadRun[];
  /** FrameOfReferenceUID of each series of the study, by SeriesInstanceUID. */
  readonly framesOfReference: ReadonlyMap<string, string>;
  /** Of the images that its lesions lie on, by SOPInstanceUID. */
  readonly imageNumbers: ReadonlyMap<string, ImageNumber>;
  /** The signed report that this one amends. */
  readonly predecessor: InstanceReference | undefined;
}

/** The same with what the model packages say of themselves: everything a signed report is made of. */
export interface SignedSource extends Omit<ReadingSource, 'runs'> {
  readonly runs: readonly (ReadRun & { readonly algorithm: Algorithm })[];
}
