/** A lesion at one time: its mean diameter and volume as measured. */
export interface MeasuredLesion {
  readonly meanDiameterMm: number;
  readonly volumeMm3: number;
}

/** Days in which the volume doubles, and between which bounds that lies; `highDays` is `null` where it has no end. */
interface DoublingTime {
  readonly days: number;
  readonly lowDays: number;
  readonly highDays: number | null;
}

export interface Growth {
  readonly diameterMm: number;
  readonly volumePercent: number;
  readonly doubling: DoublingTime | undefined;
  /** Why there is no doubling time. */
  readonly without: 'noChange' | 'smaller' | 'noDates' | undefined;
}

/**
 * How much two measurements of one volume may differ though nothing grew. A change below it is none, and a doubling time lies
 * between those of a ratio this much smaller and larger.
 */
const VOLUME_ERROR = 0.25;

/**
 * What became of a lesion in `days`. The doubling time is t * ln 2 / ln(V2 / V1), exponential growth; none is told of a
 * change that measuring alone could make.
 */
export function growthOf(now: MeasuredLesion, before: MeasuredLesion, days: number | undefined): Growth {
  const ratio = now.volumeMm3 / before.volumeMm3;
  const change = {
    diameterMm: now.meanDiameterMm - before.meanDiameterMm,
    volumePercent: (ratio - 1) * 100,
    doubling: undefined,
  };
  if (Math.abs(ratio - 1) < VOLUME_ERROR) return { ...change, without: 'noChange' };
  if (ratio < 1) return { ...change, without: 'smaller' };
  if (days === undefined || !(days > 0)) return { ...change, without: 'noDates' };
  return { ...change, doubling: doublingTime(ratio, days), without: undefined };
}

function doublingTime(ratio: number, days: number): DoublingTime {
  const of = (growth: number) => (days * Math.LN2) / growth;
  const [growth, error] = [Math.log(ratio), Math.log(1 + VOLUME_ERROR)];
  return {
    days: of(growth),
    lowDays: of(growth + error),
    // A ratio of just the error may be no growth at all.
    highDays: growth > error * (1 + 1e-9) ? of(growth - error) : null,
  };
}

/** Whole days between two dates of DICOM (DA, `YYYYMMDD`); `undefined` where one is none. */
export function daysBetween(earlier: string, later: string): number | undefined {
  const [from, to] = [utcOf(earlier), utcOf(later)];
  return from === undefined || to === undefined ? undefined : Math.round((to - from) / 86_400_000);
}

function utcOf(date: string): number | undefined {
  const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})$/.exec(date) ?? [];
  const time = Date.UTC(Number(year), Number(month) - 1, Number(day));
  const isReal = day !== undefined && new Date(time).getUTCDate() === Number(day);
  return isReal ? time : undefined;
}
