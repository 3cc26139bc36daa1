import { z } from 'zod';

/** A number that could not be measured is `null`, never 0. */
export const Count = z.number().int().min(0);
export const Maybe = z.number().nullable();
