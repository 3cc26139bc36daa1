import { createRequire } from 'node:module';
import type { J2kHeader } from './j2k-frame.ts';
import { type FrameSize, WasmCodec, type WasmDecoder } from './wasm-codec.ts';

/** What we use of `@cornerstonejs/codec-openjpeg`, which has no types. */
interface J2kDecoder extends WasmDecoder {
  getFrameInfo(): FrameSize;
}

const require = createRequire(import.meta.url);
const CODEC = new WasmCodec<{ readonly J2KDecoder: new () => J2kDecoder }>(
  'JPEG 2000',
  () => ({
    script: require('@cornerstonejs/codec-openjpeg/decodewasmjs'),
    wasm: require.resolve('@cornerstonejs/codec-openjpeg/decodewasm'),
  }),
  (module) => new module.J2KDecoder(),
);

/** Decodes a JPEG 2000 codestream to little endian samples of one or two bytes, pixel by pixel. */
export async function decodePart1(codestream: Uint8Array, header: J2kHeader): Promise<Uint8Array> {
  const { columns: width, rows: height, components: componentCount, bits: bitsPerSample } = header;
  const expected = { width, height, componentCount, bitsPerSample };
  const { samples } = await CODEC.decode<J2kDecoder>(codestream, expected, (decoder) => decoder.getFrameInfo());
  return samples;
}
