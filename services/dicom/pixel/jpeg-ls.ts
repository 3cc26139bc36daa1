import type { CodecHost } from './codec-host.ts';
import { damaged } from './damaged.ts';
import type { FrameCodec } from './decoded-frame.ts';
import { type JpegLsHeader, openJpegLs } from './jpeg-ls-frame.ts';
import type { PixelInfo } from './pixel-info.ts';
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
    checkHeader(header, info);
    const { columns: width, rows: height, components: componentCount, bits: bitsPerSample } = header;
    const expected = { width, height, componentCount, bitsPerSample };
    let planar = false;
    const { samples } = await codec.decode<CharlsDecoder>(codestream, expected, (decoder) => {
      const mode = decoder.getInterleaveMode();
      planar = (typeof mode === 'number' ? mode : mode.value) === 0;
      return decoder.getFrameInfo();
    });
    // Codestreams have no High Bit: what they hold is right-aligned.
    return { bytes: samples, layout: { ...info, planar, highBit: info.bitsStored - 1 } };
  };
}

/** A signed sample must have its sign bit: the codestream may not be narrower than Bits Stored. */
function checkHeader(header: JpegLsHeader, info: PixelInfo): void {
  const { rows, columns, samplesPerPixel, bitsAllocated, bitsStored } = info;
  if (header.rows !== rows || header.columns !== columns) {
    throw damaged(`JPEG-LS frame of ${header.columns} x ${header.rows}, the attributes say ${columns} x ${rows}`);
  }
  if (header.components !== samplesPerPixel) {
    throw damaged(`JPEG-LS frame of ${header.components} components, the attributes say ${samplesPerPixel}`);
  }
  const fits = header.bits >= 2 && (header.bits > 8 ? 16 : 8) === bitsAllocated && header.bits <= 16;
  if (!fits || (info.signed && header.bits < bitsStored)) {
    throw damaged(`JPEG-LS frame of ${header.bits} bits, the attributes say ${bitsStored} in ${bitsAllocated}`);
  }
}
