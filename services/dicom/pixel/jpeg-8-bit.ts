import { createRequire } from 'node:module';
import { damaged } from './damaged.ts';
import type { JpegHeader } from './jpeg-frame.ts';
import type { PixelInfo } from './pixel-info.ts';
import { type FrameSize, WasmCodec, type WasmDecoder } from './wasm-codec.ts';

/** What we use of `@cornerstonejs/codec-libjpeg-turbo-8bit`, which has no types. */
interface JpegDecoder extends WasmDecoder {
  getFrameInfo(): FrameSize;
}

const require = createRequire(import.meta.url);
const CODEC = new WasmCodec<{ readonly JPEGDecoder: new () => JpegDecoder }>(
  'JPEG',
  () => ({
    script: require('@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs'),
    wasm: require.resolve('@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasm'),
  }),
  (module) => new module.JPEGDecoder(),
);

/** Segment APP14 of Adobe; its last byte says whether colours are YCbCr (1) or as they are (0). */
const ADOBE = [0xff, 0xee, 0, 14, ...Buffer.from('Adobe'), 0, 100, 0, 0, 0, 0];

/**
 * Decodes a JPEG frame of 8 bits (ITU-T T.81, DCT processes) to grey or to RGB, pixel by pixel.
 *
 * libjpeg takes three unnamed components for YCbCr; DICOM says in Photometric Interpretation what they are. Where the
 * codestream itself says it, it is right: writers forget to change the attribute.
 */
export async function decodeJpeg8(codestream: Uint8Array, header: JpegHeader, info: PixelInfo): Promise<Uint8Array> {
  const { columns: width, rows: height, components: componentCount } = header;
  if (componentCount !== 1 && componentCount !== 3) throw damaged(`a JPEG frame of ${componentCount} components`);
  const expected = { width, height, componentCount, bitsPerSample: 8 };
  const isUnnamed = componentCount === 3 && !header.namesColours;
  const named = isUnnamed ? withAdobe(codestream, info.photometric.startsWith('YBR') ? 1 : 0) : codestream;
  const { samples } = await CODEC.decode<JpegDecoder>(named, expected, (decoder) => decoder.getFrameInfo());
  return samples;
}

function withAdobe(codestream: Uint8Array, transform: 0 | 1): Uint8Array {
  return Buffer.concat([codestream.subarray(0, 2), Uint8Array.from([...ADOBE, transform]), codestream.subarray(2)]);
}
