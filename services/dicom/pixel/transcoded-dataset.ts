import { AppError } from '../../domain/errors.ts';
import { textBytes } from '../dataset/element-bytes.ts';
import { type Correction, explicitElements, implicitElements } from '../dataset/explicit-elements.ts';
import { part10Header } from '../dataset/part10.ts';
import { ELEMENT_TWICE, readElements } from '../dataset/read-elements.ts';
import type { ImageFile } from '../dataset/read-file.ts';
import { splicedElements } from '../dataset/spliced-elements.ts';
import { TAG } from '../dataset/tags.ts';
import { TRANSFER_SYNTAX } from '../dataset/transfer-syntax.ts';
import type { PixelInfo } from './pixel-info.ts';

/** Who wrote the file last (0002,0016): we did. */
const SOURCE = 'OVERREAD';
const MAX_TAIL_BYTES = 64 * 2 ** 20;
/** Group lengths, and what counts the bytes of compressed frames, hold for the stored coding alone. */
const GROUP_LENGTH_OF_PIXELS = 0x7fe00000;
const GROUP_LENGTH_OF_IMAGE = 0x00280000;
const TOTAL_LENGTH = 0x7fe00003;

/** The file from its preamble to before Pixel Data, whose frames are laid out as `layout` says now. */
export async function transcodedHead(file: ImageFile, target: string, layout?: PixelInfo): Promise<Uint8Array> {
  const { SOPClassUID, SOPInstanceUID } = file.meta;
  const header = part10Header({ SOPClassUID, SOPInstanceUID, TransferSyntaxUID: target, sourceAETitle: SOURCE });
  const { elements, start, end, encoding, tolerated } = file.head;
  const changes = corrections(file, layout);
  const isImplicit = target === TRANSFER_SYNTAX.implicitLittle;
  if (encoding.explicit && encoding.littleEndian && !isImplicit) {
    const bytes = await file.read(start, end - start);
    return Buffer.concat([header, splicedElements(bytes, elements, changes)]);
  }
  if (tolerated.includes(ELEMENT_TWICE)) {
    throw new AppError('NOT_ACCEPTABLE', 'the data set has an element twice and cannot be written anew');
  }
  return Buffer.concat([header, (isImplicit ? implicitElements : explicitElements)(elements, changes)]);
}

/** What stands behind Pixel Data, which ends at `offset`. */
export async function transcodedTail(file: ImageFile, offset: number, target: string): Promise<Uint8Array> {
  const { encoding } = file.head;
  const length = file.size - offset;
  if (length > MAX_TAIL_BYTES) throw new AppError('DATASET_TOO_LARGE', `${length} bytes behind the pixels`);
  const bytes = await file.read(offset, length);
  const isImplicit = target === TRANSFER_SYNTAX.implicitLittle;
  if (length === 0 || (encoding.explicit && encoding.littleEndian && !isImplicit)) return bytes;
  const read = readElements(bytes, encoding);
  if (read.tolerated.includes(ELEMENT_TWICE)) throw new AppError('NOT_ACCEPTABLE', 'the data set has an element twice');
  return (isImplicit ? implicitElements : explicitElements)(read.elements);
}

function corrections({ dataset }: ImageFile, layout: PixelInfo | undefined): readonly Correction[] {
  const removed = [GROUP_LENGTH_OF_PIXELS, TAG.ExtendedOffsetTable, TAG.ExtendedOffsetTableLengths, TOTAL_LENGTH]
    .filter((tag) => dataset.has(tag))
    .map((tag): Correction => ({ tag, vr: '', value: undefined }));
  if (layout === undefined) return removed;
  const { photometric, planar, highBit, samplesPerPixel } = layout;
  const changed: Correction[] = [];
  if (dataset.string(TAG.PhotometricInterpretation) !== photometric) {
    changed.push({ tag: TAG.PhotometricInterpretation, vr: 'CS', value: textBytes('CS', photometric) });
    if (dataset.has(GROUP_LENGTH_OF_IMAGE)) changed.push({ tag: GROUP_LENGTH_OF_IMAGE, vr: '', value: undefined });
  }
  const numbers = [
    ...(samplesPerPixel > 1 ? [[TAG.PlanarConfiguration, planar ? 1 : 0] as const] : []),
    [TAG.HighBit, highBit] as const,
  ];
  for (const [tag, value] of numbers) {
    if (dataset.number(tag) !== value && dataset.has(tag))
      changed.push({ tag, vr: 'US', value: Uint8Array.of(value, 0) });
  }
  return [...removed, ...changed];
}
