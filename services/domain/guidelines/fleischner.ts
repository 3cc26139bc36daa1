import type { LesionDensity } from '../finding.ts';
import { type Advice, firstRow, type Row } from './advice.ts';
import { meanDiameter, type NoduleSize } from './nodule-size.ts';

/**
 * Fleischner Society 2017 (Radiology 2017; 284:228-243), for nodules found by chance at 35 years or older. Not for
 * screening, for patients with a known cancer or with an immune deficiency. Sizes are compared in whole millimetres.
 */
export type FleischnerCategory =
  | 'noFollowUp'
  | 'optional12'
  | 'ct6to12Consider18to24'
  | 'ct6to12Then18to24'
  | 'consider3PetTissue'
  | 'ct3to6Consider18to24'
  | 'ct3to6Then18to24'
  | 'ct6to12ThenEvery2Years'
  | 'ct3to6ThenYearly'
  | 'ct3to6Consider2And4Years'
  | 'ct3to6MostSuspicious';

export interface FleischnerInput extends NoduleSize {
  /** Found by chance, outside of screening? */
  readonly incidental?: boolean | undefined;
  readonly ageYears?: number | undefined;
  readonly knownCancer?: boolean | undefined;
  readonly immunosuppressed?: boolean | undefined;
  readonly density?: LesionDensity | undefined;
  /** The most suspicious of several, or the only one? */
  readonly multiple?: boolean | undefined;
  /** Of the patient; solid nodules need it. */
  readonly risk?: 'low' | 'high' | undefined;
}

type Missing =
  | 'incidental'
  | 'ageYears'
  | 'knownCancer'
  | 'immunosuppressed'
  | 'size'
  | 'density'
  | 'multiple'
  | 'risk';
type Bar = 'notIncidental' | 'under35' | 'knownCancer' | 'immunosuppressed';
export type FleischnerAdvice = Advice<FleischnerCategory, Missing, Bar>;

interface Known {
  /** Whole millimetres. */
  readonly mm: number;
  readonly multiple: boolean;
  readonly high: boolean;
}

// biome-ignore format: a table
const SOLID: readonly Row<Known, FleischnerCategory>[] = [
  { category: 'optional12',            rule: 'solid, < 6 mm, high risk',             holds: (n) => n.mm < 6 && n.high },
  { category: 'noFollowUp',            rule: 'solid, < 6 mm, low risk',              holds: (n) => n.mm < 6 },
  { category: 'ct3to6Then18to24',      rule: 'solid, several, >= 6 mm, high risk',   holds: (n) => n.multiple && n.high },
  { category: 'ct3to6Consider18to24',  rule: 'solid, several, >= 6 mm, low risk',    holds: (n) => n.multiple },
  { category: 'consider3PetTissue',    rule: 'solid, single, > 8 mm',                holds: (n) => n.mm > 8 },
  { category: 'ct6to12Then18to24',     rule: 'solid, single, 6 to 8 mm, high risk',  holds: (n) => n.high },
  { category: 'ct6to12Consider18to24', rule: 'solid, single, 6 to 8 mm, low risk',   holds: () => true },
];

// biome-ignore format: a table
const SUBSOLID_SEVERAL: readonly Row<Known, FleischnerCategory>[] = [
  { category: 'ct3to6Consider2And4Years', rule: 'subsolid, several, < 6 mm',  holds: (n) => n.multiple && n.mm < 6 },
  { category: 'ct3to6MostSuspicious',     rule: 'subsolid, several, >= 6 mm', holds: (n) => n.multiple },
];

// biome-ignore format: a table
const GROUND_GLASS: readonly Row<Known, FleischnerCategory>[] = [
  ...SUBSOLID_SEVERAL,
  { category: 'noFollowUp',             rule: 'ground glass, single, < 6 mm',  holds: (n) => n.mm < 6 },
  { category: 'ct6to12ThenEvery2Years', rule: 'ground glass, single, >= 6 mm', holds: () => true },
];

// biome-ignore format: a table
const PART_SOLID: readonly Row<Known, FleischnerCategory>[] = [
  ...SUBSOLID_SEVERAL,
  { category: 'noFollowUp',       rule: 'part-solid, single, < 6 mm',  holds: (n) => n.mm < 6 },
  { category: 'ct3to6ThenYearly', rule: 'part-solid, single, >= 6 mm', holds: () => true },
];

const ROWS = { solid: SOLID, partSolid: PART_SOLID, groundGlass: GROUND_GLASS } as const;

/** The follow-up for one nodule, or for the most suspicious of several. */
export function fleischner(input: FleischnerInput): FleischnerAdvice {
  const because = barOf(input);
  if (because) return { outcome: 'notApplicable', because };
  const mm = meanDiameter(input);
  const missing = missingOf(input, mm);
  if (missing.length > 0 || mm === undefined || input.density === undefined) return { outcome: 'missing', missing };
  return firstRow(ROWS[input.density], {
    mm: Math.round(mm),
    multiple: input.multiple === true,
    high: input.risk === 'high',
  });
}

function barOf({ incidental, ageYears, knownCancer, immunosuppressed }: FleischnerInput): Bar | undefined {
  const bars: readonly (readonly [Bar, boolean])[] = [
    ['notIncidental', incidental === false],
    ['under35', ageYears !== undefined && ageYears < 35],
    ['knownCancer', knownCancer === true],
    ['immunosuppressed', immunosuppressed === true],
  ];
  return bars.find(([, holds]) => holds)?.[0];
}

function missingOf(input: FleischnerInput, mm: number | undefined): readonly Missing[] {
  const needs: readonly (readonly [Missing, boolean])[] = [
    ['incidental', input.incidental === undefined],
    ['ageYears', input.ageYears === undefined],
    ['knownCancer', input.knownCancer === undefined],
    ['immunosuppressed', input.immunosuppressed === undefined],
    ['size', mm === undefined],
    ['density', input.density === undefined],
    ['multiple', input.multiple === undefined],
    ['risk', input.density === 'solid' && input.risk === undefined],
  ];
  return needs.filter(([, open]) => open).map(([name]) => name);
}
