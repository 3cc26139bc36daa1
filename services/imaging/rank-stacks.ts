import { cross } from './grid.ts';
import type { ImageHeader } from './image-header.ts';
import type { SeriesCriteria } from './series-criteria.ts';
import { offPlaneDeg } from './sort-slices.ts';

/** Lower is better; each criterion decides only where those before it are equal. */
const SCORES: Record<SeriesCriteria['rank'][number], (images: readonly ImageHeader[]) => number> = {
  thinnest: ([first]) => Math.round((first?.SliceThickness ?? 99) * 10),
  softKernel: ([first]) => sharpness(first?.ConvolutionKernel ?? ''),
  mostSlices: (images) => -images.length,
};

/** A plane is another one from here on; what lies between is a tilt. */
const OTHER_PLANE_DEG = 45;

/**
 * Sorts candidates from the best to the worst: those of another plane and those that are too short last, then as the model
 * asks, then the longest, then in the order given.
 */
export function ranked<T extends { readonly headers: readonly ImageHeader[] }>(
  candidates: readonly T[],
  { rank, minSlices, orientation }: SeriesCriteria,
): readonly T[] {
  const scores = ({ headers }: T) => [
    isOtherPlane(headers, orientation.plane) ? 1 : 0,
    headers.length < minSlices ? 1 : 0,
    ...rank.map((name) => SCORES[name](headers)),
    -headers.length,
  ];
  const scored = candidates.map((candidate) => ({ candidate, scores: scores(candidate) }));
  scored.sort((a, b) => {
    const decides = a.scores.findIndex((score, i) => score !== b.scores[i]);
    return decides < 0 ? 0 : (a.scores[decides] ?? 0) - (b.scores[decides] ?? 0);
  });
  return scored.map(({ candidate }) => candidate);
}

function isOtherPlane([first]: readonly ImageHeader[], plane: SeriesCriteria['orientation']['plane']): boolean {
  const cosines = first?.ImageOrientationPatient;
  return cosines !== undefined && offPlaneDeg(cross(...cosines), plane ?? 'axial') > OTHER_PLANE_DEG;
}

/**
 * 0 soft, 1 unknown, 2 sharp, from the names the makers use: Siemens B30f, Br40, I31f (below 50 is soft), GE STANDARD,
 * LUNG, Canon FC01-FC29 and FC50 up, Philips A to E.
 */
function sharpness(kernel: string): number {
  if (/LUNG|BONE|EDGE|DETAIL|SHARP|^Y[A-D]$|^[DEL]$/.test(kernel)) return 2;
  if (/STANDARD|SOFT|SMOOTH|^[ABC]$/.test(kernel)) return 0;
  const [, canon, siemens] = /^FC(\d+)|^[BHIQ][A-Z]?(\d{2})/.exec(kernel) ?? [];
  const number = Number(canon ?? siemens ?? Number.NaN);
  return Number.isNaN(number) ? 1 : number < (canon ? 30 : 50) ? 0 : 2;
}
