import { openImage } from '../../services/dicom/dataset/read-file.ts';
import { decodeFrame } from '../../services/dicom/pixel/codecs.ts';
import { readFrame } from '../../services/dicom/pixel/frames.ts';
import { pixelInfo } from '../../services/dicom/pixel/pixel-info.ts';
import type { Element } from './dicom-bytes.ts';

const PIXEL_DATA = 0x7fe00010;

/** The text and numbers of a single-frame image of 16 bits as elements, its pixels decoded; sequences are left out. */
export async function decodedImage(path: string): Promise<readonly Element[]> {
  const file = await openImage(path);
  try {
    const { dataset, meta } = file;
    const elements = dataset.tags().flatMap((tag): Element[] => {
      const vr = dataset.vr(tag);
      if (vr === 'US') return [[tag, vr, dataset.numbers(tag)]];
      return dataset.strings(tag).length > 0 ? [[tag, vr, dataset.strings(tag).join('\\')]] : [];
    });
    const stored = await decodeFrame(await readFrame(file, 0), pixelInfo(dataset, meta.TransferSyntaxUID));
    return [...elements, [PIXEL_DATA, 'OW', Int16Array.from(stored)]];
  } finally {
    await file.close();
  }
}
