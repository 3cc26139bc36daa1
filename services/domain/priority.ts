import { z } from 'zod';

/** How urgent a person, or the order of the study, says it is. The words of Requested Procedure Priority (0040,1003). */
export const StudyPriority = z.enum(['STAT', 'HIGH', 'ROUTINE']);
export type StudyPriority = z.infer<typeof StudyPriority>;

/** Places in the queue of analyses, 1 (first) to 100: what is urgent for a reader is analysed first. */
// biome-ignore format: a table
export const QUEUE_PLACE: Readonly<Record<StudyPriority, number>> = { STAT: 10, HIGH: 30, ROUTINE: 50 };

/** What a model gave, as far as the order of the worklist asks. */
export interface AiUrgency {
  /** Any finding at or above the operating point. */
  readonly hasFindings: boolean;
  /** 0..1, of those findings. */
  readonly topScore: number;
  /** One of them is of a class that cannot wait, see `ACUTE_LABELS`. */
  readonly acute: boolean;
}

/** Classes of findings that cannot wait, as words in the label of a finding; matched without regard to case. */
export const ACUTE_LABELS = [
  'haemorrhage',
  'hemorrhage',
  'pneumothorax',
  'embolism',
  'dissection',
  'perforation',
] as const;

/** A finding at or above this score makes a study AI-critical, whatever its class. */
const CRITICAL_SCORE = 0.9;

/** Minutes: what each ground lets a study go ahead of others. Their sum is bounded, and so is every wait. */
const HIGH_MINUTES = 480;
const ACUTE_MINUTES = 480;
const FINDING_MINUTES = 60;
const SCORE_MINUTES = 180;

/** No study that arrives later than this after another goes ahead of it, unless it is STAT. */
export const MAX_HEAD_START_MINUTES = HIGH_MINUTES + ACUTE_MINUTES;

export const isAiCritical = ({ hasFindings, topScore, acute }: AiUrgency): boolean =>
  hasFindings && (acute || topScore >= CRITICAL_SCORE);

/** Minutes by which the result of the models moves a study forward: 0 without findings, at most 480. */
export function aiHeadStartMinutes({ hasFindings, topScore, acute }: AiUrgency): number {
  if (!hasFindings) return 0;
  return acute ? ACUTE_MINUTES : FINDING_MINUTES + SCORE_MINUTES * topScore;
}

/**
 * The place of a study in the worklist: STAT stands first; then the smallest `queueAt`, which is when the study came in,
 * less its head start (ms since the epoch). Waiting a minute is worth as much as a minute of head start, so the order of
 * two studies never changes by itself, and a study without any finding is at most `MAX_HEAD_START_MINUTES` behind.
 */
export function placeInQueue(
  priority: StudyPriority,
  arrivedAt: number,
  ai: AiUrgency,
): { readonly isStat: boolean; readonly queueAt: number } {
  const minutes = (priority === 'HIGH' ? HIGH_MINUTES : 0) + aiHeadStartMinutes(ai);
  return { isStat: priority === 'STAT', queueAt: arrivedAt - minutes * 60_000 };
}
