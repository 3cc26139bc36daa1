import { z } from 'zod';
import { Provider } from '../../domain/model.ts';
import { Precision } from './artifact.ts';
import { closed } from './vocabulary.ts';

/** Where and how the graph runs. */
export const Runtime = closed({
  /** In the order of preference, unless the settings say otherwise. */
  providers: z.array(Provider).min(1),
  /** Which of the artifacts; by default the first that names the provider. */
  precision: z.partialRecord(Provider, Precision).optional(),
  intraOpThreads: z.number().int().min(0).max(256),
  warmupRuns: z.number().int().min(0).max(10),
  estimate: closed({
    gflopPerStudy: z.number(),
    cpuMemoryMb: z.number(),
    gpuMemoryMb: z.number().optional(),
  }),
});
export type Runtime = z.infer<typeof Runtime>;
