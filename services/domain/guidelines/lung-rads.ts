import type { LesionDensity } from '../finding.ts';
import { type Advice, firstRow, type Row } from './advice.ts';
import { meanDiameter, type NoduleSize, toTenth } from './nodule-size.ts';

/**
 * Lung-RADS v2022 (American College of Radiology, November 2022), its rows for solid, part-solid and ground-glass
 * nodules and juxtapleural nodules. Not covered: airway nodules, atypical cysts, category 0.
 */
export type LungRadsCategory = '1' | '2' | '3' | '4A' | '4B' | '4X';

/**
 * Against earlier examinations. `growing`: mean diameter up by more than 1.5 mm within 12 months; of a part-solid nodule it
 * is the solid part that is new or grows. `slowlyGrowing`: growth over several examinations, never that fast.
 */
type Course = 'baseline' | 'new' | 'stable' | 'growing' | 'slowlyGrowing';

/** What is `undefined` nobody has said yet. */
export interface LungRadsInput extends NoduleSize {
  /** Is it an examination of a screening programme? */
  readonly screening?: boolean | undefined;
  readonly density?: LesionDensity | undefined;
  /** Of the solid part of a part-solid nodule, mean diameter. */
  readonly solidMm?: number | undefined;
  readonly course?: Course | undefined;
  /** Of the same nodule last time: needed where it is stable. */
  readonly priorCategory?: Exclude<LungRadsCategory, '1' | '4X'> | undefined;
  /** Calcified completely, centrally, like popcorn or in rings, or containing fat. */
  readonly benign?: boolean | undefined;
  /** At the pleura, smooth, and oval, lens-shaped or triangular. */
  readonly juxtapleural?: boolean | undefined;
  /** Spiculated, enlarged lymph nodes, a ground-glass nodule that doubled within a year, or the like. */
  readonly suspicious?: boolean | undefined;
}

type Missing = 'screening' | 'size' | 'density' | 'solidMm' | 'course' | 'priorCategory';
export type LungRadsAdvice = Advice<LungRadsCategory, Missing, 'notScreening'>;

interface Known {
  readonly density: LesionDensity;
  readonly mm: number;
  readonly solidMm: number;
  readonly course: Course;
  readonly prior: LungRadsInput['priorCategory'];
  readonly juxtapleural: boolean;
}

const first = ({ course }: Known): boolean => course === 'baseline';
const isNew = ({ course }: Known): boolean => course === 'new';
const grows = ({ course }: Known): boolean => course === 'growing';
const slowly = ({ course }: Known): boolean => course === 'slowlyGrowing';

// biome-ignore format: a table
const SOLID: readonly Row<Known, LungRadsCategory>[] = [
  { category: '2',  rule: 'juxtapleural, < 10 mm, baseline or new', holds: (n) => n.juxtapleural && n.mm < 10 && (first(n) || isNew(n)) },
  { category: '4B', rule: 'solid, slowly growing',        holds: slowly },
  { category: '4B', rule: 'solid, growing, >= 8 mm',      holds: (n) => grows(n) && n.mm >= 8 },
  { category: '4A', rule: 'solid, growing, < 8 mm',       holds: grows },
  { category: '4B', rule: 'solid, new, >= 8 mm',          holds: (n) => isNew(n) && n.mm >= 8 },
  { category: '4A', rule: 'solid, new, 6 to < 8 mm',      holds: (n) => isNew(n) && n.mm >= 6 },
  { category: '3',  rule: 'solid, new, 4 to < 6 mm',      holds: (n) => isNew(n) && n.mm >= 4 },
  { category: '2',  rule: 'solid, new, < 4 mm',           holds: isNew },
  { category: '4B', rule: 'solid, baseline, >= 15 mm',    holds: (n) => first(n) && n.mm >= 15 },
  { category: '4A', rule: 'solid, baseline, 8 to < 15 mm', holds: (n) => first(n) && n.mm >= 8 },
  { category: '3',  rule: 'solid, baseline, 6 to < 8 mm', holds: (n) => first(n) && n.mm >= 6 },
  { category: '2',  rule: 'solid, baseline, < 6 mm',      holds: first },
];

