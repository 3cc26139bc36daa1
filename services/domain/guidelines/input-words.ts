import type { GuidelineInput } from './known-input.ts';
import { meanDiameter } from './nodule-size.ts';

type Language = 'en' | 'zh-CN';
type Told = readonly [name: string, value: string];

interface InputWords {
  readonly lead: string;
  readonly end: string;
  readonly join: string;
  readonly is: string;
  readonly yes: string;
  readonly no: string;
  readonly names: Readonly<Record<Exclude<keyof GuidelineInput, 'longAxisMm' | 'shortAxisMm'>, string>>;
  readonly values: Readonly<Record<string, string>>;
}

const EN: InputWords = {
  ...{ lead: 'Inputs: ', end: '.', join: '; ', is: ' ', yes: 'yes', no: 'no' },
  names: {
    meanDiameterMm: 'mean diameter, mm',
    density: 'density',
    solidMm: 'solid part, mm',
    screening: 'screening',
    course: 'compared with before',
    priorCategory: 'category before',
    juxtapleural: 'juxtapleural',
    benign: 'benign calcification or fat',
    suspicious: 'suspicious feature',
    incidental: 'found by chance',
    ageYears: 'age, years',
    risk: 'risk',
    multiple: 'several nodules',
    knownCancer: 'known cancer',
    immunosuppressed: 'immune deficiency',
  },
  values: {
    partSolid: 'part-solid',
    groundGlass: 'ground glass',
    baseline: 'first examination',
    slowlyGrowing: 'slowly growing',
  },
};

const ZH_CN: InputWords = {
  ...{ lead: '输入：', end: '。', join: '；', is: ' ', yes: '是', no: '否' },
  names: {
    meanDiameterMm: '平均径（mm）',
    density: '密度',
    solidMm: '实性成分（mm）',
    screening: '筛查',
    course: '与既往比较',
    priorCategory: '既往分类',
    juxtapleural: '胸膜旁',
    benign: '良性钙化或脂肪',
    suspicious: '可疑征象',
    incidental: '偶然发现',
    ageYears: '年龄（岁）',
    risk: '风险',
    multiple: '多发结节',
    knownCancer: '已知恶性肿瘤',
    immunosuppressed: '免疫缺陷',
  },
  values: {
    ...{ solid: '实性', partSolid: '部分实性', groundGlass: '磨玻璃', low: '低', high: '高' },
    ...{ baseline: '首次检查', new: '新发', stable: '稳定', growing: '增大', slowlyGrowing: '缓慢增大' },
  },
};

const LANGUAGES: Readonly<Record<Language, InputWords>> = { en: EN, 'zh-CN': ZH_CN };

/** Every input that is known, in the order of the table; what nobody has said is not in it. */
export function inputWords(input: GuidelineInput, language: Language): string {
  const words = LANGUAGES[language];
  const names = Object.keys(words.names) as (keyof InputWords['names'])[];
  const told = names.flatMap((name): Told[] => {
    const value = name === 'meanDiameterMm' ? meanDiameter(input)?.toFixed(1) : input[name];
    return value === undefined ? [] : [[words.names[name], valueWords(value, words)]];
  });
  return words.lead + told.map(([name, value]) => name + words.is + value).join(words.join) + words.end;
}

function valueWords(value: string | number | boolean, { yes, no, values }: InputWords): string {
  if (typeof value === 'boolean') return value ? yes : no;
  return values[value] ?? String(value);
}
