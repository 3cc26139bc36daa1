import { AppError } from '../../domain/errors.ts';
import { TRANSFER_SYNTAX } from '../dataset/transfer-syntax.ts';
import type { CodecHost } from './codec-host.ts';
import type { FrameCodec } from './decoded-frame.ts';
import { htj2kDecoder } from './htj2k.ts';
import { type J2kHeader, openJ2k } from './j2k-frame.ts';
import { openJpegDecoder } from './openjpeg.ts';
import type { PixelInfo } from './pixel-info.ts';
import { checkHeader, codestreamLayout, widened } from './samples.ts';

const MULTI_COMPONENT: readonly string[] = [TRANSFER_SYNTAX.jpeg2000MultiLossless, TRANSFER_SYNTAX.jpeg2000Multi];
const MAX_BITS = 16;
/** Larger than any image of a detector; with no data at all one takes OpenJPEG two seconds. */
const MAX_SAMPLES = 32 * 2 ** 20;

/**
 * Decodes frames of JPEG 2000 (ISO/IEC 15444-1) or of HTJ2K (15444-15; PS3.5 §8.2.4, §8.2.14). What the codestream says
 * of itself chooses the decoder.
 * Throws {AppError} DATASET_UNREADABLE when the frame is cut, damaged or another image than the attributes describe.
 */
export function jpeg2000Codec(host: CodecHost): FrameCodec {
  const [part1, highThroughput] = [openJpegDecoder(host), htj2kDecoder(host)];
  return async (frame, info) => {
    const { header, codestream } = openJ2k(frame);
    checkGrouping(header, info);
    checkHeader('JPEG 2000', header, info);
    if (header.bits > MAX_BITS) {
      throw new AppError('NOT_ANALYSABLE', `JPEG 2000 of ${header.bits} bits is not decoded by this version`, {
        uid: info.transferSyntaxUID,
      });
    }
    const samples = header.rows * header.columns * header.components;
    if (samples > MAX_SAMPLES) throw new AppError('DATASET_TOO_LARGE', `a JPEG 2000 frame of ${samples} samples`);
    const decode = header.isHighThroughput ? highThroughput : part1;
    const decoded = await decode(codestream, header);
    return { bytes: widened(decoded, header.bits, info.bitsAllocated), layout: layoutOf(header, info) };
  };
}

/**
 * Multi-component syntaxes may hold several frames as the components of one codestream (PS3.5 §A.4.4.1). OpenJPEG, as it is
 * built here, decodes one component or three.
 */
function checkGrouping({ components }: J2kHeader, { samplesPerPixel, transferSyntaxUID: uid }: PixelInfo): void {
  const frames = components / samplesPerPixel;
  if (!MULTI_COMPONENT.includes(uid) || frames <= 1 || !Number.isInteger(frames)) return;
  const what = `${frames} frames in one JPEG 2000 codestream (${uid})`;
  throw new AppError('NOT_ANALYSABLE', `${what} are not decoded by this version`, { uid });
}

/** Colours come back as RGB where they were transformed; a signed sample has the sign bit of its codestream. */
function layoutOf(header: J2kHeader, info: PixelInfo): PixelInfo {
  const { bits, hasColourTransform } = header;
  const isTransformed = hasColourTransform || /^YBR_(RCT|ICT)$/.test(info.photometric);
  const photometric = isTransformed && info.samplesPerPixel === 3 ? 'RGB' : info.photometric;
  const narrowed = Math.min(bits, info.bitsStored);
  return { ...codestreamLayout('JPEG 2000', bits, { ...info, bitsStored: narrowed }), photometric };
}
