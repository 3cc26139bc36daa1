import type { ReadLesion } from '../contract/reading.ts';
import type { Growth } from '../growth.ts';
import { type GrowthWords, type SummaryLanguage, type SummaryWords, summaryWords } from './summary-words.ts';

/** What may stand in a summary: a reader has said yes to it. */
export type SummaryState = 'accepted' | 'edited' | 'added';

export interface SummaryFinding {
  readonly TrackingUID: string;
  readonly state: SummaryState;
  readonly lesion: ReadLesion;
  /** Instance Number of its image, of a multi-frame image the frame; `undefined` where it is not known. */
  readonly image: number | undefined;
  /** Since an earlier study, `YYYYMMDD`, in which it was matched. */
  readonly growth?: (Growth & { readonly StudyDate: string }) | undefined;
  /** Sentences that the reader has taken over from a guideline, in the language of the summary. */
  readonly advice: readonly string[];
}

/** A line of a summary and what it is. Hints of guidelines stand after the finding that they are about. */
export interface SummaryLine {
  readonly is: 'conclusion' | 'finding' | 'hint';
  readonly text: string;
  /** The finding it speaks of. */
  readonly TrackingUID: string | undefined;
}

/**
 * The structured text of a reading, from coded findings only: the same findings give the same text. What is unreviewed,
 * deferred or rejected has no place here, and words of a stranger are never translated: a class of no word of ours is
 * named as its model names it.
 */
export function summaryLines(
  findings: readonly SummaryFinding[],
  language: SummaryLanguage,
): readonly [SummaryLine, ...SummaryLine[]] {
  const words = summaryWords(language);
  const text = findings.length === 0 ? words.none : words.title(findings.length);
  const told = findings.flatMap((finding, at): SummaryLine[] => {
    const { TrackingUID } = finding;
    return [
      { is: 'finding', text: `${at + 1}. ${sentence(finding, words)}`, TrackingUID },
      ...finding.advice.map((line) => ({ is: 'hint' as const, text: line, TrackingUID })),
    ];
  });
  return [{ is: 'conclusion', text, TrackingUID: undefined }, ...told];
}

/** The same for a clipboard. */
export const readingSummary = (findings: readonly SummaryFinding[], language: SummaryLanguage): string =>
  summaryLines(findings, language)
    .map(({ is, text }) => (is === 'hint' ? `   ${text}` : text))
    .join('\n');

function sentence({ lesion, state, image, growth }: SummaryFinding, words: SummaryWords): string {
  const { measurement, laterality, label } = lesion;
  const facts = [
    ...sizes(lesion, words),
    ...(measurement?.density === 'partSolid' && measurement.solidMm !== null
      ? [words.solidPart(tenth(measurement.solidMm))]
      : []),
    ...(measurement && measurement.pleuraMm !== null ? [words.pleura(String(Math.round(measurement.pleuraMm)))] : []),
    ...(image === undefined ? [] : [words.image(image)]),
    ...(growth === undefined ? [] : [words.growth(growthWords(growth))]),
  ];
  const what = words.what(measurement?.density ?? null, label, laterality);
  return words.whole(what, facts, words.state[state]);
}

/** Of a lesion on a single image nothing is known of its size, and nothing is said. */
function sizes({ measurement, diameterMm, volumeMm3 }: ReadLesion, words: SummaryWords): readonly string[] {
  const volume = volumeMm3 === null ? [] : [words.volume(String(Math.round(volumeMm3)))];
  if (measurement) {
    const { longAxisMm, shortAxisMm, meanDiameterMm } = measurement;
    return [words.axes(tenth(longAxisMm), tenth(shortAxisMm), tenth(meanDiameterMm)), ...volume];
  }
  return [...(diameterMm === null ? [] : [words.diameter(tenth(diameterMm))]), ...volume];
}

const tenth = (mm: number): string => mm.toFixed(1);

const signed = (value: number, digits: number): string => `${value > 0 ? '+' : ''}${value.toFixed(digits)}`;

function growthWords(growth: NonNullable<SummaryFinding['growth']>): GrowthWords {
  const { StudyDate, diameterMm, volumePercent, doubling, without } = growth;
  const days = (value: number) => value.toFixed(0);
  return {
    since: StudyDate.replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3'),
    mm: signed(diameterMm, 1),
    percent: signed(volumePercent, 0),
    doubling: doubling && {
      days: days(doubling.days),
      low: days(doubling.lowDays),
      high: doubling.highDays === null ? '' : days(doubling.highDays),
    },
    without,
  };
}
