import type { Code } from '../../domain/report-source.ts';
import { CONCEPT } from './codes.ts';
import { type ContentItem, code, num, textIfAny } from './content-item.ts';

export interface Measurement {
  readonly concept: Code;
  readonly value: number;
  readonly decimals: number;
  readonly unit: Code;
  /** What the number really is, where the concept alone would promise more: (121050, "Equivalent Meaning …"). */
  readonly equivalentMeaning?: string;
  /** How the number was come by: CID 7464, for example a mean. */
  readonly derivation?: Code;
  /** TID 320: the coordinates it was measured on, each INFERRED FROM. */
  readonly inferredFrom?: readonly ContentItem[];
}

/** TID 300. */
export const tid300Measurement = (measurement: Measurement): ContentItem =>
  num('CONTAINS', measurement.concept, measurement, [
    ...textIfAny('HAS CONCEPT MOD', CONCEPT.equivalentMeaning, measurement.equivalentMeaning ?? ''),
    ...(measurement.derivation ? [code('HAS CONCEPT MOD', CONCEPT.derivation, measurement.derivation)] : []),
    ...(measurement.inferredFrom ?? []),
  ]);
