import { z } from 'zod';
import { FetchBy, PullState } from '../pull/pull-state.ts';

const Moment = z.iso.datetime().nullable();

/** A study that was found at a peer. */
export const PulledStudy = z.strictObject({
  StudyInstanceUID: z.string(),
  peer: z.string(),
  /** The watch, or the rule of priors, that found it. */
  by: z.string(),
  how: FetchBy,
  asPrior: z.boolean(),
  state: PullState,
  /** `incomplete 12 of 143`, `failed: PACS_REFUSED: …`. */
  text: z.string(),
  /** Instances that the peer has, as far as it was asked. */
  expected: z.number().int().nullable(),
  held: z.number().int(),
  attempts: z.number().int(),
  /** `null` while nothing more is tried. */
  nextAttemptAt: Moment,
  /** What the last try met. */
  sentence: z.string().nullable(),
  foundAt: z.iso.datetime(),
  changedAt: z.iso.datetime(),
});
export type PulledStudy = z.infer<typeof PulledStudy>;

export const PullQuery = z.strictObject({
  state: PullState.optional(),
  peer: z.string().max(64).optional(),
  StudyInstanceUID: z.string().max(64).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
export type PullQuery = z.infer<typeof PullQuery>;

/** `GET /api/pull`: what is watched, and the studies found there, the last changed first. */
export const PullOverview = z.strictObject({
  configured: z.boolean(),
  /** What is wrong with the file of WATCH_FILE. */
  problem: z.string().nullable(),
  watches: z.array(
    z.strictObject({
      /** Of a watch, or of a rule of priors. */
      name: z.string(),
      mark: z.iso.datetime(),
      askedAt: Moment,
      answeredAt: Moment,
      matches: z.number().int(),
      failures: z.number().int(),
      problem: z.string().nullable(),
    }),
  ),
  counts: z.record(PullState, z.number().int()),
  studies: z.array(PulledStudy),
});
export type PullOverview = z.infer<typeof PullOverview>;

/** `GET /api/studies/:StudyInstanceUID/priors/search`: whether priors of a study were asked for, by rule. */
export const PriorSearches = z.strictObject({
  searches: z.array(
    z.strictObject({
      rule: z.string(),
      doneAt: Moment,
      found: z.number().int(),
      attempts: z.number().int(),
      sentence: z.string().nullable(),
    }),
  ),
});
export type PriorSearches = z.infer<typeof PriorSearches>;

/** `POST /api/pull/retry`. */
export const PullRetry = z.strictObject({ peer: z.string().max(64), StudyInstanceUID: z.string().max(64) });
export type PullRetry = z.infer<typeof PullRetry>;
