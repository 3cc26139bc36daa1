import { describe, expect, it } from 'vitest';
import type { SeriesSummary } from '../../../services/domain/contract/worklist.ts';
import type { Finding } from '../../../services/domain/finding.ts';
import { firstSeries } from '../../../viewer/study/study-choice.ts';
import { detail, run, study } from '../../support/fake-studies.ts';
import { lesionOnImage } from '../single-images.ts';

const view = (SeriesInstanceUID: string, SeriesNumber: number): SeriesSummary => ({
  ...{ SeriesInstanceUID, SeriesNumber, Modality: 'MG', SeriesDescription: '', instanceCount: 1 },
  analysed: SeriesNumber === 1,
});
const finding = (index: number, score: number, SeriesInstanceUID: string): Finding => ({
  ...lesionOnImage(1, [1, 2, 3, 4], { SeriesInstanceUID }),
  ...{ index, score, TrackingUID: `2.25.${index}` },
});
const VIEWS = [view('1.2.1', 1), view('1.2.2', 2), view('1.2.3', 3)];
const openedWith = (...findings: readonly Finding[]): string | undefined => {
  const read = run({ findings: [...findings], analysedSeriesInstanceUID: '1.2.1', threshold: 0.4 });
  return firstSeries({ ...detail(study('1.2'), [read]), series: VIEWS }, read)?.SeriesInstanceUID;
};

describe('the series a study opens with', () => {
  it('is that of the best finding, of all that were read in one run', () => {
    expect(openedWith(finding(1, 0.9, '1.2.3'), finding(2, 0.5, '1.2.1'))).toBe('1.2.3');
  });

  it('is the analysed one where nothing is shown', () => {
    expect(openedWith(finding(1, 0.3, '1.2.3'))).toBe('1.2.1');
    expect(openedWith()).toBe('1.2.1');
  });
});
