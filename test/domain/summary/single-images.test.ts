import { describe, expect, it } from 'vitest';
import { fleischner } from '../../../services/domain/guidelines/fleischner.ts';
import { guidelineInput } from '../../../services/domain/guidelines/known-input.ts';
import { lungRads } from '../../../services/domain/guidelines/lung-rads.ts';
import { readingSummary } from '../../../services/domain/summary/reading-summary.ts';
import { summaryFindings } from '../../../services/domain/summary/summary-findings.ts';
import { readLesion } from '../../support/read-lesions.ts';

const lesion = readLesion({
  ...{ center: null, diameterMm: null, volumeMm3: null, measurement: undefined },
  ...{ label: 'opacity', laterality: null },
});
const at = '2026-11-23T10:00:00Z';
const TrackingUID = '2.25.1';

/** Accepted, and held against an earlier study by somebody who could not know that it has no size. */
const source = (language: 'en' | 'zh-CN') => ({
  content: {
    ...{ verdicts: [{ TrackingUID, at, verdict: 'accepted' as const }], added: [], thresholds: {} },
    comparisons: {
      [TrackingUID]: {
        ...{ StudyInstanceUID: '1.2.9', TrackingUID: '2.25.9', StudyDate: '20250101' },
        ...{ meanDiameterMm: 5, volumeMm3: 65 },
      },
    },
  },
  runs: [{ findings: [{ ...lesion, TrackingUID, index: 1, score: 0.9 }] }],
  ...{ StudyDate: '20261123', language, imageOf: () => 2 },
});

describe('a finding on a single image', () => {
  it('stands in the summary without a size and without growth', () => {
    const text = (language: 'en' | 'zh-CN') => readingSummary(summaryFindings(source(language)), language);
    expect(text('en')).toBe('Findings: 1.\n1. opacity, side not determined, instance number 2. [AI finding, accepted]');
    expect(text('zh-CN')).toBe('发现 1 处。\n1. （侧别未定） opacity，图像实例号 2。【AI 检出，已确认】');
  });

  it('has a size that the guidelines do not know, and so no category', () => {
    const patient = {
      screening: true,
      incidental: true,
      ageYears: 60,
      risk: 'low',
      multiple: false,
      knownCancer: false,
      immunosuppressed: false,
    } as const;
    const input = guidelineInput(lesion, patient, { density: 'solid', course: 'baseline' });
    expect(input.meanDiameterMm).toBeUndefined();
    expect([lungRads(input), fleischner(input)]).toMatchObject([{ missing: ['size'] }, { missing: ['size'] }]);
  });
});
