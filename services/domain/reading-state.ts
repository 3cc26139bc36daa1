import { z } from 'zod';

/** Nothing decided yet; decided but not signed; signed, and only an amendment changes it. */
export const ReadingState = z.enum(['OPEN', 'DRAFT', 'SIGNED']);
export type ReadingState = z.infer<typeof ReadingState>;

/**
 * When a model's marks are shown: `concurrent` at once; `second` after the reader has committed a read without them,
 * and they are not even sent before; `triage` never, only the flag in the worklist.
 */
export const ReadingMode = z.enum(['concurrent', 'second', 'triage']);
export type ReadingMode = z.infer<typeof ReadingMode>;
