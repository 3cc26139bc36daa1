import { expect, it } from 'vitest';
import { AppError } from '../../services/domain/errors.ts';
import { type SilentStudy, senderCounts } from '../../services/pipeline/count-at-senders.ts';
import { fakeContext } from '../support/fake-context.ts';

const study = (uid: string, lastArrivalMs = 0): SilentStudy => ({
  ...{ StudyInstanceUID: uid, AETitle: 'SENDER', lastArrivalAt: new Date(lastArrivalMs) },
});

function counter(answers: () => Promise<number> = async () => 3) {
  const state = { nowMs: 0, silent: [study('1.2')] as readonly SilentStudy[], asked: 0, said: 0 };
  const context = fakeContext();
  const turn = senderCounts(context, {
    senders: ['SENDER'],
    silentStudies: async () => state.silent,
    countAt: async ({ StudyInstanceUID }) => {
      state.asked += 1;
      const instances = await answers();
      const series = [{ StudyInstanceUID, SeriesInstanceUID: '1.3', Modality: 'CT', instances }];
      return { source: 'query', AETitle: 'SENDER', series };
    },
    announce: async () => {
      state.said += 1;
    },
    nowMs: () => state.nowMs,
  });
  return { state, context, turn };
}

it('asks once for each silence, and again while it lasts', async () => {
  const { state, turn } = counter();
  await turn();
  await turn();
  expect(state).toMatchObject({ asked: 1, said: 1 });
  state.silent = [study('1.2', 5)];
  await turn();
  expect(state.asked).toBe(2);
  state.nowMs = 4000;
  await turn();
  expect(state.asked).toBe(3);
});

it('leaves a sender in peace that does not answer, for a minute', async () => {
  const { state, context, turn } = counter(async () => {
    throw new AppError('PACS_UNREACHABLE', 'no');
  });
  await turn();
  state.silent = [study('1.2', 5), study('1.3')];
  await turn();
  expect(state).toMatchObject({ asked: 1, said: 0 });
  expect(context.events).toEqual(['sender.not-counted']);
  state.nowMs = 61_000;
  await turn();
  expect(state.asked).toBeGreaterThan(1);
});

it('a bug is not taken for a sender that is away', async () => {
  const { turn } = counter(async () => {
    throw new TypeError('bug');
  });
  await expect(turn()).rejects.toThrow('bug');
});
