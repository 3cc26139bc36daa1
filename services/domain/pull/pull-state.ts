import { z } from 'zod';

/** How objects of a peer are fetched. */
export const FetchBy = z.enum(['C-GET', 'C-MOVE', 'WADO-RS']);
export type FetchBy = z.infer<typeof FetchBy>;

/** `found` waits for its turn; `incomplete` and `failed` are tried again while they have a time for it. */
export const PullState = z.enum(['found', 'fetching', 'complete', 'incomplete', 'failed']);
export type PullState = z.infer<typeof PullState>;
