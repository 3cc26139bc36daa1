import { readFrame } from '../dicom/pixel/frames.ts';
import { pixelInfo } from '../dicom/pixel/pixel-info.ts';
import { transcodeFrame } from '../dicom/pixel/transcode-frame.ts';
import { transcodedPiece } from '../dicom/pixel/transcode-instance.ts';
import { AppError } from '../domain/errors.ts';
import type { ImageFailure, ImageRequest, ImagerMessage } from '../domain/image-request.ts';
import type { OpenImages } from './open-images.ts';

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
  const { id, file, TransferSyntaxUID: target } = request;
  const image = await images.get(file);
  if (request.type === 'frame') {
    const stored = await readFrame(image, request.frame);
    const info = pixelInfo(image.dataset, image.meta.TransferSyntaxUID);
    const { bytes } = await transcodeFrame(stored, info, target);
    return { message: { type: 'frame', id }, payload: [bytes] };
  }
  const { bytes, next = null, totalBytes = null, ...piece } = await transcodedPiece(image, target, request.from);
  return { message: { type: 'instance', id, next, totalBytes, ...piece }, payload: bytes };
}

function failureOf(error: unknown): { code: ImageFailure; why: string } | undefined {
  if (!(error instanceof AppError)) return isOfTheDisk(error) ? unreadable(`its file: ${error.code}`) : undefined;
  const why = error.message.slice(0, 300);
  if (error.code === 'NOT_ACCEPTABLE' || error.code === 'FRAME_NOT_FOUND') return { code: error.code, why };
  // An image that no version of this program reads is no failure of the client.
  if (error.code === 'NOT_ANALYSABLE') return { code: 'NOT_ACCEPTABLE', why };
  return error.code === 'DATASET_UNREADABLE' || error.code === 'DATASET_TOO_LARGE' ? unreadable(why) : undefined;
}

const unreadable = (why: string) => ({ code: 'IMAGE_UNREADABLE' as const, why });

function isOfTheDisk(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'code' in error && /^E(ACCES|IO|MFILE|NOENT)$/.test(String(error.code));
}
