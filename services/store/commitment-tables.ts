import type { ColumnType, Generated, JSONColumnType } from 'kysely';
import type { AnnouncedSeries, AnnouncementSource, StepStatus } from '../domain/announcement.ts';
import type { FailedInstance, ReferencedInstance } from '../domain/commitment.ts';

/** A commitment that was asked for: `AETitle` alone may report. */
export interface DeliveryCommitmentTable {
  TransactionUID: string;
  deliveryId: string;
  AETitle: string;
  SOPInstanceUID: string;
  askedAt: Generated<Date>;
  outcome: 'committed' | 'failed' | null;
}

/** A commitment that a peer asks of us, and how far its report is. */
export interface CommitmentRequestTable {
  id: Generated<number>;
  callingAETitle: string;
  TransactionUID: string;
  references: JSONColumnType<readonly ReferencedInstance[]>;
  failed: ColumnType<readonly FailedInstance[] | null, string | null, string | null>;
  state: Generated<'PENDING' | 'REPORTED' | 'GIVEN_UP'>;
  attempts: Generated<number>;
  nextAttemptAt: Date;
  lastError: string | null;
  createdAt: Generated<Date>;
  reportedAt: Date | null;
}

/** A performed procedure step: what it made, nothing of the patient. */
export interface PerformedStepTable {
  SOPInstanceUID: string;
  AETitle: string;
  status: StepStatus;
  studies: JSONColumnType<readonly string[]>;
  series: JSONColumnType<readonly Omit<AnnouncedSeries, 'StudyInstanceUID'>[]>;
  createdAt: Generated<Date>;
  changedAt: Generated<Date>;
}

/** How many images others say that a series has. */
export interface SeriesAnnouncementTable {
  StudyInstanceUID: string;
  SeriesInstanceUID: string;
  source: AnnouncementSource;
  AETitle: string;
  Modality: string;
  instances: number;
  waitSeconds: number;
  at: Generated<Date>;
}
