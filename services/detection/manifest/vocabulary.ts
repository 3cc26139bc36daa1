import { z } from 'zod';

/** The words that the blocks of a manifest share. Spatial triples follow `order`, which is z, y, x throughout. */
export const Count = z.number().int().min(1).max(4096);
export const Mm = z.number().positive().max(1000);
export const Unit = z.number().min(0).max(1);
export const Words = z.array(z.string().min(1).max(64)).min(1);
export const Text = z.string().max(4000);
export const Triple = <T extends z.ZodType>(of: T) => z.tuple([of, of, of]);
export const Code = z.strictObject({
  scheme: z.string().max(16),
  value: z.string().max(16),
  meaning: z.string().max(64),
});
export const Hu = z.number().min(-32768).max(32767);
