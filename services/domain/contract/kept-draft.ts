import { z } from 'zod';
import { Uid } from '../uid.ts';
import { ReadingContent } from './reading.ts';

/** Raised when the shape changes: a draft of another version is not read. */
export const KEPT_DRAFT_VERSION = 1;

/** A draft as a browser keeps it while the server does not have it: no name, no number of a patient. */
export const KeptDraft = z.strictObject({
  version: z.literal(KEPT_DRAFT_VERSION),
  StudyInstanceUID: Uid,
  /** The revision of the server it was made on, and what stood there. */
  revision: z.number().int().min(0),
  base: ReadingContent,
  content: ReadingContent,
  keptAt: z.iso.datetime(),
});
export type KeptDraft = z.infer<typeof KeptDraft>;
