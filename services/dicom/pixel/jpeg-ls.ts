import type { CodecHost } from './codec-host.ts';
import type { FrameCodec } from './decoded-frame.ts';
import { openJpegLs } from './jpeg-ls-frame.ts';
import { checkHeader, codestreamLayout, widened } from './samples.ts';
import { type FrameSize, WasmCodec, type WasmDecoder } from './wasm-codec.ts';

/** What we use of `@cornerstonejs/codec-charls`, which has no types. */
interface CharlsDecoder extends WasmDecoder {
  getFrameInfo(): FrameSize;
  /** 0: a plane per component; else pixel by pixel (CharLS hands lines out that way too). */
  getInterleaveMode(): number | { readonly value: number };
}

interface Charls {
  readonly JpegLSDecoder: new () => CharlsDecoder;
}

/**
 * Decodes JPEG-LS frames (ISO/IEC 14495-1, PS3.5 §8.2.3). CharLS may need seconds for a frame that is damaged in its
 * middle: whoever decodes received images keeps a watchdog.
 * Throws {AppError} DATASET_UNREADABLE when the frame is cut, damaged or another image than the attributes describe.
 */
export function jpegLsCodec(host: CodecHost): FrameCodec {
  const codec = new WasmCodec<Charls>('JPEG-LS', 'charls', host, (module) => new module.JpegLSDecoder());
  return async (frame, info) => {
    const { header, codestream } = openJpegLs(frame);
    checkHeader('JPEG-LS', header, info);
    const { columns: width, rows: height, components: componentCount, bits: bitsPerSample } = header;
    const expected = { width, height, componentCount, bitsPerSample };
    let planar = false;
    const { samples } = await codec.decode<CharlsDecoder>(codestream, expected, (decoder) => {
      const mode = decoder.getInterleaveMode();
      planar = (typeof mode === 'number' ? mode : mode.value) === 0;
      return decoder.getFrameInfo();
    });
    const layout = { ...codestreamLayout('JPEG-LS', header.bits, info), planar };
    return { bytes: widened(samples, header.bits, info.bitsAllocated), layout };
  };
}
