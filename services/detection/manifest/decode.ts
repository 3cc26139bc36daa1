import { z } from 'zod';
import { Count, Triple } from './vocabulary.ts';

const Channel = z.number().int().min(0).max(63);

/** From the answers of the graph to candidates. */
export const Decode = z.strictObject({
  family: z.literal('heatmap'),
  /** Input voxels per heat map cell. */
  stride: Triple(Count),
  /** Input voxel of the centre of cell 0. */
  cellOrigin: Triple(z.number()),
  peak: z.strictObject({
    /** A peak is the highest of so many cells along each axis. */
    kernel: z.union([z.literal(3), z.literal(5), z.literal(7)]),
    minScore: z.number().gt(0).lt(1),
    /** `parabola`: the maximum between cells, by the two neighbours on each axis. For maps without an offset output. */
    refine: z.enum(['none', 'parabola']).default('none'),
  }),
  offset: z.strictObject({ channels: Triple(Channel), order: z.literal('zyx'), unit: z.literal('cells') }).optional(),
  size: z.strictObject({
    channels: z.tuple([Channel]),
    encoding: z.enum(['ln', 'linear']),
    unit: z.literal('mm'),
    shape: z.literal('sphere'),
  }),
});
