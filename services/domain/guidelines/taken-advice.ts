import type { GuidelineRecord } from '../contract/guideline-record.ts';
import type { ReadLesion } from '../contract/reading.ts';
import { fleischnerLine, lungRadsLine, ruleLine } from './advice-words.ts';
import { fleischner } from './fleischner.ts';
import { inputWords } from './input-words.ts';
import { guidelineInput } from './known-input.ts';
import { lungRads } from './lung-rads.ts';

/**
 * The hints that the reader has taken for a lesion, each only while the guideline still says so: the advice, the rule that
 * fired, and at last what it was told. None taken, nothing said.
 */
export function takenAdvice(
  TrackingUID: string,
  lesion: Pick<ReadLesion, 'measurement' | 'diameterMm'>,
  { patient, nodules, taken }: GuidelineRecord,
  language: 'en' | 'zh-CN',
): readonly string[] {
  const accepted = taken[TrackingUID];
  if (accepted === undefined) return [];
  const input = guidelineInput(lesion, patient, nodules[TrackingUID]);
  const [lung, flei] = [lungRads(input), fleischner(input)];
  const lines = [
    ...(lung.outcome === 'result' && lung.category === accepted.lungRads
      ? [`${lungRadsLine(lung.category, language)}${ruleLine(lung.rule, language)}`]
      : []),
    ...(flei.outcome === 'result' && flei.category === accepted.fleischner
      ? [`${fleischnerLine(flei.category, language)}${ruleLine(flei.rule, language)}`]
      : []),
  ];
  return lines.length === 0 ? [] : [...lines, inputWords(input, language)];
}
