import type { Announcement, PerformedStep, StepOutcome, StepStatus } from '../../domain/announcement.ts';
import { Uid } from '../../domain/uid.ts';
import type { Dataset } from '../dataset/dataset.ts';
import { TAG } from '../dataset/tags.ts';
import type { CommandSet } from '../dimse/command.ts';
import {
  DUPLICATE_SOP_INSTANCE,
  INVALID_ATTRIBUTE_VALUE,
  MISSING_ATTRIBUTE,
  NO_SUCH_OBJECT,
  type Outcome,
  PROCESSING_FAILURE,
  RESOURCE_LIMITATION,
  SUCCESS,
} from '../dimse/status.ts';
import { announcedSeries, performedSeries } from './announced-series.ts';

/** What performed steps and notifications need. They are hints: nothing of the patient is kept of them. */
export interface NoticePorts {
  createStep(step: PerformedStep): Promise<StepOutcome>;
  changeStep(step: PerformedStep): Promise<StepOutcome>;
  announce(announcement: Announcement): Promise<StepOutcome>;
}

const STATUSES: readonly StepStatus[] = ['IN PROGRESS', 'COMPLETED', 'DISCONTINUED'];
/** PS3.4 Table F.7.2-2: Error ID of a step that may no longer be updated. */
const NO_LONGER_UPDATED = 0xa710;

// biome-ignore format: a table
const OUTCOMES: Readonly<Record<StepOutcome, Outcome>> = {
  done:       { status: SUCCESS },
  exists:     { status: DUPLICATE_SOP_INSTANCE },
  unknown:    { status: NO_SUCH_OBJECT },
  closed:     { status: PROCESSING_FAILURE, comment: 'Performed Procedure Step Object may no longer be updated', errorId: NO_LONGER_UPDATED },
  'too many': { status: RESOURCE_LIMITATION },
};

/** N-CREATE of a Modality Performed Procedure Step — PS3.4 §F.7.2.1: it begins IN PROGRESS. */
export async function createStep(
  ports: Pick<NoticePorts, 'createStep'>,
  SOPInstanceUID: string,
  AETitle: string,
  dataset: Dataset,
): Promise<Outcome> {
  if (!Uid.safeParse(SOPInstanceUID).success) return { status: INVALID_ATTRIBUTE_VALUE, comment: 'not a UID' };
  const status = statusOf(dataset);
  if (status === undefined) return { status: MISSING_ATTRIBUTE, comment: 'Performed Procedure Step Status' };
  if (status !== 'IN PROGRESS') return { status: INVALID_ATTRIBUTE_VALUE, comment: 'a step begins IN PROGRESS' };
  const series = performedSeries(dataset);
  if (series !== undefined && 'status' in series) return series;
  const items = dataset.sequence(TAG.ScheduledStepAttributesSequence);
  const studies = [...new Set(items.map((item) => item.string(TAG.StudyInstanceUID)))];
  const known = studies.filter((uid) => Uid.safeParse(uid).success);
  return OUTCOMES[await ports.createStep({ SOPInstanceUID, AETitle, status, studies: known, series })];
}

/** N-SET — PS3.4 §F.7.2.2: only while it is IN PROGRESS, and by whom has created it. */
export async function changeStep(
  ports: Pick<NoticePorts, 'changeStep'>,
  { RequestedSOPInstanceUID: SOPInstanceUID = '' }: CommandSet,
  AETitle: string,
  dataset: Dataset,
): Promise<Outcome> {
  const status = statusOf(dataset);
  if (status === 'unknown') return { status: INVALID_ATTRIBUTE_VALUE, comment: 'Performed Procedure Step Status' };
  const series = performedSeries(dataset);
  if (series !== undefined && 'status' in series) return series;
  return OUTCOMES[await ports.changeStep({ SOPInstanceUID, AETitle, status, studies: [], series })];
}

/** N-CREATE of an Instance Availability Notification — PS3.4 Annex R. */
export async function takeNotification(
  ports: Pick<NoticePorts, 'announce'>,
  AETitle: string,
  dataset: Dataset,
): Promise<Outcome> {
  const series = announcedSeries(dataset);
  if ('status' in series) return series;
  return OUTCOMES[await ports.announce({ source: 'availability', AETitle, series })];
}

function statusOf(dataset: Dataset): StepStatus | 'unknown' | undefined {
  const given = dataset.string(TAG.PerformedProcedureStepStatus);
  return given === '' ? undefined : (STATUSES.find((known) => known === given) ?? 'unknown');
}
