import { useEffect } from 'react';
import type { ReadingContent } from '../../services/domain/contract/reading.ts';
import { useReview } from '../review/use-review.ts';
import { type ComparedLesion, measured } from './matched-lesions.ts';
import type { PriorStudy } from './prior-studies.ts';

/** What was matched on screen goes into the record of the reading; `undefined` while the studies are not aligned yet. */
export function useKeptComparison(
  rows: readonly ComparedLesion[] | undefined,
  { StudyInstanceUID, StudyDate }: PriorStudy,
): void {
  const { session } = useReview();
  const kept = rows && JSON.stringify(recordOf(rows, StudyInstanceUID, StudyDate));
  useEffect(() => {
    if (kept !== undefined) session.send({ type: 'compared', ...(JSON.parse(kept) as ReturnType<typeof recordOf>) });
  }, [session, kept]);
}

function recordOf(rows: readonly ComparedLesion[], StudyInstanceUID: string, StudyDate: string) {
  const comparisons: NonNullable<ReadingContent['comparisons']> = {};
  for (const { now, before } of rows)
    if (now && before)
      comparisons[now.TrackingUID] = {
        ...{ StudyInstanceUID, StudyDate, TrackingUID: before.TrackingUID },
        ...measured(before),
      };
  return { of: rows.flatMap(({ now }) => now?.TrackingUID ?? []), comparisons };
}
