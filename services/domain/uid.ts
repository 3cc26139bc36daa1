import { z } from 'zod';

/** Dotted decimal, at most 64 characters, no leading zero in a component (PS3.5 §9.1). */
export const Uid = z
  .string()
  .max(64)
  .regex(/^(0|[1-9]\d*)(\.(0|[1-9]\d*))+$/);
