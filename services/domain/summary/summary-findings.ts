import type { ComparedLesion } from '../contract/guideline-record.ts';
import type { ReadingContent, ReadLesion } from '../contract/reading.ts';
import type { Finding } from '../finding.ts';
import { daysBetween, growthOf } from '../growth.ts';
import { NOTHING_SAID } from '../guidelines/known-input.ts';
import { takenAdvice } from '../guidelines/taken-advice.ts';
import type { SummaryFinding, SummaryState } from './reading-summary.ts';
import type { SummaryLanguage } from './summary-words.ts';

export interface SummarySource {
  readonly content: ReadingContent;
  readonly runs: readonly { readonly findings: readonly Finding[] }[];
  readonly StudyDate: string;
  readonly language: SummaryLanguage;
  /** Instance Number of the image a lesion lies on, of a multi-frame image the frame, where it is known. */
  imageOf(lesion: ReadLesion): number | undefined;
}

/** What stands in the summary of a reading: what was accepted or edited, in the order of the models and their marks, then what was added. */
export function summaryFindings(source: SummarySource): readonly SummaryFinding[] {
  const { content, runs } = source;
  const verdicts = new Map(content.verdicts.map((verdict) => [verdict.TrackingUID, verdict]));
  const judged = runs.flatMap(({ findings }) =>
    findings.flatMap(({ TrackingUID, index: _index, score: _score, ...lesion }): SummaryFinding[] => {
      const said = verdicts.get(TrackingUID);
      if (said?.verdict === 'accepted') return [told(source, TrackingUID, 'accepted', lesion)];
      return said?.verdict === 'edited' ? [told(source, TrackingUID, 'edited', said.lesion)] : [];
    }),
  );
  const added = content.added.map(({ TrackingUID, lesion }) => told(source, TrackingUID, 'added', lesion));
  return [...judged, ...added];
}

function told(source: SummarySource, TrackingUID: string, state: SummaryState, lesion: ReadLesion): SummaryFinding {
  const { content, language, StudyDate } = source;
  const before = content.comparisons?.[TrackingUID];
  return {
    ...{ TrackingUID, state, lesion, image: source.imageOf(lesion) },
    growth: before && growthSince(lesion, before, StudyDate),
    advice: takenAdvice(TrackingUID, lesion, content.guidelines ?? NOTHING_SAID, language),
  };
}

function growthSince(lesion: ReadLesion, before: ComparedLesion, StudyDate: string): SummaryFinding['growth'] {
  const { measurement, diameterMm, volumeMm3 } = lesion;
  const meanDiameterMm = measurement?.meanDiameterMm ?? diameterMm;
  const volume = measurement?.volumeMm3 ?? volumeMm3;
  if (meanDiameterMm === null || volume === null) return undefined;
  const days = daysBetween(before.StudyDate, StudyDate);
  return { ...growthOf({ meanDiameterMm, volumeMm3: volume }, before, days), StudyDate: before.StudyDate };
}
