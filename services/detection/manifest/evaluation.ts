import { z } from 'zod';
import { Unit } from './vocabulary.ts';

/** What was measured on one data set; a `null` is what was not. */
export const Evaluation = z.strictObject({
  dataset: z.string().min(1).max(100),
  kind: z.enum(['synthetic', 'real-cubes', 'real-scans']),
  protocol: z.string().max(64),
  scans: z.number().int().min(0).optional(),
  cubes: z.number().int().min(0).optional(),
  series: z.number().int().min(0).optional(),
  lesions: z.number().int().min(0).nullable().optional(),
  hits: z.number().int().min(0).nullable().optional(),
  cpm: Unit.nullable().optional(),
  ci95: z.tuple([Unit.nullable(), Unit.nullable()]).optional(),
  fpPerScan: z.number().min(0).nullable().optional(),
  sensAtFpPerCube: z.record(z.string().max(8), Unit.nullable()).optional(),
  /** Of the bench that measured it. */
  harnessCommit: z.string().max(64).optional(),
});
