import { z } from 'zod';

/** Media types of rendered pictures (PS3.18 §8.7.4), the one that is meant when none is named first. */
export const PictureType = z.enum(['image/jpeg', 'image/png', 'image/webp']);
export type PictureType = z.infer<typeof PictureType>;

const Side = z.number().int().min(1).max(8192);

/** How a picture is made of a frame (PS3.18 §8.3.5.1). */
export const RenderOptions = z.strictObject({
  mediaType: PictureType,
  /** Of what loses: 1 to 100. */
  quality: z.number().int().min(1).max(100),
  /** Over values of the modality; the object's own when absent. */
  window: z
    .strictObject({
      center: z.number().min(-1e9).max(1e9),
      width: z.number().positive().max(1e9),
      function: z.enum(['LINEAR', 'LINEAR_EXACT', 'SIGMOID']),
    })
    .optional(),
  /** Pixels of the picture at most; the aspect ratio stays. */
  viewport: z.strictObject({ width: Side, height: Side }).optional(),
  /** Part of the frame, in its pixels; the rest of the frame when a size is absent. */
  region: z
    .strictObject({
      left: z.number().min(0),
      top: z.number().min(0),
      width: z.number().positive().optional(),
      height: z.number().positive().optional(),
      flipX: z.boolean(),
      flipY: z.boolean(),
    })
    .optional(),
});
export type RenderOptions = z.infer<typeof RenderOptions>;
