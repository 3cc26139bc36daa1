import { createRequire } from 'node:module';
import { damaged } from './damaged.ts';
import type { J2kHeader } from './j2k-frame.ts';
import { type FrameSize, WasmCodec, type WasmDecoder } from './wasm-codec.ts';

/** What we use of `@cornerstonejs/codec-openjph`, which has no types. */
interface HtDecoder extends WasmDecoder {
  getFrameInfo(): FrameSize;
  getIsHeaderValid(): boolean;
  getLastErrorMessage(): string;
}

const require = createRequire(import.meta.url);
const CODEC = new WasmCodec<{ readonly HTJ2KDecoder: new () => HtDecoder }>(
  'HTJ2K',
  () => ({
    script: require('@cornerstonejs/codec-openjph/wasmjs'),
    wasm: require.resolve('@cornerstonejs/codec-openjph/wasm'),
  }),
  (module) => new module.HTJ2KDecoder(),
);

/** Decodes an HTJ2K codestream to little endian samples of one or two bytes, pixel by pixel. */
export async function decodeHtj2k(codestream: Uint8Array, header: J2kHeader): Promise<Uint8Array> {
  const { columns: width, rows: height, components: componentCount, bits: bitsPerSample } = header;
  const expected = { width, height, componentCount, bitsPerSample };
  const { samples } = await CODEC.decode<HtDecoder>(codestream, expected, (decoder) => {
    const complaint = decoder.getLastErrorMessage();
    if (complaint || !decoder.getIsHeaderValid()) throw damaged(`HTJ2K: ${complaint || 'the header is invalid'}`);
    return decoder.getFrameInfo();
  });
  return samples;
}
