import { type Messages, setupI18n } from '@lingui/core';
import { compileMessage } from '@lingui/message-utils/compileMessage';
import { useLingui } from '@lingui/react';
import { useMemo } from 'react';
import type { Reason } from '../../services/domain/reason.ts';
import { type Catalogue, en } from './en.ts';
import { isLanguage, type Language, reasonIn } from './languages.ts';
import type { Translate } from './translate.ts';
import { zhCN } from './zh-cn.ts';

const STORAGE_KEY = 'overread.language';

/** Catalogues are small and ICU: they are compiled when the page loads, without `eval`. */
const compiled = (catalogue: Catalogue): Messages =>
  Object.fromEntries(Object.entries(catalogue).map(([key, message]) => [key, compileMessage(message)])) as Messages;

export const i18n = setupI18n({ messages: { en: compiled(en), 'zh-CN': compiled(zhCN) } });

/** The reader's choice when there is one, else the language of the browser. */
export function startLanguage(): void {
  const stored = localStorage.getItem(STORAGE_KEY);
  const preferred = navigator.language.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en';
  activate(isLanguage(stored) ? stored : preferred);
}

export function chooseLanguage(language: Language): void {
  localStorage.setItem(STORAGE_KEY, language);
  activate(language);
}

function activate(language: Language): void {
  i18n.activate(language);
  document.documentElement.lang = language;
}

export interface Text {
  readonly t: Translate;
  readonly language: Language;
  /** A reason with its numbers filled in; an unknown number shows as `?`, never as nothing. */
  reason(reason: Reason | null): string;
}

/** The words of the current language; the component renders again when it changes. */
export function useText(): Text {
  const { i18n: current } = useLingui();
  const language: Language = isLanguage(current.locale) ? current.locale : 'en';
  // The same functions until the language changes: effects depend on them.
  return useMemo(() => {
    const t: Translate = (key, values) => current._(key, values ? { ...values } : undefined);
    return { t, language, reason: (reason) => (reason ? reasonIn(language, reason) : t('state.noReason')) };
  }, [current, language]);
}
