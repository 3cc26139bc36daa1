import { z } from 'zod';
import { RenderOptions } from './render-options.ts';
import { Uid } from './uid.ts';

const Natural = z.number().int().nonnegative();

/** What a web server sends its imager: no credentials, no patient, only a file of ours and what is wanted of it. */
export const ImageRequest = z.discriminatedUnion('type', [
  /** One frame (from 0) in another transfer syntax. */
  z.strictObject({
    type: z.literal('frame'),
    id: z.string(),
    file: z.string(),
    frame: Natural,
    TransferSyntaxUID: Uid,
  }),
  /** A piece of the whole instance in another transfer syntax, from where the piece before said. */
  z.strictObject({
    type: z.literal('instance'),
    id: z.string(),
    file: z.string(),
    from: Natural,
    TransferSyntaxUID: Uid,
  }),
  /** A frame as a picture; `null`: the one that stands for the instance. */
  z.strictObject({
    type: z.literal('picture'),
    id: z.string(),
    file: z.string(),
    frame: Natural.nullable(),
    options: RenderOptions,
  }),
]);
export type ImageRequest = z.infer<typeof ImageRequest>;

/** Failures that an imager names; anything else is a bug, told by its place. */
export const ImageFailure = z.enum(['BAD_REQUEST', 'NOT_ACCEPTABLE', 'FRAME_NOT_FOUND', 'INSTANCE_UNREADABLE']);
export type ImageFailure = z.infer<typeof ImageFailure>;

/** What an imager says over its channel. The bytes asked for come with `frame`, `instance` and `picture`. */
export const ImagerMessage = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ready') }),
  z.strictObject({ type: z.literal('frame'), id: z.string() }),
  z.strictObject({ type: z.literal('picture'), id: z.string() }),
  z.strictObject({
    type: z.literal('instance'),
    id: z.string(),
    next: Natural.nullable(),
    /** Of all pieces together, where that is known. */
    totalBytes: Natural.nullable(),
    TransferSyntaxUID: Uid,
    photometric: z.string(),
  }),
  z.strictObject({ type: z.literal('refused'), id: z.string(), code: ImageFailure, why: z.string().max(300) }),
  z.strictObject({ type: z.literal('bug'), id: z.string(), place: z.string().max(300) }),
]);
export type ImagerMessage = z.infer<typeof ImagerMessage>;
