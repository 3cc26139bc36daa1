import type { LesionDensity } from '../finding.ts';
import type { Growth } from '../growth.ts';
import type { SummaryState } from './reading-summary.ts';

export type SummaryLanguage = 'en' | 'zh-CN';

type Side = 'left' | 'right' | null;

/** What became of a lesion since an earlier study, each figure as it is printed. */
export interface GrowthWords {
  readonly since: string;
  readonly mm: string;
  readonly percent: string;
  readonly doubling: { readonly days: string; readonly low: string; readonly high: string } | undefined;
  readonly without: Growth['without'];
}

/** The sentence patterns of one language. */
export interface SummaryWords {
  readonly none: string;
  readonly title: (count: number) => string;
  readonly what: (density: LesionDensity | null, label: string, side: Side) => string;
  readonly axes: (long: string, short: string, mean: string) => string;
  readonly diameter: (mm: string) => string;
  readonly volume: (mm3: string) => string;
  readonly solidPart: (mm: string) => string;
  readonly pleura: (mm: string) => string;
  readonly image: (number: number) => string;
  /** `days` and bounds as text; `high` is empty where it has no end. */
  readonly growth: (change: GrowthWords) => string;
  readonly state: Readonly<Record<SummaryState, string>>;
  readonly whole: (what: string, facts: readonly string[], state: string) => string;
}

const EN_DENSITY = { solid: 'solid', partSolid: 'part-solid', groundGlass: 'ground-glass' } as const;
const ZH_DENSITY = { solid: '实性', partSolid: '部分实性', groundGlass: '磨玻璃' } as const;

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

const bounds = ({ low, high }: { low: string; high: string }, to: string, open: string): string =>
  high === '' ? `${low} ${open}` : `${low} ${to} ${high}`;

const EN: SummaryWords = {
  none: 'The reader has accepted or added no finding.',
  title: (count) => (count === 1 ? 'Findings: 1.' : `Findings: ${count}.`),
  what: (density, label, side) => {
    const [noun, place] = label === 'nodule' ? ['nodule', `${side} lung`] : [label, `${side} side`];
    const named = density ? `${EN_DENSITY[density]} ${noun}` : noun;
    return `${label === 'nodule' ? capital(named) : named}, ${side === null ? 'side not determined' : place}`;
  },
  axes: (long, short, mean) => `${long} mm x ${short} mm (mean ${mean} mm)`,
  diameter: (mm) => `diameter ${mm} mm`,
  volume: (mm3) => `volume ${mm3} mm3`,
  solidPart: (mm) => `solid part ${mm} mm`,
  pleura: (mm) => `${mm} mm from the pleura`,
  image: (number) => `instance number ${number}`,
  growth: ({ since, mm, percent, doubling, without }) => {
    const change = `since ${since === '' ? 'the prior' : since}: mean diameter ${mm} mm, volume ${percent} %`;
    if (doubling) return `${change}, doubling time ${doubling.days} days (${bounds(doubling, 'to', 'or more')})`;
    return without === 'noChange' ? `${change} (within the error of measuring, 25 %)` : change;
  },
  state: {
    accepted: 'AI finding, accepted',
    edited: 'AI finding, changed by the reader',
    added: 'added by the reader',
  },
  whole: (what, facts, state) => `${[what, ...facts].join(', ')}. [${state}]`,
};

const ZH_CN: SummaryWords = {
  none: '阅片者未确认或补充任何发现。',
  title: (count) => `发现 ${count} 处。`,
  what: (density, label, side) => {
    const isNodule = label === 'nodule';
    const place = side === null ? '（侧别未定）' : `${side === 'left' ? '左' : '右'}${isNodule ? '肺' : '侧'}`;
    return `${place}${density ? ZH_DENSITY[density] : ''}${isNodule ? '结节' : ` ${label}`}`;
  },
  axes: (long, short, mean) => `${long} mm × ${short} mm（平均径 ${mean} mm）`,
  diameter: (mm) => `直径 ${mm} mm`,
  volume: (mm3) => `体积 ${mm3} mm³`,
  solidPart: (mm) => `实性成分 ${mm} mm`,
  pleura: (mm) => `距胸膜 ${mm} mm`,
  image: (number) => `图像实例号 ${number}`,
  growth: ({ since, mm, percent, doubling, without }) => {
    const change = `较 ${since === '' ? '既往' : since}：平均径 ${mm} mm，体积 ${percent} %`;
    if (doubling) return `${change}，倍增时间 ${doubling.days} 天（${bounds(doubling, '至', '或更长')}）`;
    return without === 'noChange' ? `${change}（在 25 % 测量误差之内）` : change;
  },
  state: { accepted: 'AI 检出，已确认', edited: 'AI 检出，阅片者已修改', added: '阅片者补充' },
  whole: (what, facts, state) => `${[what, ...facts].join('，')}。【${state}】`,
};

const LANGUAGES: Readonly<Record<SummaryLanguage, SummaryWords>> = { en: EN, 'zh-CN': ZH_CN };

export const summaryWords = (language: SummaryLanguage): SummaryWords => LANGUAGES[language];
