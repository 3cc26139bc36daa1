import { join } from 'node:path';
import { contentProblem } from '../domain/check-content.ts';
import type { ReadingContent } from '../domain/contract/reading.ts';
import type { ReadingStore } from '../domain/reading-ports.ts';
import { isUndecided } from '../domain/review.ts';
import type { AnalysisInput } from '../domain/run.ts';
import type { SeriesKey } from '../domain/study.ts';
import { changing, type HeldReading, type NextReading, signed } from './change-reading.ts';
import type { Store } from './connect.ts';
import { currentRuns, judged, readableStudy } from './readable-study.ts';
import { readReading } from './reading-rows.ts';
import { signReading } from './sign-reading.ts';

/** What readers decide. Every change names the revision it was made on; of several made on one exactly one is made. */
export function readingStore(
  store: Store,
  { instanceDirectory }: { readonly instanceDirectory: string },
): ReadingStore {
  return {
    reading: (uid) => readReading(store.database, uid),
    saveDraft: (change, content) => changing(store, change, (held) => saveDraft(held, content)),
    reveal: (change) => changing(store, change, reveal),
    sign: (change) => changing(store, change, (held) => signReading(held, change)),
    amend: (change) => changing(store, change, amend),
    imagesOf: (key) => imagesOf(store, instanceDirectory, key),
  };
}

async function saveDraft({ transaction, change, current }: HeldReading, content: ReadingContent): Promise<NextReading> {
  if (current.state === 'SIGNED') return { refused: signed(current) };
  const { StudyInstanceUID } = change;
  const runs = await currentRuns(transaction, StudyInstanceUID);
  const problem = contentProblem(content, await readableStudy(transaction, StudyInstanceUID, content, runs));
  if (problem !== undefined) return { refused: { code: 'READING_INVALID', detail: problem } };
  const state = isUndecided(content) && current.reports.length === 0 ? 'OPEN' : 'DRAFT';
  return { action: 'SAVE', state, content, judgedRuns: judged(runs) };
}

/** Said twice it is said once: the first time counts. */
async function reveal({ transaction, change, current, judgedRuns }: HeldReading): Promise<NextReading> {
  if (current.state === 'SIGNED') return { refused: signed(current) };
  const { state, content } = current;
  const seen = judgedRuns ?? judged(await currentRuns(transaction, change.StudyInstanceUID));
  return { action: 'REVEAL', state, content, judgedRuns: seen, revealed: current.revealedAt === null };
}

async function amend({ current, judgedRuns = [] }: HeldReading): Promise<NextReading> {
  if (current.state !== 'SIGNED')
    return { refused: { code: 'READING_NOT_SIGNED', detail: 'only a signed reading is amended', current } };
  return { action: 'AMEND', state: 'DRAFT', content: current.content, judgedRuns };
}

async function imagesOf({ database }: Store, directory: string, key: SeriesKey): Promise<readonly AnalysisInput[]> {
  const rows = await database
    .selectFrom('instance')
    .select(['path', 'sha256', 'SeriesInstanceUID', 'SOPInstanceUID', 'SOPClassUID', 'TransferSyntaxUID'])
    .where('StudyInstanceUID', '=', key.StudyInstanceUID)
    .where('SeriesInstanceUID', '=', key.SeriesInstanceUID)
    .orderBy('InstanceNumber')
    .orderBy('SOPInstanceUID')
    .execute();
  return rows.map(({ path, ...input }) => ({ ...input, file: join(directory, path) }));
}
