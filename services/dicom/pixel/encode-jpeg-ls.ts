import { createRequire } from 'node:module';
import { type Picture, WasmEncoder, type WasmPictureEncoder } from './wasm-encoder.ts';

/** What we use of `@cornerstonejs/codec-charls`, which has no types. */
interface CharlsEncoder extends WasmPictureEncoder {
  setNearLossless(error: number): void;
  setInterleaveMode(mode: number): void;
}

const require = createRequire(import.meta.url);
const CODEC = new WasmEncoder<{ readonly JpegLSEncoder: new () => CharlsEncoder }, CharlsEncoder>(
  () => ({
    script: require('@cornerstonejs/codec-charls/wasmjs'),
    wasm: require.resolve('@cornerstonejs/codec-charls/wasm'),
  }),
  (module) => new module.JpegLSEncoder(),
);

const ONE_COMPONENT = 0;
const BY_SAMPLE = 2;

/** Encodes without loss as JPEG-LS (ISO/IEC 14495-1, PS3.5 §8.2.3), which knows no sign: samples are bit patterns. */
export function encodeJpegLs(picture: Picture): Promise<Uint8Array> {
  return CODEC.encode(picture, (encoder) => {
    encoder.setNearLossless(0);
    encoder.setInterleaveMode(picture.components === 1 ? ONE_COMPONENT : BY_SAMPLE);
  });
}
