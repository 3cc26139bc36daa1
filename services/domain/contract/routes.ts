import { z } from 'zod';
import { StudyPriority } from '../priority.ts';

/** `GET /api/routes`: the rules in force. */
export const RoutesInForce = z.strictObject({
  /** Whether the setting ROUTES_FILE names a file; without one every model reads every study. */
  configured: z.boolean(),
  /** As the file holds them, defaults filled in. */
  rules: z.array(z.unknown()),
  loadedAt: z.iso.datetime().nullable(),
  /** What is wrong with a newer file, which is not in force. */
  problem: z.string().nullable(),
});
export type RoutesInForce = z.infer<typeof RoutesInForce>;

/** `POST /api/routes/dry-run`. Without `rules` those in force are tried. */
export const DryRunOrder = z.strictObject({
  rules: z.array(z.unknown()).max(500).optional(),
  /** The nearest of every study to this rule, not only of those that no rule matches. */
  rule: z.string().max(64).optional(),
  /** Studies that are listed; all are counted. */
  limit: z.number().int().min(0).max(1000).default(100),
});
export type DryRunOrder = z.infer<typeof DryRunOrder>;

export const DryRunStudy = z.strictObject({
  StudyInstanceUID: z.string(),
  /** Rules that match, in their order. */
  rules: z.array(z.string()),
  priority: StudyPriority.nullable(),
  models: z.array(
    z.strictObject({
      modelId: z.string(),
      rule: z.string(),
      /** Series it would be given; `null`: all. */
      series: z.array(z.string()).nullable(),
      /** As the rule writes them; `null`: all that the settings say. */
      destinations: z.array(z.string()).nullable(),
    }),
  ),
  /** Of a study that matches nothing, or not the rule that was asked for: what the nearest rules miss. */
  nearest: z.array(z.strictObject({ rule: z.string(), misses: z.array(z.string()) })),
});
export type DryRunStudy = z.infer<typeof DryRunStudy>;

/** Its answer. Nothing is planned or sent. */
export const DryRun = z.strictObject({
  studies: z.number().int(),
  unmatched: z.number().int(),
  /** How many studies each rule matches. */
  rules: z.array(z.strictObject({ name: z.string(), matched: z.number().int() })),
  /** In the order of their UIDs, at most `limit`. */
  listed: z.array(DryRunStudy),
});
export type DryRun = z.infer<typeof DryRun>;
