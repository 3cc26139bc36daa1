import { z } from 'zod';

/** The Store Instances Response Module in DICOM JSON (PS3.18 Table I.2-1), as far as it names outcomes. */
const Item = z.looseObject({
  '00081155': z.object({ Value: z.array(z.string()) }).optional(),
  '00081190': z.object({ Value: z.array(z.string()) }).optional(),
  '00081197': z.object({ Value: z.array(z.number()) }).optional(),
});
const Items = z.object({ Value: z.array(Item).default([]) }).default({ Value: [] });
const Answer = z.looseObject({ '00081198': Items, '00081199': Items, '0008119A': Items });

export interface StoreAnswer {
  /** URLs of what was stored. */
  readonly stored: readonly string[];
  /** FailureReason of each of the others, as four hexadecimal digits. */
  readonly reasons: readonly string[];
}

/** What a store request says of each of its parts; a problem instead of a module is an error. */
export function storeAnswer(body: unknown): StoreAnswer {
  const { '00081198': failed, '00081199': stored, '0008119A': others } = Answer.parse(body);
  const reason = (item: z.infer<typeof Item>) =>
    (item['00081197']?.Value[0] ?? -1).toString(16).toUpperCase().padStart(4, '0');
  return {
    stored: stored.Value.map((item) => item['00081190']?.Value[0] ?? ''),
    reasons: [...failed.Value, ...others.Value].map(reason),
  };
}
