import { z } from 'zod';
import { ModelStatus, PassedOver } from '../model.ts';

/** One message of `GET /api/events` (server-sent events, `event: change`): what to read again, never what it says. */
export const ChangeEvent = z.strictObject({
  /** Sequence number of the event table; the `id:` of the message, for Last-Event-ID. */
  id: z.number().int(),
  at: z.iso.datetime(),
  kind: z.string(),
  StudyInstanceUID: z.string(),
});
export type ChangeEvent = z.infer<typeof ChangeEvent>;

/** `GET /api/system`: how this node is reached and what it runs, for the empty worklist and the about box. */
export const SystemInfo = z.strictObject({
  version: z.string(),
  AETitle: z.string(),
  dimsePort: z.number(),
  destinations: z.array(z.string()),
  models: z.array(
    z.strictObject({
      id: z.string(),
      version: z.string(),
      title: z.string(),
      hash: z.string(),
      banner: z.string(),
      /** What a reader must know of the model. */
      label: z.string(),
      threshold: z.number(),
      validated: z.boolean(),
      status: ModelStatus,
      /** Why it reads no study: it does not load, or its self test failed. */
      problem: z.string().nullable(),
      /** What really runs; `null` before the first check. */
      provider: z.string().nullable(),
      passedOver: z.array(PassedOver),
      checkedAt: z.iso.datetime().nullable(),
    }),
  ),
});
export type SystemInfo = z.infer<typeof SystemInfo>;

/** `GET /api/health`: 503 when it is failing; a warning is for a person, and the node goes on serving. */
export const Health = z.strictObject({
  status: z.enum(['ok', 'warning', 'failing']),
  checks: z.record(z.string(), z.strictObject({ ok: z.boolean(), detail: z.string() })),
});
export type Health = z.infer<typeof Health>;

/** RFC 9457. */
export const Problem = z.object({
  type: z.string(),
  status: z.number(),
  code: z.string(),
  detail: z.string(),
});
export type Problem = z.infer<typeof Problem>;
