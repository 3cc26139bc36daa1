/** A reader who was not heard of for so long has gone. */
const EXPIRES_MS = 45_000;
const SWEEP_MS = 5_000;
/** Names come from strangers: neither many studies nor many readers of one fill the memory. */
const MAX_STUDIES = 5000;
const MAX_READERS = 20;

export interface Presence {
  /** Who has the study open, by name. */
  readersOf(StudyInstanceUID: string): readonly string[];
  here(StudyInstanceUID: string, reader: string): void;
  gone(StudyInstanceUID: string, reader: string): void;
  close(): void;
}

/**
 * Which readers have which study open: in the memory of one web server, and only as long as their browsers say so. `changed`
 * is told when a reader comes to a study or leaves it.
 */
export function presence(
  changed: (StudyInstanceUID: string, readers: number) => void,
  { expiresMs = EXPIRES_MS, sweepMs = SWEEP_MS, now = Date.now } = {},
): Presence {
  const studies = new Map<string, Map<string, number>>();

  const leave = (uid: string, readers: Map<string, number>, reader: string) => {
    if (!readers.delete(reader)) return;
    if (readers.size === 0) studies.delete(uid);
    changed(uid, readers.size);
  };
  const sweep = () => {
    for (const [uid, readers] of studies) {
      for (const [reader, until] of readers) if (until <= now()) leave(uid, readers, reader);
    }
  };
  const timer = setInterval(sweep, sweepMs);
  timer.unref();

  return {
    readersOf: (uid) => [...(studies.get(uid)?.keys() ?? [])].sort(),
    here(uid, reader) {
      const readers = studies.get(uid) ?? new Map<string, number>();
      const isNew = !readers.has(reader);
      if (isNew && (readers.size >= MAX_READERS || (readers.size === 0 && studies.size >= MAX_STUDIES))) return;
      readers.set(reader, now() + expiresMs);
      studies.set(uid, readers);
      if (isNew) changed(uid, readers.size);
    },
    gone(uid, reader) {
      const readers = studies.get(uid);
      if (readers) leave(uid, readers, reader);
    },
    close: () => clearInterval(timer),
  };
}
