import { createRequire } from 'node:module';
import { type Picture, WasmEncoder, type WasmPictureEncoder } from './wasm-encoder.ts';

/** What we use of `@cornerstonejs/codec-libjpeg-turbo-8bit`, which has no types. */
interface TurboEncoder extends WasmPictureEncoder {
  setProgressive(isProgressive: boolean): void;
  setQuality(quality: number): void;
}

const require = createRequire(import.meta.url);
const CODEC = new WasmEncoder<{ readonly JPEGEncoder: new () => TurboEncoder }, TurboEncoder>(
  () => ({
    script: require('@cornerstonejs/codec-libjpeg-turbo-8bit/wasmjs'),
    wasm: require.resolve('@cornerstonejs/codec-libjpeg-turbo-8bit/wasm'),
  }),
  (module) => new module.JPEGEncoder(),
);

/** Little that an eye could miss: the client asked for the syntax, not for small. */
const QUALITY = 95;

/** Encodes grey or RGB of 8 bits with loss as JPEG Baseline (ITU-T T.81 process 1, PS3.5 §8.2.1). */
export function encodeJpeg8(picture: Picture): Promise<Uint8Array> {
  return CODEC.encode(picture, (encoder) => {
    encoder.setProgressive(false);
    encoder.setQuality(QUALITY);
  });
}
