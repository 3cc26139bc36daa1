import type { ReadLesion } from '../contract/reading.ts';
import { type SummaryLanguage, type SummaryWords, summaryWords } from './summary-words.ts';

/** What may stand in a summary: a reader has said yes to it. */
export type SummaryState = 'accepted' | 'edited' | 'added';

export interface SummaryFinding {
  readonly state: SummaryState;
  readonly lesion: ReadLesion;
  /** Position of its image in the series, 1-based; `undefined` where it is not known. */
  readonly image: number | undefined;
  /** Sentences that the reader has taken over from a guideline, in the language of the summary. */
  readonly advice: readonly string[];
}

/**
 * The structured text of a reading, from coded findings only: the same findings give the same text. What is unreviewed,
 * deferred or rejected has no place here, and words of a stranger are never translated: a class of no word of ours is
 * named as its model names it.
 */
export function readingSummary(findings: readonly SummaryFinding[], language: SummaryLanguage): string {
  const words = summaryWords(language);
  if (findings.length === 0) return words.none;
  const blocks = findings.flatMap((finding, at) => [
    `${at + 1}. ${sentence(finding, words)}`,
    ...finding.advice.map((line) => `   ${line}`),
  ]);
  return [words.title(findings.length), ...blocks].join('\n');
}

function sentence({ lesion, state, image }: SummaryFinding, words: SummaryWords): string {
  const { measurement, laterality, label } = lesion;
  const facts = [
    measurement
      ? words.axes(tenth(measurement.longAxisMm), tenth(measurement.shortAxisMm), tenth(measurement.meanDiameterMm))
      : words.diameter(tenth(lesion.diameterMm)),
    words.volume(String(Math.round(lesion.volumeMm3))),
    ...(measurement?.density === 'partSolid' && measurement.solidMm !== null
      ? [words.solidPart(tenth(measurement.solidMm))]
      : []),
    ...(measurement && measurement.pleuraMm !== null ? [words.pleura(String(Math.round(measurement.pleuraMm)))] : []),
    ...(image === undefined ? [] : [words.image(image)]),
  ];
  const what = words.what(measurement?.density ?? null, label, laterality);
  return words.whole(what, facts, words.state[state]);
}

const tenth = (mm: number): string => mm.toFixed(1);
