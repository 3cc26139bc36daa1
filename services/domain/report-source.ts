import type { Finding } from './finding.ts';
import type { Reason } from './reason.ts';
import type { AnalysedSeries, EndState } from './run.ts';
import type { StudyAttributes } from './study.ts';

/** A reference to an image or other object of the study. */
export interface InstanceReference {
  readonly SeriesInstanceUID: string;
  readonly SOPClassUID: string;
  readonly SOPInstanceUID: string;
}

/** Who found it: what TID 4019 and the device observer of the report say. */
export interface Algorithm {
  readonly name: string;
  readonly version: string;
  /** SHA-256 over the model package, 64 hex digits. */
  readonly modelHash: string;
  /** Operating point and what really ran, for example `threshold=0.35`, `provider=cpu`. */
  readonly parameters: readonly string[];
  readonly manufacturer: string;
  /** Shown with every result until a validated model is loaded. */
  readonly banner: string;
  /** Coded finding and site of each class name, from the manifest. */
  readonly classes: readonly {
    readonly name: string;
    readonly code: Code;
    readonly site: Code | undefined;
  }[];
}

/** A coded concept (PS3.3 §8): CodeValue, CodingSchemeDesignator, CodeMeaning. */
export interface Code {
  readonly value: string;
  readonly scheme: string;
  readonly meaning: string;
}

/** Everything a report is made of; the same source gives the same bytes. */
export interface ReportSource {
  /** Made once per installation; part of every derived UID. */
  readonly installationId: string;
  readonly runId: string;
  /** 1 for a new run; rises when an operator orders the same run again. */
  readonly revision: number;
  readonly endState: Exclude<EndState, 'FAILED'>;
  readonly study: StudyAttributes;
  readonly algorithm: Algorithm;
  /** The series that was read; `undefined` for a study that could not be analysed. */
  readonly series: AnalysedSeries | undefined;
  /** Images the report speaks of when there is no analysed series (not analysable). */
  readonly considered: readonly InstanceReference[];
  readonly findings: readonly Finding[];
  readonly reason: Reason | undefined;
  /** When the analysis ended; UTC. Part of the report, so a retry must give the same. */
  readonly analysedAt: Date;
  /** The report this one replaces, when newer images made it stale. */
  readonly predecessor: InstanceReference | undefined;
}

/** A DICOM object of ours, ready to be sent: the data set without file meta information. */
export interface EncodedReport {
  readonly SOPClassUID: string;
  readonly SOPInstanceUID: string;
  readonly SeriesInstanceUID: string;
  /** Always Explicit VR Little Endian, 1.2.840.10008.1.2.1. */
  readonly TransferSyntaxUID: string;
  readonly dataset: Uint8Array;
}
