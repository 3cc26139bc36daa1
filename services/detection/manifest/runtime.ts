import { z } from 'zod';
import { closed, Words } from './vocabulary.ts';

/** Where and how the graph runs. */
export const Runtime = closed({
  providers: Words,
  intraOpThreads: z.number().int().min(0).max(256),
  warmupRuns: z.number().int().min(0).max(10),
  estimate: closed({
    gflopPerStudy: z.number(),
    cpuMemoryMb: z.number(),
    gpuMemoryMb: z.number().optional(),
  }),
});
