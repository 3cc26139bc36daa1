import { z } from 'zod';
import { Provider } from '../../domain/model.ts';
import { closed } from './vocabulary.ts';

/** Above this a graph is refused before it is read. */
export const MAX_GRAPH_BYTES = 512 * 1024 * 1024;

export const Precision = z.enum(['fp32', 'fp16', 'int8']);
export type Precision = z.infer<typeof Precision>;

/** One file of the package. */
export const Artifact = closed({
  /** A file name beside the manifest: no folder, so none outside it. */
  path: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,100}$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.number().int().positive().max(MAX_GRAPH_BYTES),
  precision: Precision,
  opset: z.number().int().min(1),
  /** Where this file is meant to run; everywhere by default. */
  providers: z.array(Provider).min(1).optional(),
});
export type Artifact = z.infer<typeof Artifact>;
