import { z } from 'zod';
import { Code, Text, Unit, Words } from './vocabulary.ts';

export const LesionClass = z.strictObject({
  id: z.literal(0),
  name: z.string().min(1).max(64),
  code: Code,
  site: Code.optional(),
  color: z.string().optional(),
});

export const OperatingPoint = z.strictObject({
  id: z.string().min(1).max(32),
  threshold: Unit,
  default: z.literal(true).optional(),
  /** Where the threshold comes from, in a sentence. */
  ground: Text.optional(),
  measured: z
    .strictObject({
      dataset: z.string(),
      sensitivity: Unit.nullable(),
      fpPerScan: z.number().min(0).nullable(),
    })
    .optional(),
});

/** What results are called and how they are reported. */
export const Report = z.strictObject({
  measurements: Words,
  structure: z.literal('TID1500'),
  geometry: z.string(),
  algorithm: z.strictObject({ name: z.string().min(1).max(64), manufacturer: z.string().min(1).max(64) }),
  banner: z.string().min(1).max(200),
});
