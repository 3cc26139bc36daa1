import { describe, expect, it } from 'vitest';
import { suitableSeries } from '../../services/detection/suitable-series.ts';
import type { StudyToPlan } from '../../services/domain/ports.ts';
import { CRITERIA } from '../imaging/slice-headers.ts';

const CT = '1.2.840.10008.5.1.4.1.1.2';
const series = (SeriesInstanceUID: string, Modality: string, ...classes: string[]): StudyToPlan['series'][number] => ({
  SeriesInstanceUID,
  Modality,
  watermark: 1,
  instances: classes.map((SOPClassUID, i) => ({
    SOPInstanceUID: `${SeriesInstanceUID}.${i}`,
    SOPClassUID,
    sha256: '',
  })),
});
const accepts = { ...CRITERIA, orientation: { plane: 'axial' as const, toleranceDeg: 10 } } as never;
const suitable = (...list: StudyToPlan['series'][number][]) => suitableSeries({ accepts }, list);

describe('series a model wants, by what the index knows', () => {
  it('are those of its modality and SOP classes', () => {
    const answer = suitable(series('1.1', 'CT', CT, CT), series('1.2', 'SR', '1.2.840.10008.5.1.4.1.1.88.33'));
    expect(answer).toEqual({ series: ['1.1'] });
  });

  it('may hold other objects too', () => {
    expect(suitable(series('1.1', 'CT', '1.2.840.10008.5.1.4.1.1.7', CT)).series).toEqual(['1.1']);
  });

  it('are none of localizers beside images; alone these stay, to be told', () => {
    const scout = { ...series('1.2', 'CT', CT), localizer: true };
    expect(suitable(series('1.1', 'CT', CT), scout).series).toEqual(['1.1']);
    expect(suitable(scout)).toEqual({ series: ['1.2'] });
  });

  // biome-ignore format: a table
  it.each<[string, StudyToPlan['series'][number][], string]>([
    ['an SR and a PDF', [series('1', 'SR', '1.2.840.10008.5.1.4.1.1.88.33'), series('2', 'DOC', '1.2.840.10008.5.1.4.1.1.104.1')], 'NOT_AN_IMAGE'],
    ['a presentation state', [series('1', 'PR', '1.2.840.10008.5.1.4.1.1.11.1')], 'NOT_AN_IMAGE'],
    ['nothing', [], 'NOT_AN_IMAGE'],
    ['an MR', [series('1', 'MR', '1.2.840.10008.5.1.4.1.1.4')], 'NO_SUITABLE_SERIES'],
    ['a segmentation', [series('1', 'SEG', '1.2.840.10008.5.1.4.1.1.66.4')], 'NO_SUITABLE_SERIES'],
    ['screen shots of a CT', [series('1', 'CT', '1.2.840.10008.5.1.4.1.1.7')], 'OUT_OF_SCOPE'],
  ])('are none in a study of %s', (_what, list, code) => {
    expect(suitable(...list)).toMatchObject({ series: [], reason: { code } });
  });
});
