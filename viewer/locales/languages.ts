import { type Reason, reasonTemplate } from '../../services/domain/reason.ts';
import { zhCNReasons } from './zh-cn-reasons.ts';

/** Each language by its BCP 47 tag, named in itself. */
export const LANGUAGES = [
  { tag: 'en', name: 'English', short: 'EN' },
  { tag: 'zh-CN', name: '中文', short: '中文' },
] as const;
export type Language = (typeof LANGUAGES)[number]['tag'];

export const isLanguage = (tag: string | null): tag is Language => LANGUAGES.some((language) => language.tag === tag);

/** A reason with its numbers filled in; an unknown number shows as `?`, never as nothing. */
export function reasonIn(language: Language, { code, params }: Reason): string {
  const template = language === 'zh-CN' ? zhCNReasons[code] : reasonTemplate(code);
  return template.replace(/\{(\w+)\}/g, (_all, name: string) => String(params[name] ?? '?'));
}
