import type { Reader, Reading, ReadingContent, ReportLanguage } from './contract/reading.ts';
import type { ErrorCode } from './errors.ts';
import type { ReadingSource } from './reading-source.ts';
import type { EncodedReport } from './report-source.ts';
import type { AnalysisInput } from './run.ts';
import type { SeriesKey } from './study.ts';

/** Why a change was not made. Nothing was written. */
export interface ReadingRefusal {
  readonly code: ErrorCode;
  /** In words; names findings and models, never a patient. */
  readonly detail: string;
  /** What is there now, where the change was made on something else. */
  readonly current?: Reading;
  /** The findings that still want a verdict. */
  readonly findings?: readonly string[];
}

export type ReadingOutcome = { readonly reading: Reading } | { readonly refused: ReadingRefusal };

/** A change of a reading, made on `revision`: of several made on one revision exactly one is made. */
export interface ReadingChange {
  readonly StudyInstanceUID: string;
  readonly revision: number;
  readonly reader: Reader;
}

export interface SignatureChange extends ReadingChange {
  readonly rejectRest: boolean;
  readonly language: ReportLanguage;
  readonly signedAt: Date;
  readonly destinations: readonly string[];
  /** Called inside the transaction, once everything else is checked. */
  write(source: ReadingSource): EncodedReport;
}

export interface ReadingStore {
  /** `undefined` for a study that is not here. */
  reading(StudyInstanceUID: string): Promise<Reading | undefined>;
  saveDraft(change: ReadingChange, content: ReadingContent): Promise<ReadingOutcome>;
  /** "My read is done": from here on the marks of second readings are sent. */
  reveal(change: ReadingChange): Promise<ReadingOutcome>;
  /** Draft to report: its bytes, one delivery per destination, account and event, in one transaction. */
  sign(change: SignatureChange): Promise<ReadingOutcome>;
  /** Signed to draft; the report stays what it is. */
  amend(change: ReadingChange): Promise<ReadingOutcome>;
  /** The images of a series as a child process reads them; none for a series that is not here. */
  imagesOf(key: SeriesKey): Promise<readonly AnalysisInput[]>;
}
