import { useEffect } from 'react';
import { create } from 'zustand';
import type { ComparedLesion } from './matched-lesions.ts';

type Letters = Readonly<Record<string, string>>;
const NONE: Letters = {};

const useLetters = create<{ readonly letters: Letters }>(() => ({ letters: NONE }));

/** The letter that a lesion shares with its partner in the study beside it; by TrackingUID, of both. */
export const useLetterOf = (TrackingUID: string): string | undefined =>
  useLetters(({ letters }) => letters[TrackingUID]);

/** Matched lesions have their letter on the marks of both studies for as long as they stand beside each other. */
export function useLettersOnMarks(rows: readonly ComparedLesion[]): void {
  const pairs = rows.flatMap(({ letter, now, before }) =>
    now && before ? [[now.TrackingUID, letter] as const, [before.TrackingUID, letter] as const] : [],
  );
  const told = JSON.stringify(pairs);
  useEffect(() => {
    useLetters.setState({ letters: Object.fromEntries(JSON.parse(told) as (readonly [string, string])[]) });
    return () => useLetters.setState({ letters: NONE });
  }, [told]);
}
