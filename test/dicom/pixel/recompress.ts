import { readFileSync, writeFileSync } from 'node:fs';
import { part10Header, readPart10Meta } from '../../../services/dicom/dataset/part10.ts';
import { openImage } from '../../../services/dicom/dataset/read-file.ts';
import { readFrame } from '../../../services/dicom/pixel/frames.ts';
import { type PixelInfo, pixelInfo } from '../../../services/dicom/pixel/pixel-info.ts';
import { item, join, sequence } from '../dataset/dataset-bytes.ts';

const PIXEL_HEADER_BYTES = 12;

/** Writes `source`, of one uncompressed frame at its end, as `target` in another syntax below 1.2.840.10008.1.2. */
export async function recompressed(
  source: string,
  target: string,
  syntax: string,
  encode: (frame: Uint8Array, info: PixelInfo) => Promise<Uint8Array> | Uint8Array,
): Promise<void> {
  const image = await openImage(source);
  const raw = await readFrame(image, 0);
  const frame = await encode(raw, pixelInfo(image.dataset, image.meta.TransferSyntaxUID));
  await image.close();
  const even = frame.length % 2 === 0 ? frame : join(frame, Uint8Array.of(0));
  const pixels = sequence(0x7fe00010, [item(new Uint8Array(0)), item(even)], 'explicit', true, 'OB');
  const bytes = readFileSync(source);
  const { datasetOffset, SOPClassUID, SOPInstanceUID } = readPart10Meta(bytes);
  const head = bytes.subarray(datasetOffset, bytes.length - raw.length - PIXEL_HEADER_BYTES);
  const TransferSyntaxUID = `1.2.840.10008.1.2.${syntax}`;
  writeFileSync(
    target,
    join(part10Header({ SOPClassUID, SOPInstanceUID, TransferSyntaxUID, sourceAETitle: 'TEST' }), head, pixels),
  );
}
