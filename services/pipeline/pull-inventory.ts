import { AppError } from '../domain/errors.ts';
import { type Answer, countOf, firstOf } from '../domain/pull/answer.ts';
import type { Archive, DueStudy, FetchRequest, PullStore } from '../domain/pull/ports.ts';
import { Uid } from '../domain/uid.ts';

export interface InventoryPorts extends Pick<PullStore, 'heldBySeries' | 'heldInstances'> {
  readonly archive: Pick<Archive, 'find'>;
}

/** A series of the peer: all its instances, as far as it tells them, and those that are not here. */
interface TheirSeries {
  readonly SeriesInstanceUID: string;
  readonly count: number;
  /** `undefined`: it was counted, and not listed. */
  readonly missing: readonly MissingInstance[] | undefined;
  readonly missingCount: number;
}

interface MissingInstance {
  readonly SOPInstanceUID: string;
  readonly SOPClassUID: string;
}

/** What a peer has of a study, held against what is here. */
export interface Inventory {
  readonly series: readonly TheirSeries[];
  readonly expected: number;
  readonly missing: number;
}

/** No study of ours has more series, and no series more images. */
const MAX_ANSWERS = 50_000;

/**
 * Asks a peer for the series of a study, and lists the images of those of which fewer are here than it counts, or which it does
 * not count.
 *
 * @throws {AppError} as `Archive.find`; STUDY_NOT_FOUND when the peer has no series of it.
 */
export async function takeInventory(
  ports: InventoryPorts,
  { StudyInstanceUID, ask }: Pick<DueStudy, 'StudyInstanceUID' | 'ask'>,
): Promise<Inventory> {
  const asked = { SeriesInstanceUID: '', Modality: '', NumberOfSeriesRelatedInstances: '' };
  const answers = await all(ports.archive.find(ask, 'SERIES', { StudyInstanceUID, ...asked }), 'SeriesInstanceUID');
  if (answers.length === 0) throw new AppError('STUDY_NOT_FOUND', 'the peer has no series of this study any more');
  const held = await ports.heldBySeries(StudyInstanceUID);
  const series: TheirSeries[] = [];
  for (const answer of answers) {
    const SeriesInstanceUID = firstOf(answer, 'SeriesInstanceUID');
    const count = countOf(answer, 'NumberOfSeriesRelatedInstances');
    const here = held.get(SeriesInstanceUID) ?? 0;
    const isHere = count !== undefined && here >= count;
    if (isHere) series.push({ SeriesInstanceUID, count, missing: [], missingCount: 0 });
    else series.push(await listed(ports, { StudyInstanceUID, ask }, SeriesInstanceUID, { count: count ?? 0, here }));
  }
  return {
    series,
    expected: series.reduce((sum, { count }) => sum + count, 0),
    missing: series.reduce((sum, { missingCount }) => sum + missingCount, 0),
  };
}

async function listed(
  ports: InventoryPorts,
  { StudyInstanceUID, ask }: Pick<DueStudy, 'StudyInstanceUID' | 'ask'>,
  SeriesInstanceUID: string,
  { count, here }: { readonly count: number; readonly here: number },
): Promise<TheirSeries> {
  const asked = { StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID: '', SOPClassUID: '' };
  const images = await all(ports.archive.find(ask, 'IMAGE', asked), 'SOPInstanceUID');
  const known = await ports.heldInstances(images.map((image) => firstOf(image, 'SOPInstanceUID')));
  const missing = images
    .map((image) => ({ SOPInstanceUID: firstOf(image, 'SOPInstanceUID'), SOPClassUID: firstOf(image, 'SOPClassUID') }))
    .filter(({ SOPInstanceUID }) => !known.has(SOPInstanceUID));
  // A peer that counts images and lists none is believed in its count.
  if (images.length === 0)
    return { SeriesInstanceUID, count, missing: undefined, missingCount: Math.max(0, count - here) };
  return { SeriesInstanceUID, count: Math.max(count, images.length), missing, missingCount: missing.length };
}

/** Answers that name what was asked for, each once. */
async function all(answers: AsyncIterable<Answer>, unique: string): Promise<readonly Answer[]> {
  const found = new Map<string, Answer>();
  for await (const answer of answers) {
    const uid = firstOf(answer, unique);
    if (Uid.safeParse(uid).success) found.set(uid, answer);
    if (found.size > MAX_ANSWERS) throw new AppError('TOO_MANY_MATCHES', `more than ${MAX_ANSWERS} of one study`);
  }
  return [...found.values()];
}

/** Images that are asked for in one request: their UIDs fit a list of PS3.5 §7.1.2. */
const IMAGES_AT_ONCE = 100;

/** As few requests as bring what is missing and nothing else: the study, series of it, or images. */
export function requestsFor(
  StudyInstanceUID: string,
  { series, expected, missing }: Inventory,
): readonly FetchRequest[] {
  const wanted = series.filter(({ missingCount }) => missingCount > 0);
  const classesOf = (of: readonly TheirSeries[]) => [
    ...new Set(
      of.flatMap((each) => each.missing ?? []).flatMap(({ SOPClassUID }) => (SOPClassUID === '' ? [] : [SOPClassUID])),
    ),
  ];
  const isListed = wanted.every((each) => each.missing !== undefined);
  if (missing === expected && missing > 0)
    return [{ StudyInstanceUID, SOPClassUIDs: isListed ? classesOf(wanted) : [] }];
  return wanted.flatMap((each): readonly FetchRequest[] => {
    const { SeriesInstanceUID } = each;
    const of = { StudyInstanceUID, SeriesInstanceUID, SOPClassUIDs: classesOf([each]) };
    if (each.missing === undefined || each.missing.length === each.count) return [of];
    const uids = each.missing.map(({ SOPInstanceUID }) => SOPInstanceUID);
    const batches = Array.from({ length: Math.ceil(uids.length / IMAGES_AT_ONCE) }, (_, at) => at * IMAGES_AT_ONCE);
    return batches.map((at) => ({ ...of, SOPInstanceUIDs: uids.slice(at, at + IMAGES_AT_ONCE) }));
  });
}
