import { describe, expect, it } from 'vitest';
import { AppError } from '../../services/domain/errors.ts';
import type { Answer } from '../../services/domain/pull/answer.ts';
import type { FoundStudy } from '../../services/domain/pull/ports.ts';
import { WatchFile } from '../../services/domain/pull/watch-file.ts';
import { type PollPorts, pollWatch } from '../../services/pipeline/poll-watch.ts';
import { fakeContext } from '../support/fake-context.ts';

const HOUR_MS = 3_600_000;
const [WATCH] = WatchFile.parse({
  watches: [{ name: 'w', peer: 'p', overlapHours: 48, lookbackHours: 240, keys: { ModalitiesInStudy: 'CT' } }],
}).watches;
if (WATCH === undefined) throw new Error('no watch');

/** An archive in memory: studies by their date; and a store that keeps the mark, and what was found. */
function archive(studies: { uid: string; day: string; modality?: string }[]) {
  const state: {
    mark?: Date;
    failures: number;
    broken?: 'before' | 'in the middle';
    asked: string[];
    found: FoundStudy[];
  } = {
    failures: 0,
    asked: [],
    found: [],
  };
  const now = { at: new Date(2026, 0, 10, 12) };
  const ports: PollPorts = {
    archive: {
      async *find(_by, _level, keys): AsyncGenerator<Answer> {
        const [from = ''] = (keys.StudyDate ?? '').split('-');
        state.asked.push(keys.StudyDate ?? '');
        if (state.broken === 'before') throw new AppError('PACS_UNREACHABLE', 'no association');
        for (const { uid, modality = 'CT' } of studies.filter((each) => each.day >= from)) {
          yield { StudyInstanceUID: [uid], ModalitiesInStudy: [modality], NumberOfStudyRelatedInstances: ['7'] };
          if (state.broken === 'in the middle') throw new AppError('ASSOCIATION_ABORTED', 'association closed');
        }
      },
    },
    now: () => now.at,
    watchMark: async (_name, initial) => (state.mark ??= initial),
    saveAnswers: async (_found, found, mark) => {
      Object.assign(state, { mark, failures: 0 });
      state.found.push(...found);
    },
    watchFailed: async () => {
      state.failures += 1;
      return state.failures;
    },
  };
  return {
    state,
    poll: () => pollWatch(fakeContext(), ports, WATCH as NonNullable<typeof WATCH>),
    later: (hours: number) => {
      now.at = new Date(now.at.getTime() + hours * HOUR_MS);
    },
    uids: () => [...new Set(state.found.map(({ StudyInstanceUID }) => StudyInstanceUID))],
  };
}

describe('the mark of a watch', () => {
  it('begins as far back as the settings say, then an overlap before the last query', async () => {
    const { state, poll, later } = archive([]);
    await poll();
    later(1);
    await poll();
    expect(state.asked).toEqual(['20251231-', '20260108-']);
  });

  it('a study that comes late is found, as long as its date lies within the overlap', async () => {
    const studies = [{ uid: '1.1', day: '20260110' }];
    const { poll, later, uids } = archive(studies);
    await poll();
    later(20);
    studies.push({ uid: '1.2', day: '20260109' }, { uid: '1.3', day: '20251201' });
    await poll();
    expect(uids()).toEqual(['1.1', '1.2']);
  });

  it('a study that is dated in the future hides nobody', async () => {
    const studies = [{ uid: '1.1', day: '20270101' }];
    const { poll, later, uids } = archive(studies);
    await poll();
    later(1);
    studies.push({ uid: '1.2', day: '20260110' });
    await poll();
    expect(uids()).toEqual(['1.1', '1.2']);
  });

  it('stays where it is while the peer is down, and while its answer breaks off: nothing is missed', async () => {
    const studies = [
      { uid: '1.1', day: '20260112' },
      { uid: '1.2', day: '20260113' },
    ];
    const { state, poll, later, uids } = archive(studies);
    await poll();
    for (const broken of ['before', 'in the middle'] as const) {
      state.broken = broken;
      later(100);
      await poll();
    }
    expect(state).toMatchObject({ failures: 2, mark: new Date(2026, 0, 10, 12) });
    delete state.broken;
    await poll();
    expect(state.asked.at(-1)).toBe('20260108-');
    expect(uids()).toEqual(['1.1', '1.2']);
  });

  it('pauses longer with each failure, and not for ever', async () => {
    const { state, poll } = archive([]);
    state.broken = 'before';
    const pauses: number[] = [];
    for (let tries = 0; tries < 6; tries += 1) pauses.push(await poll());
    expect(pauses).toEqual([60, 120, 240, 480, 900, 900]);
  });
});

it('a match that does not fulfil the keys, or names no study, is none', async () => {
  const { poll, uids } = archive([
    { uid: '1.1', day: '20260110', modality: 'MR' },
    { uid: '../../etc', day: '20260110' },
    { uid: '1.2', day: '20260110' },
  ]);
  await poll();
  expect(uids()).toEqual(['1.2']);
});
