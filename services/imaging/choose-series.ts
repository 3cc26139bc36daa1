import { transferSyntaxName } from '../dicom/dataset/transfer-syntax.ts';
import { isDecodable } from '../dicom/pixel/codecs.ts';
import type { Reason } from '../domain/reason.ts';
import type { ImageHeader } from './image-header.ts';
import { refusal, refusalReason } from './refusal.ts';
import type { SeriesCriteria } from './series-criteria.ts';
import { type SortedSlices, sortSlices } from './sort-slices.ts';

/** One input that could not be read as an image, with the reason why. */
export interface UnreadImage {
  readonly SeriesInstanceUID: string;
  readonly reason: Reason;
}

/** The outcome: a series that makes a volume, or the reason of the one that came nearest. */
export type SeriesChoice =
  | { readonly SeriesInstanceUID: string; readonly slices: SortedSlices }
  | { readonly SeriesInstanceUID: string | undefined; readonly refused: Reason };

/**
 * Chooses the series to read: localizers and derived images are set aside, the rest ranked as the model asks, and the
 * first series that passes every check wins. When none does, the reason is that of the best-ranked.
 */
export function chooseSeries(
  headers: readonly ImageHeader[],
  unread: readonly UnreadImage[],
  criteria: SeriesCriteria,
): SeriesChoice {
  const images = headers.filter(
    ({ Modality, input }) => criteria.modality.includes(Modality) && criteria.sopClassUids.includes(input.SOPClassUID),
  );
  const wanted = images.filter((header) => !isSetAside(header, criteria));
  const ranked = rank(bySeries(wanted), criteria);
  let best: { SeriesInstanceUID: string; refused: Reason } | undefined;
  for (const series of ranked) {
    const SeriesInstanceUID = series[0]?.input.SeriesInstanceUID ?? '';
    try {
      const lost = unread.find((image) => image.SeriesInstanceUID === SeriesInstanceUID);
      if (lost) throw refusal(lost.reason.code, lost.reason.params);
      const slices = checked(series, criteria);
      return { SeriesInstanceUID, slices: best ? withWarning(slices, best) : slices };
    } catch (error) {
      const refused = refusalReason(error);
      if (!refused) throw error;
      best ??= { SeriesInstanceUID, refused };
    }
  }
  return best ?? { SeriesInstanceUID: undefined, refused: whyNone(headers, images, unread, criteria) };
}

/** A series that would have been the better one was passed over: the reader should know. */
function withWarning(slices: SortedSlices, passed: { SeriesInstanceUID: string; refused: Reason }): SortedSlices {
  const { code, params } = passed.refused;
  const warning = { code, params: { ...params, SeriesInstanceUID: passed.SeriesInstanceUID } };
  return { ...slices, warnings: [...slices.warnings, warning] };
}

/** Every check that needs only headers, cheapest and most telling first. */
function checked(series: readonly ImageHeader[], criteria: SeriesCriteria): SortedSlices {
  for (const header of series) {
    if (header.NumberOfFrames > 1) throw refusal('MULTI_FRAME', {});
    checkScope(header, criteria);
    const { TransferSyntaxUID: uid } = header.input;
    if (!isDecodable(uid)) throw refusal('TRANSFER_SYNTAX', { transferSyntax: transferSyntaxName(uid), uid });
    if (header.SamplesPerPixel !== 1)
      throw refusal('NOT_HU', { detail: `pixels are ${header.PhotometricInterpretation.slice(0, 16)}` });
    checkValues(header);
  }
  return sortSlices(series, criteria);
}

function checkScope({ BodyPartExamined, ageYears }: ImageHeader, { bodyPart, patientAgeYears }: SeriesCriteria): void {
  if (bodyPart && BodyPartExamined !== '' && !bodyPart.some((word) => BodyPartExamined.includes(word))) {
    const value = BodyPartExamined.slice(0, 16);
    throw refusal('OUT_OF_SCOPE', { attribute: 'BodyPartExamined', value, accepted: bodyPart.join(', ') });
  }
  if (patientAgeYears && ageYears !== undefined && ageYears < patientAgeYears.min) {
    const value = `${Math.floor(ageYears)} years`;
    throw refusal('OUT_OF_SCOPE', {
      attribute: 'PatientAge',
      value,
      accepted: `${patientAgeYears.min} years and older`,
    });
  }
}

function checkValues({ values }: ImageHeader): void {
  const detail = valuesProblem(values);
  if (detail) throw refusal('NOT_HU', { detail });
}

function valuesProblem({ slope, intercept, type, hasModalityLut }: ImageHeader['values']): string | undefined {
  if (hasModalityLut) return 'a Modality LUT is not read';
  if (slope === undefined || intercept === undefined) return 'no RescaleSlope or RescaleIntercept';
  if (slope === 0) return 'RescaleSlope is 0';
  return type === '' || type === 'HU' ? undefined : `RescaleType is ${type.slice(0, 16)}`;
}

function isSetAside({ ImageType }: ImageHeader, { imageTypeExclude = [] }: SeriesCriteria): boolean {
  const type = `\\${ImageType.join('\\')}\\`;
  return imageTypeExclude.some((excluded) => type.includes(`\\${excluded.toUpperCase()}\\`));
}

function bySeries(headers: readonly ImageHeader[]): ImageHeader[][] {
  const series = new Map<string, ImageHeader[]>();
  for (const header of headers) {
    const known = series.get(header.input.SeriesInstanceUID);
    if (known) known.push(header);
    else series.set(header.input.SeriesInstanceUID, [header]);
  }
  return [...series.values()];
}

/** Lower is better; each criterion decides only where those before it are equal. */
const SCORES: Record<SeriesCriteria['rank'][number], (series: readonly ImageHeader[]) => number> = {
  thinnest: (series) => Math.round((series[0]?.SliceThickness ?? 99) * 10),
  softKernel: (series) => sharpness(series[0]?.ConvolutionKernel ?? ''),
  mostSlices: (series) => -series.length,
};

function rank(series: readonly ImageHeader[][], { rank: criteria, minSlices }: SeriesCriteria): ImageHeader[][] {
  const uid = (headers: readonly ImageHeader[]) => headers[0]?.input.SeriesInstanceUID ?? '';
  const scores = (headers: readonly ImageHeader[]) => [
    headers.length < minSlices ? 1 : 0,
    ...criteria.map((name) => SCORES[name](headers)),
  ];
  return [...series].sort((a, b) => {
    const [left, right] = [scores(a), scores(b)];
    const decides = left.findIndex((score, i) => score !== right[i]);
    return decides < 0 ? (uid(a) < uid(b) ? -1 : 1) : (left[decides] ?? 0) - (right[decides] ?? 0);
  });
}

/**
 * 0 soft, 1 unknown, 2 sharp, from the names the makers use: Siemens B30f, Br40, I31f (below 50 is soft), GE STANDARD,
 * LUNG, Canon FC01-FC29 and FC50 up, Philips A to E.
 */
function sharpness(kernel: string): number {
  if (/LUNG|BONE|EDGE|DETAIL|SHARP|^Y[A-D]$|^[DEL]$/.test(kernel)) return 2;
  if (/STANDARD|SOFT|SMOOTH|^[ABC]$/.test(kernel)) return 0;
  const [, canon, siemens] = /^FC(\d+)|^[BHIQ][A-Z]?(\d{2})/.exec(kernel) ?? [];
  const number = Number(canon ?? siemens ?? Number.NaN);
  return Number.isNaN(number) ? 1 : number < (canon ? 30 : 50) ? 0 : 2;
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
