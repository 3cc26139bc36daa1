import { squaredDistance } from './lesion.ts';
import type { MatchedScan } from './match-marks.ts';
import { quantile } from './quantile.ts';

/** How far the marks of the lesions that were found lie from their centres, and how their size differs. */
export interface LocalizationError {
  /** Lesions that were found. */
  readonly hits: number;
  readonly centerMedianMm: number;
  readonly centerP95Mm: number;
  readonly diameter: DiameterAgreement | undefined;
}

/** Mark minus truth, mm, after Bland and Altman. */
interface DiameterAgreement {
  readonly pairs: readonly (readonly [truth: number, mark: number])[];
  readonly biasMm: number;
  readonly medianMm: number;
  /** 0 for a single pair. */
  readonly sdMm: number;
  /** bias ± 1.96 sd: where 95 % of the differences lie if they are normal. */
  readonly limitsMm: readonly [low: number, high: number];
}

/** `undefined` when nothing was found. A box without diameter has a centre but no size to compare. */
export function localizationError(scans: readonly MatchedScan[]): LocalizationError | undefined {
  const found = scans.flatMap(({ lesions }) => lesions.flatMap(({ lesion, mark }) => (mark ? [{ lesion, mark }] : [])));
  if (found.length === 0) return undefined;
  const distances = found.map(({ lesion, mark }) => Math.sqrt(squaredDistance(lesion.center, mark.center)));
  const pairs = found.flatMap(({ lesion: { diameterMm: truth = -1 }, mark: { diameterMm: mark } }) =>
    truth > 0 && mark !== undefined ? [[truth, mark] as const] : [],
  );
  return {
    hits: found.length,
    centerMedianMm: quantile(distances, 0.5),
    centerP95Mm: quantile(distances, 0.95),
    diameter: pairs.length === 0 ? undefined : agreement(pairs),
  };
}

function agreement(pairs: DiameterAgreement['pairs']): DiameterAgreement {
  const differences = pairs.map(([truth, mark]) => mark - truth);
  const biasMm = differences.reduce((sum, mm) => sum + mm, 0) / differences.length;
  const squares = differences.reduce((sum, mm) => sum + (mm - biasMm) ** 2, 0);
  const sdMm = differences.length < 2 ? 0 : Math.sqrt(squares / (differences.length - 1));
  const limitsMm = [biasMm - 1.96 * sdMm, biasMm + 1.96 * sdMm] as const;
  return { pairs, biasMm, medianMm: quantile(differences, 0.5), sdMm, limitsMm };
}
