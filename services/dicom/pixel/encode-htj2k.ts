import { createRequire } from 'node:module';
import { type Picture, WasmEncoder, type WasmPictureEncoder } from './wasm-encoder.ts';

/** What we use of `@cornerstonejs/codec-openjph`, which has no types. */
interface HtEncoder extends WasmPictureEncoder {
  setQuality(isReversible: boolean, quality: number): void;
  setProgressionOrder(order: number): void;
  setDecompositions(levels: number): void;
  setTLMMarker(isPresent: boolean): void;
  setTilePartDivisionsAtResolutions(isDivided: boolean): void;
}

const require = createRequire(import.meta.url);
const CODEC = new WasmEncoder<{ readonly HTJ2KEncoder: new () => HtEncoder }, HtEncoder>(
  () => ({
    script: require('@cornerstonejs/codec-openjph/wasmjs'),
    wasm: require.resolve('@cornerstonejs/codec-openjph/wasm'),
  }),
  (module) => new module.HTJ2KEncoder(),
);

const RPCL = 2;
/** The least resolution is a thumbnail (PS3.5 §10.18). */
const LEAST_SIDE = 64;

/**
 * Encodes without loss as HTJ2K (ISO/IEC 15444-15) with what HTJ2K Lossless RPCL demands (PS3.5 §10.18): resolution by
 * resolution, each in a tile-part of its own, their lengths in TLM, the least of at most 64 columns or rows. Colours are
 * not transformed, so Photometric Interpretation stays what it is.
 */
export function encodeHtj2k(picture: Picture): Promise<Uint8Array> {
  return CODEC.encode(
    picture,
    (encoder) => {
      encoder.setQuality(true, 0);
      encoder.setProgressionOrder(RPCL);
      encoder.setDecompositions(levelsOf(picture));
      encoder.setTLMMarker(true);
      encoder.setTilePartDivisionsAtResolutions(true);
    },
    { isUsingColorTransform: false },
  );
}

/** Halvings until both sides are small enough; one at least, for without any the library loses the darkest samples. */
const levelsOf = ({ columns, rows }: Picture): number =>
  Math.max(1, Math.ceil(Math.log2(Math.max(columns, rows) / LEAST_SIDE)));
