import type { Reason } from '../domain/reason.ts';
import { checkImage } from './check-image.ts';
import { dropCopies, type SameImage } from './drop-copies.ts';
import { byNumber, type ImageHeader } from './image-header.ts';
import { checkGeometry } from './place-slices.ts';
import { ranked } from './rank-stacks.ts';
import { refusal, refusalReason } from './refusal.ts';
import type { SeriesCriteria } from './series-criteria.ts';
import { setApart, strays } from './set-apart.ts';
import { type SortedSlices, sortSlices } from './sort-slices.ts';
import { difference, type Stack, splitSeries } from './split-series.ts';

/** One input that could not be read as an image, with the reason why. */
export interface UnreadImage {
  readonly SeriesInstanceUID: string;
  readonly reason: Reason;
}

/** The outcome: images that make a volume, or the reason of those that came nearest. */
export type SeriesChoice =
  | { readonly SeriesInstanceUID: string; readonly slices: SortedSlices }
  | { readonly SeriesInstanceUID: string | undefined; readonly refused: Reason };

/** The images of one series: those that are wanted, split or refused as a whole, and those that were set aside. */
interface Series {
  readonly SeriesInstanceUID: string;
  readonly images: readonly ImageHeader[];
  readonly setAside: readonly ImageHeader[];
}

/** A set of images that may become the volume. */
interface Candidate {
  readonly series: Series;
  readonly headers: readonly ImageHeader[];
  readonly stack: Stack;
  /** All stacks of the series. */
  readonly stacks: readonly Stack[];
  /** Known before anything is checked: an image of the series cannot be read or has no geometry. */
  readonly refused: Reason | undefined;
}

/**
 * Chooses the images to read: localizers and derived images are set aside, each series is split into stacks, and these are
 * ranked as the model asks. The first that passes every check wins, with warnings that say what was left out. When none
 * does, the reason is that of the best-ranked.
 */
export async function chooseSeries(
  headers: readonly ImageHeader[],
  unread: readonly UnreadImage[],
  criteria: SeriesCriteria,
  isSame: SameImage,
): Promise<SeriesChoice> {
  const images = headers.filter(
    ({ Modality, input }) => criteria.modality.includes(Modality) && criteria.sopClassUids.includes(input.SOPClassUID),
  );
  const candidates = bySeries(images, criteria).flatMap((series) => candidatesOf(series, unread, criteria));
  let best: { SeriesInstanceUID: string; refused: Reason; count: number } | undefined;
  for (const candidate of ranked(candidates, criteria)) {
    const { SeriesInstanceUID } = candidate.series;
    // Those that are too short rank last, and the first of them says what the others would say.
    if (best && candidate.headers.length < criteria.minSlices) continue;
    try {
      const slices = await checked(candidate, criteria, isSame);
      return { SeriesInstanceUID, slices: best ? withWarning(slices, best) : slices };
    } catch (error) {
      const refused = refusalReason(error);
      if (!refused) throw error;
      best ??= { SeriesInstanceUID, refused, count: candidate.headers.length };
    }
  }
  if (best) return { SeriesInstanceUID: best.SeriesInstanceUID, refused: best.refused };
  return { SeriesInstanceUID: undefined, refused: whyNone(headers, images, unread, criteria) };
}

/** In the order of UIDs and numbers, so that nothing depends on the order of arrival. */
function bySeries(headers: readonly ImageHeader[], criteria: SeriesCriteria): readonly Series[] {
  const sorted = headers.toSorted(
    (a, b) => byNumber(a, b) || (a.input.SOPInstanceUID < b.input.SOPInstanceUID ? -1 : 1),
  );
  const groups = Map.groupBy(sorted, ({ input }) => input.SeriesInstanceUID);
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([SeriesInstanceUID, all]) => ({
      SeriesInstanceUID,
      images: all.filter((header) => !isSetAside(header, criteria)),
      setAside: all.filter((header) => isSetAside(header, criteria)),
    }))
    .filter(({ images }) => images.length > 0);
}

