import type { CodecHost } from './codec-host.ts';
import type { J2kHeader } from './j2k-frame.ts';
import { type FrameSize, WasmCodec, type WasmDecoder } from './wasm-codec.ts';

/** What we use of `@cornerstonejs/codec-openjpeg`, which has no types. */
interface J2kDecoder extends WasmDecoder {
  getFrameInfo(): FrameSize;
}

interface OpenJpeg {
  readonly J2KDecoder: new () => J2kDecoder;
}

/** Decodes JPEG 2000 codestreams to little endian samples of one or two bytes, pixel by pixel. */
export function openJpegDecoder(host: CodecHost): (codestream: Uint8Array, header: J2kHeader) => Promise<Uint8Array> {
  const codec = new WasmCodec<OpenJpeg>('JPEG 2000', 'openjpeg', host, (module) => new module.J2KDecoder());
  return async (codestream, header) => {
    const { columns: width, rows: height, components: componentCount, bits: bitsPerSample } = header;
    const expected = { width, height, componentCount, bitsPerSample };
    const { samples } = await codec.decode<J2kDecoder>(codestream, expected, (decoder) => decoder.getFrameInfo());
    return samples;
  };
}
