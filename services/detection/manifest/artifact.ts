import { z } from 'zod';
import { closed, Words } from './vocabulary.ts';

/** One file of the package. */
export const Artifact = closed({
  /** A file name beside the manifest: no folder, so none outside it. */
  path: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,100}$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z
    .number()
    .int()
    .positive()
    .max(64 * 1024 * 1024),
  precision: z.enum(['fp32']),
  opset: z.number().int().min(1),
  providers: Words.optional(),
});
