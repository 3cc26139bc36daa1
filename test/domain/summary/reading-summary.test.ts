import { describe, expect, it } from 'vitest';
import type { ReadLesion } from '../../../services/domain/contract/reading.ts';
import { fleischnerLine, lungRadsLine } from '../../../services/domain/guidelines/advice-words.ts';
import { readingSummary, type SummaryFinding } from '../../../services/domain/summary/reading-summary.ts';

const lesion = (patch: Partial<ReadLesion> = {}): ReadLesion => ({
  center: [-60, 10, 15],
  diameterMm: 8.5,
  volumeMm3: 300.4,
  label: 'nodule',
  laterality: 'right',
  SeriesInstanceUID: '1.2',
  region: { SOPClassUID: '1.2', SOPInstanceUID: '1.2.3', frame: 1, left: 0, top: 0, right: 1, bottom: 1 },
  measurement: {
    longAxisMm: 9.2,
    shortAxisMm: 7.8,
    meanDiameterMm: 8.5,
    volumeMm3: 300.4,
    longAxis: [
      [0, 0, 0],
      [9.2, 0, 0],
    ],
    shortAxis: [
      [0, 0, 0],
      [0, 7.8, 0],
    ],
    meanHu: 20,
    density: 'solid',
    solidMm: null,
    pleuraMm: 4.2,
  },
  ...patch,
});

const measured = (patch: object): ReadLesion['measurement'] => {
  const { measurement } = lesion();
  return measurement && { ...measurement, ...patch };
};

const A = { TrackingUID: '2.25.1' };

const FINDINGS: readonly SummaryFinding[] = [
  { ...A, state: 'accepted', lesion: lesion(), image: 148, advice: [] },
  {
    ...A,
    state: 'edited',
    lesion: lesion({
      laterality: 'left',
      measurement: measured({ density: 'partSolid', solidMm: 3.1, pleuraMm: null }),
    }),
    image: 201,
    advice: [],
  },
  { ...A, state: 'added', lesion: lesion({ measurement: undefined, laterality: null }), image: undefined, advice: [] },
  { ...A, state: 'accepted', lesion: lesion({ label: 'Läsion <b>', measurement: undefined }), image: 7, advice: [] },
];

const GOLDEN = {
  en: `Findings: 4.
1. Solid nodule, right lung, 9.2 mm x 7.8 mm (mean 8.5 mm), volume 300 mm3, 4 mm from the pleura, instance number 148. [AI finding, accepted]
2. Part-solid nodule, left lung, 9.2 mm x 7.8 mm (mean 8.5 mm), volume 300 mm3, solid part 3.1 mm, instance number 201. [AI finding, changed by the reader]
3. Nodule, side not determined, diameter 8.5 mm, volume 300 mm3. [added by the reader]
4. Läsion <b>, right side, diameter 8.5 mm, volume 300 mm3, instance number 7. [AI finding, accepted]`,
  'zh-CN': `发现 4 处。
1. 右肺实性结节，9.2 mm × 7.8 mm（平均径 8.5 mm），体积 300 mm³，距胸膜 4 mm，图像实例号 148。【AI 检出，已确认】
2. 左肺部分实性结节，9.2 mm × 7.8 mm（平均径 8.5 mm），体积 300 mm³，实性成分 3.1 mm，图像实例号 201。【AI 检出，阅片者已修改】
3. （侧别未定）结节，直径 8.5 mm，体积 300 mm³。【阅片者补充】
4. 右侧 Läsion <b>，直径 8.5 mm，体积 300 mm³，图像实例号 7。【AI 检出，已确认】`,
} as const;

describe.each(['en', 'zh-CN'] as const)('the summary in %s', (language) => {
  it('is the golden text, to the letter', () => {
    expect(readingSummary(FINDINGS, language)).toBe(GOLDEN[language]);
  });

  it('never says that a study is normal', () => {
    const none = readingSummary([], language);
    expect(none).toBe(
      { en: 'The reader has accepted or added no finding.', 'zh-CN': '阅片者未确认或补充任何发现。' }[language],
    );
    expect(none).not.toMatch(/normal|正常/);
  });

  it('carries advice below its finding, labelled as calculated', () => {
    const advice = [lungRadsLine('4A', language), fleischnerLine('noFollowUp', language)];
    const lines = readingSummary([{ ...A, state: 'accepted', lesion: lesion(), image: 1, advice }], language).split(
      '\n',
    );
    expect(lines.slice(2)).toEqual(
      {
        en: [
          '   Lung-RADS v2022 category 4A (calculated, not AI): low-dose CT in 3 months; PET/CT may be considered from 8 mm of solid tissue.',
          '   Fleischner 2017 (calculated, not AI): no routine follow-up.',
        ],
        'zh-CN': [
          '   Lung-RADS v2022 4A 类（计算得出，非 AI）：3 个月后低剂量 CT；实性成分 ≥ 8 mm 时可考虑 PET/CT。',
          '   Fleischner 2017（计算得出，非 AI）：无需常规随访。',
        ],
      }[language],
    );
  });
});
