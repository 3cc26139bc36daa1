import { z } from 'zod';
import { Words } from './vocabulary.ts';

/** Where and how the graph runs. */
export const Runtime = z.strictObject({
  providers: Words,
  intraOpThreads: z.number().int().min(0).max(256),
  warmupRuns: z.number().int().min(0).max(10),
  estimate: z.strictObject({
    gflopPerStudy: z.number(),
    cpuMemoryMb: z.number(),
    gpuMemoryMb: z.number().optional(),
  }),
});