// biome-ignore format: a table
const PART_SOLID: readonly Row<Known, LungRadsCategory>[] = [
  { category: '4B', rule: 'part-solid, slowly growing',                              holds: slowly },
  { category: '4B', rule: 'part-solid, solid part new or growing, >= 4 mm',          holds: (n) => (isNew(n) || grows(n)) && n.solidMm >= 4 },
  { category: '3',  rule: 'part-solid, new, < 6 mm in total',                        holds: (n) => isNew(n) && n.mm < 6 },
  { category: '4A', rule: 'part-solid, >= 6 mm, solid part new or growing, < 4 mm',  holds: (n) => (isNew(n) || grows(n)) && n.mm >= 6 },
  { category: '4B', rule: 'part-solid, baseline, solid part >= 8 mm',                holds: (n) => first(n) && n.solidMm >= 8 },
  { category: '4A', rule: 'part-solid, baseline, >= 6 mm, solid part 6 to < 8 mm',   holds: (n) => first(n) && n.mm >= 6 && n.solidMm >= 6 },
  { category: '3',  rule: 'part-solid, baseline, >= 6 mm, solid part < 6 mm',        holds: (n) => first(n) && n.mm >= 6 },
  { category: '2',  rule: 'part-solid, baseline, < 6 mm in total',                   holds: first },
];

// biome-ignore format: a table
const GROUND_GLASS: readonly Row<Known, LungRadsCategory>[] = [
  { category: '2', rule: 'ground glass, < 30 mm',                           holds: (n) => n.mm < 30 },
  { category: '2', rule: 'ground glass, >= 30 mm, stable or slowly growing', holds: (n) => n.course === 'stable' || slowly(n) },
  { category: '3', rule: 'ground glass, >= 30 mm, baseline or new',         holds: (n) => first(n) || isNew(n) },
];

/** A nodule that has not changed since the examination after which it was followed. */
// biome-ignore format: a table
const STABLE: readonly Row<Known, LungRadsCategory>[] = [
  { category: '2', rule: 'category 2 before, stable',                            holds: (n) => n.prior === '2' },
  { category: '2', rule: 'category 3 before, stable or smaller after 6 months',  holds: (n) => n.prior === '3' },
  { category: '3', rule: 'category 4A before, stable or smaller after 3 months', holds: (n) => n.prior === '4A' },
];

const ROWS = { solid: SOLID, partSolid: PART_SOLID, groundGlass: GROUND_GLASS } as const;

/** The category of one nodule; the category of an examination is that of its worst. */
export function lungRads(input: LungRadsInput): LungRadsAdvice {
  if (input.screening === false) return { outcome: 'notApplicable', because: 'notScreening' };
  const known = knownOf(input);
  if ('missing' in known) return { outcome: 'missing', missing: known.missing };
  if (input.benign === true) return { outcome: 'result', category: '1', rule: 'benign calcification or fat' };
  if (known.density === 'partSolid' && known.solidMm > known.mm) return { outcome: 'contradiction' };
  const needsPrior = known.course === 'stable' && known.density !== 'groundGlass';
  const advice = firstRow(needsPrior ? STABLE : ROWS[known.density], known);
  const raised = input.suspicious === true && advice.outcome === 'result' && !['1', '2'].includes(advice.category);
  return raised ? { ...advice, category: '4X', rule: `${advice.rule}, suspicious feature` } : advice;
}

function knownOf(input: LungRadsInput): Known | { readonly missing: readonly Missing[] } {
  const mm = meanDiameter(input);
  const { density, solidMm, course, priorCategory } = input;
  const benign = input.benign === true;
  const stable = course === 'stable' && density !== 'groundGlass';
  const partSolid = density === 'partSolid' && course !== 'stable' && course !== 'slowlyGrowing';
  const needs: readonly (readonly [Missing, boolean])[] = [
    ['screening', input.screening === undefined],
    ['size', !benign && mm === undefined],
    ['density', !benign && density === undefined],
    ['solidMm', !benign && partSolid && solidMm === undefined],
    ['course', !benign && course === undefined],
    ['priorCategory', !benign && stable && density !== undefined && priorCategory === undefined],
  ];
  const missing = needs.filter(([, open]) => open).map(([name]) => name);
  if (missing.length > 0) return { missing };
  return {
    density: density ?? 'solid',
    mm: mm ?? 0,
    solidMm: toTenth(solidMm ?? 0),
    course: course ?? 'baseline',
    prior: priorCategory,
    juxtapleural: input.juxtapleural === true,
  };
}