function isSetAside({ ImageType }: ImageHeader, { imageTypeExclude = [] }: SeriesCriteria): boolean {
  const type = `\\${ImageType.join('\\')}\\`;
  return imageTypeExclude.some((excluded) => type.includes(`\\${excluded.toUpperCase()}\\`));
}

function candidatesOf(
  series: Series,
  unread: readonly UnreadImage[],
  { minSlices }: SeriesCriteria,
): readonly Candidate[] {
  const whole: Stack = { headers: series.images, traits: [] };
  const lost = unread.find((image) => image.SeriesInstanceUID === series.SeriesInstanceUID)?.reason;
  const refused = lost ?? geometryProblem(series.images);
  if (refused) return [{ series, headers: series.images, stack: whole, stacks: [whole], refused }];
  const stacks = splitSeries(series.images, minSlices);
  return stacks.map((stack) => ({ series, headers: stack.headers, stack, stacks, refused: undefined }));
}

function geometryProblem(images: readonly ImageHeader[]): Reason | undefined {
  try {
    for (const image of images) checkGeometry(image);
  } catch (error) {
    const reason = refusalReason(error);
    if (!reason) throw error;
    return reason;
  }
  return undefined;
}

/** Every check, cheapest and most telling first. */
async function checked(candidate: Candidate, criteria: SeriesCriteria, isSame: SameImage): Promise<SortedSlices> {
  const { series, headers, stack, refused } = candidate;
  if (refused) throw refusal(refused.code, refused.params);
  for (const header of headers) checkImage(header, criteria);
  if (headers.length < criteria.minSlices) checkMixed(candidate, criteria);
  const { kept, dropped } = await dropCopies(headers, isSame);
  const others = othersOf(candidate);
  const slices = sortSlices(kept, criteria, strays(stack, others));
  const copies: Reason[] = dropped > 0 ? [{ code: 'COPIES_DROPPED', params: { count: dropped } }] : [];
  const apart = setApart(stack, others, series.setAside);
  return { ...slices, warnings: [...slices.warnings, ...assumedUnit(kept), ...copies, ...apart] };
}

function assumedUnit(headers: readonly ImageHeader[]): readonly Reason[] {
  const count = headers.filter(({ values }) => values.isUnitAssumed).length;
  return count === 0 ? [] : [{ code: 'UNIT_ASSUMED', params: { count, unit: 'HU' } }];
}

const othersOf = ({ stack, stacks }: Candidate): readonly Stack[] => stacks.filter((other) => other !== stack);

/** A series that would be long enough were it of one piece: its largest stack says what broke it up. */
function checkMixed(candidate: Candidate, { minSlices }: SeriesCriteria): void {
  const { series, headers, stack, stacks } = candidate;
  const [other] = othersOf(candidate).toSorted((a, b) => b.headers.length - a.headers.length);
  const apart = other && difference(stack, other);
  if (!apart || series.images.length < minSlices) return;
  throw refusal('MIXED_SERIES', {
    images: series.images.length,
    stacks: stacks.length,
    attribute: apart.attribute,
    count: headers.length,
    minimum: minSlices,
  });
}

/** Images that would have been the better ones were passed over: the reader should know. */
function withWarning(
  slices: SortedSlices,
  { SeriesInstanceUID, refused, count }: { SeriesInstanceUID: string; refused: Reason; count: number },
): SortedSlices {
  const params = { ...refused.params, count, reason: refused.code, SeriesInstanceUID };
  return { ...slices, warnings: [...slices.warnings, { code: 'PASSED_OVER', params }] };
}

function whyNone(
  headers: readonly ImageHeader[],
  images: readonly ImageHeader[],
  unread: readonly UnreadImage[],
  { modality }: SeriesCriteria,
): Reason {
  const [lost] = unread;
  if (images.length > 0) return { code: 'ONLY_LOCALIZER', params: { count: images.length } };
  if (lost) return lost.reason;
  const sopClass = headers[0]?.input.SOPClassUID ?? 'no instances';
  return headers.some(({ Rows }) => Rows > 0)
    ? { code: 'NO_SUITABLE_SERIES', params: { modality: modality.join(', ') } }
    : { code: 'NOT_AN_IMAGE', params: { sopClass } };
}
