import type { ReadLesion } from '../../services/domain/contract/reading.ts';
import type { LesionMeasurement } from '../../services/domain/finding.ts';

/** What an edit of axes cannot know: it is told by what is segmented where the lesion now lies. */
export type Remeasured = Pick<LesionMeasurement, 'meanHu' | 'density' | 'solidMm' | 'pleuraMm'>;

/** Was the lesion moved or drawn otherwise? A density that was chosen from the list alone is no reason to measure. */
export function isReshaped(before: ReadLesion, now: ReadLesion): boolean {
  const shape = ({ center, diameterMm, measurement }: ReadLesion) =>
    JSON.stringify([center, diameterMm, measurement?.longAxis, measurement?.shortAxis]);
  return shape(before) !== shape(now);
}

/** Mean value, density and distance of what was found there. The density that a reader chose in this edit stays. */
export function remeasured(before: ReadLesion, now: ReadLesion, found: ReadLesion): Remeasured | undefined {
  if (!now.measurement || !found.measurement) return undefined;
  const { meanHu, density, solidMm, pleuraMm } = found.measurement;
  const chosen = before.measurement?.density !== now.measurement.density;
  const told = chosen ? now.measurement.density : density;
  const solid = chosen ? now.measurement.solidMm : solidMm;
  return { meanHu, density: told, solidMm: told === 'partSolid' ? solid : null, pleuraMm };
}

export const withMeasured = (lesion: ReadLesion, values: Remeasured): ReadLesion =>
  lesion.measurement ? { ...lesion, measurement: { ...lesion.measurement, ...values } } : lesion;
