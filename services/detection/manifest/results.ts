import { z } from 'zod';
import { Code, closed, Text, Unit } from './vocabulary.ts';

/** What a class of the model is called, in words and codes; ids count from 0 in their order. */
export const LesionClass = closed({
  id: z.number().int().min(0).max(255),
  name: z.string().min(1).max(64),
  code: Code,
  site: Code.optional(),
  color: z.string().max(32).optional(),
});

export const OperatingPoint = closed({
  id: z.string().min(1).max(32),
  threshold: Unit,
  default: z.literal(true).optional(),
  /** Where the threshold comes from, in a sentence. */
  ground: Text.optional(),
  measured: closed({
    dataset: z.string(),
    sensitivity: Unit.nullable(),
    fpPerScan: z.number().min(0).nullable(),
  }).optional(),
});

const Measurement = z.enum([
  'longAxisMm',
  'shortAxisMm',
  'meanDiameterMm',
  'volumeMm3',
  'meanHU',
  'density',
  'pleuraMm',
]);

/** What results are called and how they are reported. */
export const Report = closed({
  measurements: z.array(Measurement),
  /** Where sizes come from: the model's own answer, or a segmentation of each lesion in the lung around it. */
  sizes: z.enum(['model', 'lungSegmentation']).default('model'),
  structure: z.literal('TID1500'),
  geometry: z.enum(['scoord3d-sphere', 'box', 'none-or-circle']),
  algorithm: closed({ name: z.string().min(1).max(64), manufacturer: z.string().min(1).max(64) }),
  banner: z.string().min(1).max(200),
});
