import type { CodecHost } from './codec-host.ts';
import type { FrameCodec } from './decoded-frame.ts';
import { jpegXlSize } from './jpeg-xl-frame.ts';
import { checkHeader, codestreamLayout, widened } from './samples.ts';
import { type FrameSize, WasmCodec, type WasmDecoder } from './wasm-codec.ts';

/** What we use of `@cornerstonejs/codec-libjxl`, which has no types. */
interface JxlDecoder extends WasmDecoder {
  getFrameInfo(): FrameSize;
}

interface LibJxl {
  readonly JpegXLDecoder: new () => JxlDecoder;
}

/**
 * Decodes JPEG XL frames (ISO/IEC 18181, PS3.5 §8.2.15). They have no end marker: a cut one is refused by the library.
 * Throws {AppError} DATASET_UNREADABLE when the frame is cut, damaged or another image than the attributes describe.
 */
export function jpegXlCodec(host: CodecHost): FrameCodec {
  const codec = new WasmCodec<LibJxl>('JPEG XL', 'libjxl', host, (module) => new module.JpegXLDecoder());
  return async (frame, info) => {
    const { rows, columns } = jpegXlSize(frame);
    const components = info.samplesPerPixel;
    checkHeader('JPEG XL', { rows, columns, components, bits: info.bitsAllocated }, info);
    const expected = { width: columns, height: rows, componentCount: components, bitsPerSample: undefined };
    const { samples, bits } = await codec.decode<JxlDecoder>(frame, expected, (decoder) => decoder.getFrameInfo());
    checkHeader('JPEG XL', { rows, columns, components, bits }, info);
    const photometric = components === 3 ? 'RGB' : info.photometric;
    const layout = { ...codestreamLayout('JPEG XL', bits, info), photometric };
    return { bytes: widened(samples, bits, info.bitsAllocated), layout };
  };
}
