import type { Context } from '../domain/context.ts';
import { AppError } from '../domain/errors.ts';
import { type Answer, countOf, firstOf, fulfils } from '../domain/pull/answer.ts';
import type { Archive, FoundStudy, PullStore } from '../domain/pull/ports.ts';
import { daysSince } from '../domain/pull/study-date.ts';
import type { Watch } from '../domain/pull/watch-file.ts';
import { Uid } from '../domain/uid.ts';

export interface PollPorts extends Pick<PullStore, 'watchMark' | 'saveAnswers' | 'watchFailed'> {
  readonly archive: Pick<Archive, 'find'>;
  now(): Date;
}

/** More matches than this are no answer to a question about one day. */
const MAX_MATCHES = 20_000;
const LONGEST_PAUSE_SECONDS = 900;
const HOUR_MS = 3_600_000;
const UNEXPECTED = { code: 'INTERNAL', message: 'an unexpected error: the log has it' };

const ASKED = {
  StudyInstanceUID: '',
  StudyTime: '',
  ModalitiesInStudy: '',
  StudyDescription: '',
  NumberOfStudyRelatedInstances: '',
};

/**
 * One query of a watch. The mark moves to the beginning of this query when, and only when, it was answered to its end and all
 * of it is kept; the next query begins an overlap before the mark, so that a study which comes late is found too. Answers with
 * the seconds until the next query.
 */
export async function pollWatch({ log, metrics, signal }: Context, ports: PollPorts, watch: Watch): Promise<number> {
  const { name, by, keys, everySeconds, lookbackHours, overlapHours } = watch;
  const askedAt = ports.now();
  // What lies behind the first mark is asked for by its overlap, as it is behind every other.
  const first = new Date(askedAt.getTime() - Math.max(0, lookbackHours - overlapHours) * HOUR_MS);
  const mark = await ports.watchMark(name, first);
  try {
    const asked = { ...ASKED, ...keys, StudyDate: daysSince(mark, overlapHours) };
    const studies = await metrics.time('pull_query', () => foundStudies(ports.archive.find(by, 'STUDY', asked), keys));
    await ports.saveAnswers(
      { peer: watch.peer, by: name, how: watch.fetch, asPrior: false, rank: 0 },
      studies,
      askedAt,
    );
    log.info('watch.answered', { watch: name, matches: studies.length });
    return everySeconds;
  } catch (error) {
    if (signal.aborted) return everySeconds;
    if (!(error instanceof AppError)) log.error('pull.bug', error, { watch: name });
    const { code, message } = error instanceof AppError ? error : UNEXPECTED;
    const failures = await ports.watchFailed(name, `${code}: ${message}`);
    const pauseSeconds = Math.min(LONGEST_PAUSE_SECONDS, everySeconds * 2 ** Math.min(failures - 1, 10));
    log.warn('watch.failed', { watch: name, code, comment: message, failures, pauseSeconds });
    return Math.max(everySeconds, pauseSeconds);
  }
}

async function foundStudies(answers: AsyncIterable<Answer>, keys: Watch['keys']): Promise<readonly FoundStudy[]> {
  const found = new Map<string, FoundStudy>();
  for await (const answer of answers) {
    const StudyInstanceUID = firstOf(answer, 'StudyInstanceUID');
    if (!Uid.safeParse(StudyInstanceUID).success || !fulfils(answer, keys)) continue;
    found.set(StudyInstanceUID, { StudyInstanceUID, announced: countOf(answer, 'NumberOfStudyRelatedInstances') });
    if (found.size > MAX_MATCHES)
      throw new AppError('TOO_MANY_MATCHES', `more than ${MAX_MATCHES} studies match: narrow the keys of the watch`);
  }
  return [...found.values()];
}
