import type { CodecHost } from './codec-host.ts';
import { damaged } from './damaged.ts';
import type { JpegHeader } from './jpeg-frame.ts';
import type { PixelInfo } from './pixel-info.ts';
import { type FrameSize, WasmCodec, type WasmDecoder } from './wasm-codec.ts';

/** What we use of `@cornerstonejs/codec-libjpeg-turbo-8bit`, which has no types. */
interface JpegDecoder extends WasmDecoder {
  getFrameInfo(): FrameSize;
}

interface LibJpegTurbo {
  readonly JPEGDecoder: new () => JpegDecoder;
}

/** Segment APP14 of Adobe; its last byte says whether colours are YCbCr (1) or as they are (0). */
const ADOBE = [0xff, 0xee, 0, 14, ...new TextEncoder().encode('Adobe'), 0, 100, 0, 0, 0, 0];

/**
 * Decodes JPEG frames of 8 bits (ITU-T T.81, DCT processes) to grey or to RGB, pixel by pixel.
 *
 * libjpeg takes three unnamed components for YCbCr; DICOM says in Photometric Interpretation what they are. Where the
 * codestream itself says it, it is right: writers forget to change the attribute.
 */
export function jpeg8Decoder(
  host: CodecHost,
): (codestream: Uint8Array, header: JpegHeader, info: PixelInfo) => Promise<Uint8Array> {
  const codec = new WasmCodec<LibJpegTurbo>('JPEG', 'libjpeg-turbo', host, (module) => new module.JPEGDecoder());
  return async (codestream, header, info) => {
    const { columns: width, rows: height, components: componentCount } = header;
    if (componentCount !== 1 && componentCount !== 3) throw damaged(`a JPEG frame of ${componentCount} components`);
    const expected = { width, height, componentCount, bitsPerSample: 8 };
    const isUnnamed = componentCount === 3 && !header.namesColours;
    const named = isUnnamed ? withAdobe(codestream, info.photometric.startsWith('YBR') ? 1 : 0) : codestream;
    const { samples } = await codec.decode<JpegDecoder>(named, expected, (decoder) => decoder.getFrameInfo());
    return samples;
  };
}

/** Behind the start marker. */
function withAdobe(codestream: Uint8Array, transform: 0 | 1): Uint8Array {
  const out = new Uint8Array(codestream.length + ADOBE.length + 1);
  out.set(codestream.subarray(0, 2));
  out.set([...ADOBE, transform], 2);
  out.set(codestream.subarray(2), 2 + ADOBE.length + 1);
  return out;
}
