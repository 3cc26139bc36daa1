import { z } from 'zod';
import { closed, Text } from './vocabulary.ts';

/** What a person must know of the model before using it. */
export const Card = closed({
  intendedUse: Text,
  clinicalUse: z.literal(false),
  regulatory: Text,
  population: Text,
  label: Text,
  limitations: z.array(Text),
  trainingData: closed({
    kind: z.enum(['none', 'synthetic', 'real', 'mixed', 'operator-supplied']),
    summary: Text.optional(),
    realSeries: z.number().int().optional(),
    realCubes: z.number().int().optional(),
    sources: z.array(closed({ name: z.string(), license: z.string() })).optional(),
  }),
  codeCommit: z.string().optional(),
  trainSeed: z.number().optional(),
  hardware: z.string().optional(),
  hours: z.number().nullable().optional(),
});
