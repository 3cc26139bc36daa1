import { z } from 'zod';

/** What a reader waits for: how the product feels, in milliseconds. */
export const ExperienceKind = z.enum(['timeToFirstImage', 'timeToFirstFinding', 'timePerVerdict']);
export type ExperienceKind = z.infer<typeof ExperienceKind>;

/** `POST /api/experience`: what a screen measured since it last said so. No study, no reader, no patient. */
export const ExperienceReport = z.strictObject({
  measured: z
    .array(z.strictObject({ kind: ExperienceKind, ms: z.number().min(0).max(3_600_000) }))
    .min(1)
    .max(200),
});
export type ExperienceReport = z.infer<typeof ExperienceReport>;

/** `GET /api/experience`: since the server started, by kind. */
export const Experience = z.strictObject({
  since: z.iso.datetime(),
  kinds: z.record(
    ExperienceKind,
    z.strictObject({
      count: z.number().int(),
      /** Of the last 10,000; `null` while there is none. */
      medianMs: z.number().nullable(),
      p95Ms: z.number().nullable(),
    }),
  ),
});
export type Experience = z.infer<typeof Experience>;
