import { dicomJson } from '../../../services/dicom/dataset/dicom-json.ts';
import { type ImageFile, openImage } from '../../../services/dicom/dataset/read-file.ts';
import { decodeFrame } from '../../../services/dicom/pixel/codecs.ts';
import { readFrame } from '../../../services/dicom/pixel/frames.ts';
import { frameCount, pixelInfo } from '../../../services/dicom/pixel/pixel-info.ts';
import { rearranged } from '../../../services/dicom/pixel/samples.ts';
import { transcodedPiece } from '../../../services/dicom/pixel/transcode-instance.ts';

/** All pieces of a file in another transfer syntax, and what they said of themselves. */
export async function transcodedFile(file: string, target: string) {
  return withImage(file, async (image) => {
    const parts: Uint8Array[] = [];
    const first = await transcodedPiece(image, target, 0);
    const photometrics = new Set<string>();
    const state = { pieces: 0 };
    for (let piece = first; ; piece = await transcodedPiece(image, target, piece.next)) {
      parts.push(...piece.bytes);
      photometrics.add(piece.photometric);
      state.pieces += 1;
      if (piece.next === undefined) break;
    }
    const { totalBytes, TransferSyntaxUID } = first;
    return { bytes: Buffer.concat(parts), totalBytes, TransferSyntaxUID, ...state, photometrics: [...photometrics] };
  });
}

export async function withImage<T>(file: string, work: (image: ImageFile) => Promise<T>): Promise<T> {
  const image = await openImage(file);
  try {
    return await work(image);
  } finally {
    await image.close();
  }
}

/** Every frame as it is shown, pixel by pixel. */
export const shownPixels = (file: string): Promise<readonly Buffer[]> =>
  withImage(file, async (image) => {
    if (!image.pixelData) return [];
    const info = pixelInfo(image.dataset, image.meta.TransferSyntaxUID);
    const frames: Buffer[] = [];
    for (let frame = 0; frame < frameCount(image.dataset); frame++) {
      const pixels = await decodeFrame(await readFrame(image, frame), info);
      const bytes = new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);
      frames.push(
        Buffer.from(
          info.planar
            ? rearranged(bytes, info.samplesPerPixel, pixels.BYTES_PER_ELEMENT, 'pixels')
            : Uint8Array.from(bytes),
        ),
      );
    }
    return frames;
  });

/** Attributes that speak of the coding of Pixel Data. */
const OF_CODING = ['00280004', '00280006', '00280102', '7FE00001', '7FE00002', '7FE00003'];

/** Every other attribute. */
export const otherAttributes = (file: string): Promise<Record<string, unknown>> =>
  withImage(file, async ({ dataset }) =>
    Object.fromEntries(Object.entries(JSON.parse(dicomJson(dataset, 'b'))).filter(([tag]) => !OF_CODING.includes(tag))),
  );
