import { setupI18n } from '@lingui/core';
import { compileMessageOrThrow } from '@lingui/message-utils/compileMessage';
import { describe, expect, it } from 'vitest';
import { ShownAiState } from '../../../services/domain/ai-state.ts';
import { en } from '../../../viewer/locales/en.ts';
import { reasonIn } from '../../../viewer/locales/languages.ts';
import { zhCN } from '../../../viewer/locales/zh-cn.ts';
import { AI_STATES, aiStates, studyState } from '../../../viewer/worklist/ai-state.ts';
import { chipWords, type Text } from '../../../viewer/worklist/chip-words.ts';
import { detail, run, study } from '../../support/fake-studies.ts';

const statesOf = (of: Parameters<typeof aiStates>[0]) => aiStates(of).map(({ state }) => state);
const at = '2026-11-23T09:30:00.000Z';

/** A row of each state as the server says it, and one whose findings are masked. */
const rows = ShownAiState.options.map((aiState) => ({
  ...detail(study('1.2'), [
    run({ state: 'FINDINGS', findingCount: 3, largestMm: 9.2, topScore: 0.9 }),
    run({ state: 'NO_FINDINGS', belowCount: 2 }),
    run({ state: 'FAILED', reason: { code: 'DEADLINE', params: { seconds: 9 } }, withdrawnAt: at }),
    run({ state: 'NOT_ANALYSABLE', reason: { code: 'OUT_OF_SCOPE', params: {} } }),
    run({ state: 'WAITING', queuePosition: 4 }),
    run({ state: 'RUNNING' }),
  ]).study,
  ...{
    aiState,
    receiving: aiState === 'receiving',
    reading: { state: 'SIGNED' as const, reader: 'Li^Na', changedAt: at },
  },
}));

describe.each(['en', 'zh-CN'] as const)('a row (%s)', (language) => {
  const catalogue = language === 'en' ? en : zhCN;
  const messages = Object.entries(catalogue).map(([key, message]) => [key, compileMessageOrThrow(message)]);
  const i18n = setupI18n({ locale: language, messages: { [language]: Object.fromEntries(messages) } });
  const text: Text = {
    t: (key, values) => i18n._(key, values ? { ...values } : undefined),
    reason: (reason) => (reason ? reasonIn(language, reason) : 'no reason'),
  };

  it('says each of the eleven states, and that a result is hidden, in words of its own', () => {
    const words = rows.map((row) => chipWords(studyState(row), text, () => 40).title);
    expect(new Set(words).size).toBe(12);
    const spoken = rows.map((row) => studyState(row).name);
    expect(new Set(spoken)).toEqual(new Set(AI_STATES));
  });

  it('says what was marked only where the reader may know it', () => {
    const hidden = rows.find(({ aiState }) => aiState === 'hidden');
    const { title, detail: facts } = chipWords(hidden ? studyState(hidden) : { name: 'hidden' }, text, () => 40);
    expect(`${title} ${facts}`).not.toMatch(/\d/);
    const masked = detail(study('1.2'), [run({ hidden: true, state: 'FINDINGS' }), run({ state: 'FAILED' })]).study;
    const partial = chipWords(studyState({ ...masked, aiState: 'partial' }), text, () => 40);
    expect(partial.detail).not.toMatch(/\d/);
  });
});

describe('AI state of a run', () => {
  it('is never blank: a study without a run is received or waits', () => {
    expect(statesOf(study('1.2', { receiving: true, quietSecondsLeft: 4 }))).toEqual([
      { name: 'receiving', images: 133, quietSecondsLeft: 4, announced: null },
    ]);
    expect(statesOf(study('1.2'))).toMatchObject([{ name: 'waiting' }]);
  });

  it.each(['FINDINGS', 'NO_FINDINGS', 'NOT_ANALYSABLE'] as const)(
    'calls %s outdated when images came later',
    (state) => {
      const { study: row } = detail(study('1.2'), [run({ state, newInstances: 2 })]);
      expect(statesOf(row)).toEqual([{ name: 'outdated', newInstances: 2 }]);
    },
  );

  it('keeps a failure a failure, whatever came later: it is no result that could be outdated', () => {
    const { study: row } = detail(study('1.2'), [run({ state: 'FAILED', newInstances: 2 })]);
    expect(statesOf(row)).toEqual([{ name: 'failed', reason: null }]);
  });

  it('is hidden for a masked run, whether or not it found anything', () => {
    const { study: row } = detail(study('1.2'), [run({ state: 'FINDINGS', hidden: true })]);
    expect(statesOf(row)).toEqual([{ name: 'hidden' }]);
  });

  it('shows each model of a study by itself', () => {
    const { study: row } = detail(study('1.2'), [run({ findingCount: 2 }), run({ state: 'FAILED' })]);
    expect(statesOf(row).map(({ name }) => name)).toEqual(['findings', 'failed']);
  });
});
