import { fitText } from '../dicom/sr/fit-value.ts';
import type { ReadLesion } from '../domain/contract/reading.ts';
import type { Finding } from '../domain/finding.ts';
import { type ReasonCode, reasonText } from '../domain/reason.ts';
import type { ReportSource } from '../domain/report-source.ts';

/** The sentences of a report. Each end state has words that no other has, so that none can be taken for another. */
export function reportComments(source: ReportSource): readonly string[] {
  return [
    ...banner(source.algorithm.banner),
    STATEMENT[source.endState](source),
    `Analysis ended ${source.analysedAt.toISOString().replace('T', ' ').replace(/\..*/, '')} UTC.`,
    ...(source.series?.warnings ?? []).map((warning) => `Warning: ${reasonText(warning)}.`),
    ...(source.predecessor ? [replaces(source.predecessor.SOPInstanceUID)] : []),
  ];
}

const USE = 'Research use only, not for diagnosis.';

/** What must be read with every result until a validated model is loaded. */
export const banner = (words: string): string[] => {
  if (words.trim() === '') return [];
  return words.toLowerCase().includes('not for diagnosis') ? [words] : [USE, words];
};

const STATEMENT = {
  FINDINGS: ({ findings }) => `${count(findings.length)} by the algorithm; not reviewed by a person.`,
  NO_FINDINGS: () =>
    'No findings: the images were analysed and the algorithm marked nothing; not reviewed by a person. ' +
    'This does not exclude disease.',
  NOT_ANALYSABLE: ({ reason }) =>
    `Not analysed: ${reason ? `${reasonText(reason)} (${reason.code})` : 'the reason is not known'}. ` +
    'Nothing is said about the presence or absence of lesions.',
} as const satisfies Record<ReportSource['endState'], (source: ReportSource) => string>;

const count = (findings: number): string => (findings === 1 ? '1 finding' : `${findings} findings`);

const replaces = (SOPInstanceUID: string): string =>
  `This report replaces ${SOPInstanceUID}, which was made before all images were there. A review of that one does not hold for this.`;

/** A reason code as the meaning of a code: `TOO_FEW_SLICES` is "Too few slices". */
export function reasonMeaning({ code }: { code: ReasonCode }): string {
  const words = code
    .toLowerCase()
    .replaceAll('_', ' ')
    .replace(/\bhu\b/, 'HU');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const LIST_LABEL: Record<ReportSource['endState'], (source: ReportSource) => string> = {
  FINDINGS: ({ findings }) => count(findings.length),
  NO_FINDINGS: () => 'no findings',
  NOT_ANALYSABLE: () => 'not analysed',
};

const LO_LIMIT = 64;

/** SeriesDescription, what a list of series shows: use, algorithm, outcome. The outcome is never the part that is cut. */
export function seriesDescription(source: ReportSource): string {
  const use = source.algorithm.banner.trim() === '' ? '' : 'RESEARCH ';
  const outcome = `: ${LIST_LABEL[source.endState](source)}`;
  return `${use}${fitText(source.algorithm.name, LO_LIMIT - use.length - outcome.length)}${outcome}`;
}

/** A label for one finding, for a reader that shows only the comment. */
export const findingComment = (finding: Finding): string =>
  `${sizeAndLabel(finding)}, score ${finding.score.toFixed(2)}${finding.isApproximate ? `; ${ONLY_ABOUT_WHERE}` : ''}`;

/** Said of a region that comes from a map of activations. */
const ONLY_ABOUT_WHERE = 'the region says only about where';

/** Density, class and size: `part-solid nodule, 9.2 x 7.8 mm`. */
export function sizeAndLabel({ label, diameterMm, measurement }: ReadLesion): string {
  const axes = measurement && `${measurement.longAxisMm.toFixed(1)} x ${measurement.shortAxisMm.toFixed(1)} mm`;
  const density = measurement?.density ? `${DENSITY[measurement.density]} ` : '';
  const size = axes ?? (diameterMm === null ? undefined : `${diameterMm.toFixed(1)} mm`);
  return `${density}${label}${size === undefined ? '' : `, ${size}`}`;
}

const DENSITY = { solid: 'solid', partSolid: 'part-solid', groundGlass: 'ground-glass' } as const;

/** Said of a size that no segmentation has checked. */
export const ANSWERED_SIZE = 'Diameter answered by the model; not measured on the images';

/** Scores are raw answers of a model unless its card says they were calibrated: never a probability. */
export const SCORE_MEANING = 'Score of the detector times 100; not a probability';
