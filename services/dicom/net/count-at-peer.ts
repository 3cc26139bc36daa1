import type { AnnouncedSeries } from '../../domain/announcement.ts';
import { Uid } from '../../domain/uid.ts';
import { TAG } from '../dataset/tags.ts';
import { find } from './find-scu.ts';
import { MAX_NAMED_SERIES } from './limits.ts';
import type { Peer, RequestorOptions } from './open-association.ts';

/**
 * How many images a peer has of each series of a study: C-FIND, study root, by NumberOfSeriesRelatedInstances (PS3.4 Table
 * C.3-4). A series for which it does not say is left out.
 *
 * @throws {AppError} as `find` does.
 */
export async function countAtPeer(
  peer: Peer,
  callingAETitle: string,
  StudyInstanceUID: string,
  options: RequestorOptions = {},
): Promise<readonly AnnouncedSeries[]> {
  const keys = { StudyInstanceUID, SeriesInstanceUID: '', Modality: '', NumberOfSeriesRelatedInstances: '' };
  const series: AnnouncedSeries[] = [];
  for await (const match of find(peer, callingAETitle, { model: 'study root', level: 'SERIES', keys }, options)) {
    const SeriesInstanceUID = match.string(TAG.SeriesInstanceUID);
    const instances = match.number(TAG.NumberOfSeriesRelatedInstances) ?? 0;
    const isCount = Number.isInteger(instances) && instances > 0 && instances < 2 ** 31;
    if (!isCount || !Uid.safeParse(SeriesInstanceUID).success) continue;
    series.push({ StudyInstanceUID, SeriesInstanceUID, Modality: match.string(TAG.Modality).slice(0, 16), instances });
    if (series.length === MAX_NAMED_SERIES) break;
  }
  return series;
}

/** The same of the whole study, where a peer does not count by series: NumberOfStudyRelatedInstances (Table C.3-2). */
export async function countStudyAtPeer(
  peer: Peer,
  callingAETitle: string,
  StudyInstanceUID: string,
  options: RequestorOptions = {},
): Promise<number | undefined> {
  const keys = { StudyInstanceUID, NumberOfStudyRelatedInstances: '' };
  for await (const match of find(peer, callingAETitle, { model: 'study root', level: 'STUDY', keys }, options)) {
    return match.number(TAG.NumberOfStudyRelatedInstances);
  }
  return undefined;
}
