import { readFrame } from '../dicom/pixel/frames.ts';
import { pixelInfo } from '../dicom/pixel/pixel-info.ts';
import { transcodeFrame } from '../dicom/pixel/transcode-frame.ts';
import { transcodedPiece } from '../dicom/pixel/transcode-instance.ts';
import { AppError } from '../domain/errors.ts';
import { ImageFailure, type ImageRequest, type ImagerMessage } from '../domain/image-request.ts';
import { instanceFailure } from './instance-failure.ts';
import type { OpenImages } from './open-images.ts';
import { renderFrame } from './render/render-frame.ts';

export interface ImageAnswer {
  readonly message: ImagerMessage;
  readonly payload: readonly Uint8Array[];
}

/** Does what a web server asks of its imager. @throws what is no named failure: a bug. */
export async function answerImageRequest(request: ImageRequest, images: OpenImages): Promise<ImageAnswer> {
  try {
    return await answerOf(request, images);
  } catch (error) {
    const failure = failureOf(error);
    if (failure === undefined) throw error;
    return { message: { type: 'refused', id: request.id, ...failure }, payload: [] };
  }
}

async function answerOf(request: ImageRequest, images: OpenImages): Promise<ImageAnswer> {
  const { id, file } = request;
  const image = await images.get(file);
  if (request.type === 'picture') {
    const bytes = await renderFrame(image, request.frame, request.options);
    return { message: { type: 'picture', id }, payload: [bytes] };
  }
  const { TransferSyntaxUID: target } = request;
  if (request.type === 'frame') {
    const stored = await readFrame(image, request.frame);
    const info = pixelInfo(image.dataset, image.meta.TransferSyntaxUID);
    const { bytes } = await transcodeFrame(stored, info, target);
    return { message: { type: 'frame', id }, payload: [bytes] };
  }
  const { bytes, next = null, totalBytes = null, ...piece } = await transcodedPiece(image, target, request.from);
  return { message: { type: 'instance', id, next, totalBytes, ...piece }, payload: bytes };
}

function failureOf(thrown: unknown): { code: ImageFailure; why: string } | undefined {
  const error = instanceFailure(thrown);
  if (!(error instanceof AppError)) return undefined;
  const why = error.message.slice(0, 300);
  // What no version of this program reads is no failure of the client.
  if (error.code === 'NOT_ANALYSABLE') return { code: 'NOT_ACCEPTABLE', why };
  const { success, data: code } = ImageFailure.safeParse(error.code);
  return success ? { code, why } : undefined;
}
