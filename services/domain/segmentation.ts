import { z } from 'zod';
import { ReadLesion } from './contract/reading.ts';
import { Reason } from './reason.ts';
import { AnalysisInput } from './run.ts';

/** What a web server asks its segmenter: what is at this point of this series? No credentials, no patient. */
export const SegmentationRequest = z.strictObject({
  id: z.string(),
  /** Of one series. */
  inputs: z.array(AnalysisInput),
  /** Where images lie that were decoded when they arrived; none of them need be there. */
  preparedDirectory: z.string().optional(),
  /** LPS, mm. */
  point: z.tuple([z.number(), z.number(), z.number()]),
  label: z.string().min(1).max(64),
});
export type SegmentationRequest = z.infer<typeof SegmentationRequest>;

export const SegmenterMessage = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ready') }),
  z.strictObject({ type: z.literal('lesion'), id: z.string(), lesion: ReadLesion }),
  /** Nothing can be measured there, or the series is no volume. */
  z.strictObject({ type: z.literal('refused'), id: z.string(), reason: Reason }),
  z.strictObject({ type: z.literal('bug'), id: z.string(), place: z.string().max(300) }),
]);
export type SegmenterMessage = z.infer<typeof SegmenterMessage>;
