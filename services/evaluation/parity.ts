import { type Mark, squaredDistance } from './lesion.ts';

/** How the marks of one scan differ between two ways to run the same model. */
export interface Parity {
  /** Marks of either run that have no partner within `MAX_DISTANCE_MM`; on single images these are pixels. */
  readonly unmatched: number;
  readonly matched: number;
  readonly maxScoreDifference: number;
  readonly maxCenterMm: number;
}

const MAX_DISTANCE_MM = 2;

/** Pairs each mark, best first, with the nearest free one of the other run. */
export function parityOf(reference: readonly Mark[], other: readonly Mark[]): Parity {
  const free = new Set(other);
  const pairs = reference
    .toSorted((a, b) => b.score - a.score)
    .flatMap((mark) => {
      const partner = nearest(mark, free);
      if (partner === undefined) return [];
      free.delete(partner);
      return [{ mark, partner }];
    });
  return {
    matched: pairs.length,
    unmatched: reference.length - pairs.length + free.size,
    maxScoreDifference: pairs.reduce(
      (most, { mark, partner }) => Math.max(most, Math.abs(mark.score - partner.score)),
      0,
    ),
    maxCenterMm: pairs.reduce(
      (most, { mark, partner }) => Math.max(most, Math.sqrt(squaredDistance(mark.center, partner.center))),
      0,
    ),
  };
}

function nearest(mark: Mark, candidates: Iterable<Mark>): Mark | undefined {
  let best: { readonly candidate: Mark; readonly distance: number } | undefined;
  for (const candidate of candidates) {
    const distance = squaredDistance(mark.center, candidate.center);
    if (candidate.image !== mark.image) continue;
    if (distance <= MAX_DISTANCE_MM ** 2 && (best === undefined || distance < best.distance))
      best = { candidate, distance };
  }
  return best?.candidate;
}
