import { z } from 'zod';

/**
 * What a study is for a reader, as the models have it: one and only one of eleven. Only `none` says that nothing was marked.
 *
 * - `receiving`, `queued`, `running`: no result yet
 * - `findings`, `none`: every model that could read it has
 * - `partial`: a result, and a model that failed or has not ended
 * - `notApplicable`: no model could read it
 * - `failed`: the analysis broke
 * - `outdated`: images came that the result has not seen
 * - `withdrawn`: a model that gave the result was switched off
 * - `signed`: a reader has signed
 */
export const AiStateName = z.enum([
  'receiving',
  'queued',
  'running',
  'notApplicable',
  'none',
  'findings',
  'partial',
  'failed',
  'outdated',
  'withdrawn',
  'signed',
]);
export type AiStateName = z.infer<typeof AiStateName>;

/** `hidden` stands in for `none`, `findings` and `partial` until the reader has committed an own read (mode `second`). */
export const ShownAiState = z.enum([...AiStateName.options, 'hidden']);
export type ShownAiState = z.infer<typeof ShownAiState>;
