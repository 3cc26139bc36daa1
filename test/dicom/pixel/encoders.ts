import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** What the encoders of the Cornerstone project have; they are in the packages of the decoders, without types. */
interface Encoder {
  /** Room for the samples. */
  getDecodedBuffer(size: object): Uint8Array;
  getEncodedBuffer(): Uint8Array;
  encode(): void;
  delete(): void;
  setQuality?(isReversible: boolean, quality: number): void;
  setLossless?(isLossless: boolean): void;
  setProgressionOrder?(order: number): void;
}

export interface Picture {
  readonly samples: Uint8Array | Int8Array | Uint16Array | Int16Array;
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  readonly signed: boolean;
  readonly components: number;
}

const require = createRequire(import.meta.url);
const RPCL = 2;

// biome-ignore format: a table
const PACKAGES = {
  j2k: ['@cornerstonejs/codec-openjpeg/wasmjs',    '@cornerstonejs/codec-openjpeg/wasm',    'J2KEncoder'],
  htj2k: ['@cornerstonejs/codec-openjph/wasmjs',   '@cornerstonejs/codec-openjph/wasm',     'HTJ2KEncoder'],
  jxl: ['@cornerstonejs/codec-libjxl/encodewasmjs', '@cornerstonejs/codec-libjxl/encodewasm', 'JpegXLEncoder'],
} as const;

type Codec = Readonly<Record<string, unknown>>;
const LOADED = new Map<string, Promise<Codec>>();

/** Compiling one takes longer than encoding a small picture: each is made once. */
function codecOf(family: keyof typeof PACKAGES): Promise<Codec> {
  const [script, wasm] = PACKAGES[family];
  const loaded = require(script);
  const codec: Promise<Codec> =
    LOADED.get(family) ??
    (loaded.default ?? loaded)({ wasmBinary: readFileSync(require.resolve(wasm)), print: () => undefined });
  LOADED.set(family, codec);
  return codec;
}

/** Encodes without loss, or with a step of quantization. */
export async function encoded(
  family: keyof typeof PACKAGES,
  picture: Picture,
  isRpcl = false,
  lossyStep?: number,
): Promise<Uint8Array> {
  const codec = await codecOf(family);
  const encoder: Encoder = new (codec[PACKAGES[family][2]] as new () => Encoder)();
  const { width, height, bits: bitsPerSample, signed: isSigned, components: componentCount, samples } = picture;
  const size = { width, height, bitsPerSample, isSigned, componentCount, isUsingColorTransform: componentCount === 3 };
  encoder.getDecodedBuffer(size).set(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
  encoder.setQuality?.(lossyStep === undefined, lossyStep ?? 0);
  encoder.setLossless?.(true);
  if (isRpcl) encoder.setProgressionOrder?.(RPCL);
  encoder.encode();
  const frame = Uint8Array.from(encoder.getEncodedBuffer());
  encoder.delete();
  return frame;
}
