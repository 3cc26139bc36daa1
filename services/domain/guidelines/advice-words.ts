import type { FleischnerCategory } from './fleischner.ts';
import type { LungRadsCategory } from './lung-rads.ts';

/** Both languages of what a guideline advises, in words of ours: they go into summaries, so the server has them too. */
interface Phrase {
  readonly en: string;
  readonly 'zh-CN': string;
}

const SCREEN_12: Phrase = { en: 'low-dose CT in 12 months', 'zh-CN': '12 个月后低剂量 CT' };

const LUNG_RADS: Readonly<Record<LungRadsCategory, Phrase>> = {
  '1': SCREEN_12,
  '2': SCREEN_12,
  '3': { en: 'low-dose CT in 6 months', 'zh-CN': '6 个月后低剂量 CT' },
  '4A': {
    en: 'low-dose CT in 3 months; PET/CT may be considered from 8 mm of solid tissue',
    'zh-CN': '3 个月后低剂量 CT；实性成分 ≥ 8 mm 时可考虑 PET/CT',
  },
  '4B': {
    en: 'refer for clinical evaluation: diagnostic CT, PET/CT from 8 mm of solid tissue, or tissue sampling',
    'zh-CN': '转临床进一步评估：诊断性 CT、实性成分 ≥ 8 mm 时 PET/CT，或组织活检',
  },
  '4X': {
    en: 'refer for clinical evaluation: diagnostic CT, PET/CT from 8 mm of solid tissue, or tissue sampling',
    'zh-CN': '转临床进一步评估：诊断性 CT、实性成分 ≥ 8 mm 时 PET/CT，或组织活检',
  },
};

const FLEISCHNER: Readonly<Record<FleischnerCategory, Phrase>> = {
  noFollowUp: { en: 'no routine follow-up', 'zh-CN': '无需常规随访' },
  optional12: { en: 'optional CT at 12 months', 'zh-CN': '可选择 12 个月复查 CT' },
  ct6to12Consider18to24: {
    en: 'CT at 6 to 12 months, then consider CT at 18 to 24 months',
    'zh-CN': '6–12 个月复查 CT，之后可考虑 18–24 个月 CT',
  },
  ct6to12Then18to24: {
    en: 'CT at 6 to 12 months, then at 18 to 24 months',
    'zh-CN': '6–12 个月复查 CT，之后 18–24 个月 CT',
  },
  consider3PetTissue: {
    en: 'consider CT at 3 months, PET/CT or tissue sampling',
    'zh-CN': '考虑 3 个月 CT、PET/CT 或组织活检',
  },
  ct3to6Consider18to24: {
    en: 'CT at 3 to 6 months, then consider CT at 18 to 24 months',
    'zh-CN': '3–6 个月复查 CT，之后可考虑 18–24 个月 CT',
  },
  ct3to6Then18to24: {
    en: 'CT at 3 to 6 months, then at 18 to 24 months',
    'zh-CN': '3–6 个月复查 CT，之后 18–24 个月 CT',
  },
  ct6to12ThenEvery2Years: {
    en: 'CT at 6 to 12 months to confirm that it persists, then every 2 years until 5 years',
    'zh-CN': '6–12 个月 CT 确认是否持续存在，之后每 2 年一次至 5 年',
  },
  ct3to6ThenYearly: {
    en: 'CT at 3 to 6 months to confirm that it persists; if unchanged and its solid part stays below 6 mm, yearly for 5 years',
    'zh-CN': '3–6 个月 CT 确认是否持续存在；若无变化且实性成分 < 6 mm，每年一次共 5 年',
  },
  ct3to6Consider2And4Years: {
    en: 'CT at 3 to 6 months; if stable, consider CT at 2 and 4 years',
    'zh-CN': '3–6 个月复查 CT；若稳定，可考虑第 2、4 年 CT',
  },
  ct3to6MostSuspicious: {
    en: 'CT at 3 to 6 months, then by the most suspicious nodule',
    'zh-CN': '3–6 个月复查 CT，之后按最可疑结节处理',
  },
};

type AdviceLanguage = keyof Phrase;

export const lungRadsWords = (category: LungRadsCategory, language: AdviceLanguage): string =>
  LUNG_RADS[category][language];
export const fleischnerWords = (category: FleischnerCategory, language: AdviceLanguage): string =>
  FLEISCHNER[category][language];

const CALCULATED: Phrase = { en: 'calculated, not AI', 'zh-CN': '计算得出，非 AI' };

/** The line of a summary: only what a reader has taken over stands there. */
export const lungRadsLine = (category: LungRadsCategory, language: AdviceLanguage): string =>
  language === 'en'
    ? `Lung-RADS v2022 category ${category} (${CALCULATED.en}): ${lungRadsWords(category, language)}.`
    : `Lung-RADS v2022 ${category} 类（${CALCULATED[language]}）：${lungRadsWords(category, language)}。`;

export const fleischnerLine = (category: FleischnerCategory, language: AdviceLanguage): string =>
  language === 'en'
    ? `Fleischner 2017 (${CALCULATED.en}): ${fleischnerWords(category, language)}.`
    : `Fleischner 2017（${CALCULATED[language]}）：${fleischnerWords(category, language)}。`;

/** The parts of a rule in Chinese; sizes stay as they are. */
const RULE_PARTS: Readonly<Record<string, string>> = {
  solid: '实性',
  'part-solid': '部分实性',
  'ground glass': '磨玻璃',
  subsolid: '亚实性',
  juxtapleural: '胸膜旁',
  'benign calcification or fat': '良性钙化或脂肪',
  single: '单发',
  several: '多发',
  baseline: '首次检查',
  new: '新发',
  growing: '增大',
  'slowly growing': '缓慢增大',
  stable: '稳定',
  'baseline or new': '首次检查或新发',
  'stable or slowly growing': '稳定或缓慢增大',
  'solid part new or growing': '实性成分新发或增大',
  'low risk': '低风险',
  'high risk': '高风险',
  'suspicious feature': '可疑征象',
  'category 2 before': '既往 2 类',
  'category 3 before': '既往 3 类',
  'category 4A before': '既往 4A 类',
  'stable or smaller after 6 months': '6 个月后稳定或缩小',
  'stable or smaller after 3 months': '3 个月后稳定或缩小',
};

const sizePart = (part: string): string =>
  part.replace('solid part', '实性成分').replace(' in total', '（总径）').replace(' to ', ' 至 ');

/** A rule that fired, in words of the language. */
export const ruleWords = (rule: string, language: AdviceLanguage): string =>
  language === 'en'
    ? rule
    : rule
        .split(', ')
        .map((part) => RULE_PARTS[part] ?? sizePart(part))
        .join('，');

/** The rule that fired, as a sentence after the advice. */
export const ruleLine = (rule: string, language: AdviceLanguage): string =>
  language === 'en' ? ` Rule: ${rule}.` : `规则：${ruleWords(rule, language)}。`;
