import type { AnnouncedSeries } from '../../domain/announcement.ts';
import { Uid } from '../../domain/uid.ts';
import type { Dataset } from '../dataset/dataset.ts';
import { TAG } from '../dataset/tags.ts';
import { INVALID_ATTRIBUTE_VALUE, MISSING_ATTRIBUTE, type Outcome, RESOURCE_LIMITATION } from '../dimse/status.ts';
import { MAX_NAMED_INSTANCES, MAX_NAMED_SERIES } from './limits.ts';

type PerformedSeries = Omit<AnnouncedSeries, 'StudyInstanceUID'>;

/** The series that a performed step made (PS3.4 Table F.7.2-1); `undefined` when it does not say. */
export function performedSeries(dataset: Dataset): readonly PerformedSeries[] | Outcome | undefined {
  if (!dataset.has(TAG.PerformedSeriesSequence)) return undefined;
  const Modality = dataset.string(TAG.Modality).slice(0, 16);
  const series = dataset.sequence(TAG.PerformedSeriesSequence);
  return counted(series, (item) => ({
    Modality,
    uids: item.sequence(TAG.ReferencedImageSequence).map((image) => image.string(TAG.ReferencedSOPInstanceUID)),
  }));
}

/** The instances of a notification that can be had (PS3.4 Table R.3-1), by series. */
export function announcedSeries(dataset: Dataset): readonly AnnouncedSeries[] | Outcome {
  const StudyInstanceUID = dataset.string(TAG.StudyInstanceUID);
  if (StudyInstanceUID === '') return { status: MISSING_ATTRIBUTE, comment: 'Study Instance UID' };
  if (!Uid.safeParse(StudyInstanceUID).success) return notUid();
  const series = counted(dataset.sequence(TAG.ReferencedSeriesSequence), (item) => ({
    Modality: '',
    uids: item
      .sequence(TAG.ReferencedSOPSequence)
      .filter((sop) => ['ONLINE', 'NEARLINE'].includes(sop.string(TAG.InstanceAvailability)))
      .map((sop) => sop.string(TAG.ReferencedSOPInstanceUID)),
  }));
  return 'status' in series ? series : series.map((one) => ({ ...one, StudyInstanceUID }));
}

/** Each series once, with the number of different instances; a series without any is left out. */
function counted(
  items: readonly Dataset[],
  read: (item: Dataset) => { readonly Modality: string; readonly uids: readonly string[] },
): readonly PerformedSeries[] | Outcome {
  if (items.length > MAX_NAMED_SERIES) return tooMany(`more than ${MAX_NAMED_SERIES} series`);
  const found = new Map<string, { readonly Modality: string; readonly uids: Set<string> }>();
  const total = { instances: 0 };
  for (const item of items) {
    const SeriesInstanceUID = item.string(TAG.SeriesInstanceUID);
    if (!Uid.safeParse(SeriesInstanceUID).success) return notUid();
    const { Modality, uids } = read(item);
    total.instances += uids.length;
    if (total.instances > MAX_NAMED_INSTANCES) return tooMany(`more than ${MAX_NAMED_INSTANCES} instances`);
    const known = found.get(SeriesInstanceUID) ?? { Modality, uids: new Set<string>() };
    for (const uid of uids) known.uids.add(uid);
    found.set(SeriesInstanceUID, known);
  }
  return [...found]
    .filter(([, { uids }]) => uids.size > 0)
    .map(([SeriesInstanceUID, { Modality, uids }]) => ({ SeriesInstanceUID, Modality, instances: uids.size }));
}

const tooMany = (comment: string): Outcome => ({ status: RESOURCE_LIMITATION, comment });
const notUid = (): Outcome => ({ status: INVALID_ATTRIBUTE_VALUE, comment: 'a study or series UID is not a UID' });
