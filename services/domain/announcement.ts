/** Who says how many images a series has: a query of ours, a commitment request, a performed step, a notification. */
export type AnnouncementSource = 'query' | 'commitment' | 'mpps' | 'availability';

/** A series as another system announces it. Modality is empty where it is not said. */
export interface AnnouncedSeries {
  readonly StudyInstanceUID: string;
  readonly SeriesInstanceUID: string;
  readonly Modality: string;
  readonly instances: number;
}

export interface Announcement {
  readonly source: AnnouncementSource;
  readonly AETitle: string;
  readonly series: readonly AnnouncedSeries[];
}

/** Modality Performed Procedure Step, as far as it is kept: nothing of the patient (PS3.4 Annex F). */
export interface PerformedStep {
  readonly SOPInstanceUID: string;
  readonly AETitle: string;
  readonly status: StepStatus | undefined;
  /** Said by N-CREATE only. */
  readonly studies: readonly string[];
  /** `undefined`: not said, what was said before holds. */
  readonly series: readonly Omit<AnnouncedSeries, 'StudyInstanceUID'>[] | undefined;
}

export type StepStatus = 'IN PROGRESS' | 'COMPLETED' | 'DISCONTINUED';

/** What became of a change of a step; each but `done` is a status of its own. */
export type StepOutcome = 'done' | 'exists' | 'unknown' | 'closed' | 'too many';
