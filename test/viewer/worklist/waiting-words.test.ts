import { setupI18n } from '@lingui/core';
import { compileMessage } from '@lingui/message-utils/compileMessage';
import { expect, it } from 'vitest';
import { en } from '../../../viewer/locales/en.ts';
import { zhCN } from '../../../viewer/locales/zh-cn.ts';
import type { AiState } from '../../../viewer/worklist/ai-state.ts';
import { chipWords } from '../../../viewer/worklist/chip-words.ts';

const compiled = (catalogue: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(catalogue).map(([key, message]) => [key, compileMessage(message)]));
const i18n = setupI18n({ messages: { en: compiled(en), 'zh-CN': compiled(zhCN) } });

const wordsIn = (language: string, state: AiState): string => {
  i18n.activate(language);
  return chipWords(state, { t: (key, values) => i18n._(key, { ...values }), reason: () => '' }, () => 0).detail;
};
const receiving = (announced: { images: number; missing: number } | null, quietSecondsLeft: number | null = 2.4) =>
  ({ name: 'receiving', images: 131, quietSecondsLeft, announced }) as const;

it.each([
  ['en', receiving(null), '131 images, waiting 3 s for more'],
  ['en', receiving({ images: 143, missing: 12 }), '12 of 143 announced images are missing, waiting 3 s'],
  ['en', receiving({ images: 131, missing: 0 }), '131 images, waiting 3 s for more'],
  ['en', receiving(null, null), '131 images so far'],
  ['zh-CN', receiving(null), '131 幅图像，再等待 3 秒'],
  ['zh-CN', receiving({ images: 143, missing: 12 }), '已通知 143 幅图像，尚缺 12 幅，等待 3 秒'],
])('says in %s what a study waits for', (language, state, words) => {
  expect(wordsIn(language, state)).toBe(words);
});
