import { setupI18n } from '@lingui/core';
import { compileMessage } from '@lingui/message-utils/compileMessage';
import { describe, expect, it } from 'vitest';
import { findingValues } from '../../../viewer/findings/finding-words.ts';
import { measuredWords } from '../../../viewer/findings/measured-words.ts';
import { sizeBehind, sizeValue } from '../../../viewer/findings/size-words.ts';
import { en, type MessageKey } from '../../../viewer/locales/en.ts';
import { zhCN } from '../../../viewer/locales/zh-cn.ts';
import { readLesion } from '../../support/read-lesions.ts';
import { lesionOnImage } from '../single-images.ts';

const compiled = (catalogue: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(catalogue).map(([key, message]) => [key, compileMessage(message)]));
const i18n = setupI18n({ messages: { en: compiled(en), 'zh-CN': compiled(zhCN) } });

const SIZED = ['findings.label', 'findings.announce', 'strip.title', 'preview.crop', 'add.added'] as const;
const OF_STUDY = ['state.findings.detail', 'state.partial.findings'] as const;
const finding = { index: 3, TrackingUID: '2.25.3', score: 0.5, state: 'unreviewed' } as const;

describe.each(['en', 'zh-CN'])('texts in %s', (language) => {
  const t = (key: MessageKey, values?: Readonly<Record<string, string | number>>) => {
    i18n.activate(language);
    return i18n._(key, { ...values });
  };

  it.each(SIZED)('%s says a size where there is one, and nothing in its place where there is none', (key) => {
    const said = (lesion: ReturnType<typeof readLesion>) =>
      t(key, { ...findingValues({ ...lesion, ...finding }, t), position: 1, count: 2 });
    expect(said(readLesion())).toContain('8.5 mm');
    const without = said(lesionOnImage(1, [1, 2, 3, 4]));
    expect(without).not.toMatch(/mm|NaN|null|none|, ,|，，|[,，:：] *$/);
  });

  it.each(OF_STUDY)('%s says the largest where one has a size', (key) => {
    expect(t(key, { count: 2, score: '0.91', mm: sizeValue(7) })).toContain('7.0 mm');
    expect(t(key, { count: 2, score: '0.91', mm: sizeValue(null) })).not.toMatch(/mm|NaN|none|, *$|， *$/);
  });

  it('have nothing that was measured', () => {
    expect(measuredWords(lesionOnImage(1, [1, 2, 3, 4]), t)).toBe('');
  });
});

it('stands behind something else, or not at all', () => {
  expect([sizeBehind(5.04), sizeBehind(null)]).toEqual([' · 5.0 mm', '']);
});
