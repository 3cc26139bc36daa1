import type { RunDetail, SeriesSummary, StudyDetail } from '../../services/domain/contract/worklist.ts';

/** Objects without a picture of their own. */
const NOT_IMAGES = new Set(['SR', 'KO', 'PR', 'RTSTRUCT', 'RTPLAN', 'DOC', 'REG', 'AU', 'ECG', 'PLAN']);
/** Made from other images: they have a picture, but a study does not open with it. */
const DERIVED = new Set(['SEG', 'RTDOSE']);

export const imageSeriesOf = ({ series }: StudyDetail): readonly SeriesSummary[] =>
  series.filter(({ Modality, instanceCount }) => !NOT_IMAGES.has(Modality) && instanceCount > 0);

/** The run a study opens with: one with findings first, else the first of the server. */
export const firstRun = ({ runs }: StudyDetail): RunDetail | undefined =>
  runs.find(({ state }) => state === 'FINDINGS') ?? runs[0];

const rank = ({ Modality }: SeriesSummary): number => (DERIVED.has(Modality) ? 1 : 0);

/** Of single images many series are read in one run: the best of what it marked tells which. */
const bestSeries = (run: RunDetail | undefined): string | undefined =>
  run?.findings.find(({ score }) => score >= run.threshold)?.SeriesInstanceUID;

/** The series a study opens with: that of the best finding, else the one that was analysed, else the largest. */
export function firstSeries(detail: StudyDetail, run: RunDetail | undefined): SeriesSummary | undefined {
  const candidates = imageSeriesOf(detail);
  const analysed = bestSeries(run) ?? run?.analysedSeriesInstanceUID;
  return (
    candidates.find(({ SeriesInstanceUID }) => SeriesInstanceUID === analysed) ??
    candidates.find(({ analysed: wasRead }) => wasRead) ??
    [...candidates].sort((a, b) => rank(a) - rank(b) || b.instanceCount - a.instanceCount)[0]
  );
}

/** The series the reader chose, while the study still has it. */
export const seriesByUid = (detail: StudyDetail, chosen: string | undefined): SeriesSummary | undefined =>
  imageSeriesOf(detail).find(({ SeriesInstanceUID }) => SeriesInstanceUID === chosen);
