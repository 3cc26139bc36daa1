import { useEffect } from 'react';
import { Reader } from '../services/domain/contract/reading.ts';
import { tellPresence } from './api.ts';

/** Three times as often as a reader is forgotten. */
const BEAT_MS = 15_000;
/** Where the review keeps who reads in this browser. */
const READER_KEY = 'overread.reader';

/**
 * Tells the worklists who has the study open, as long as the screen is there. Nothing is told of a reader who has given no
 * name.
 */
export function usePresence(StudyInstanceUID: string): void {
  useEffect(() => {
    const told = { name: '' };
    // A lost word is made up for by the next, and nobody waits for it.
    const tell = (name: string, isHere: boolean) =>
      void tellPresence(StudyInstanceUID, name, isHere).catch(() => undefined);
    const leave = () => {
      if (told.name !== '') tell(told.name, false);
    };
    const beat = () => {
      const name = readerName();
      if (name !== told.name) leave();
      told.name = name;
      if (name !== '') tell(name, true);
    };
    beat();
    const timer = setInterval(beat, BEAT_MS);
    addEventListener('pagehide', leave);
    return () => {
      clearInterval(timer);
      removeEventListener('pagehide', leave);
      leave();
    };
  }, [StudyInstanceUID]);
}

function readerName(): string {
  try {
    return Reader.safeParse(JSON.parse(localStorage.getItem(READER_KEY) ?? '')).data?.name ?? '';
  } catch {
    return '';
  }
}
