import type { CodecHost } from './codec-host.ts';
import { damaged } from './damaged.ts';
import type { J2kHeader } from './j2k-frame.ts';
import { type FrameSize, WasmCodec, type WasmDecoder } from './wasm-codec.ts';

/** What we use of `@cornerstonejs/codec-openjph`, which has no types. */
interface HtDecoder extends WasmDecoder {
  getFrameInfo(): FrameSize;
  getIsHeaderValid(): boolean;
  getLastErrorMessage(): string;
}

interface OpenJph {
  readonly HTJ2KDecoder: new () => HtDecoder;
}

/** Decodes HTJ2K codestreams to little endian samples of one or two bytes, pixel by pixel. */
export function htj2kDecoder(host: CodecHost): (codestream: Uint8Array, header: J2kHeader) => Promise<Uint8Array> {
  const codec = new WasmCodec<OpenJph>('HTJ2K', 'openjph', host, (module) => new module.HTJ2KDecoder());
  return async (codestream, header) => {
    const { columns: width, rows: height, components: componentCount, bits: bitsPerSample } = header;
    const expected = { width, height, componentCount, bitsPerSample };
    const { samples } = await codec.decode<HtDecoder>(codestream, expected, (decoder) => {
      const complaint = decoder.getLastErrorMessage();
      if (complaint || !decoder.getIsHeaderValid()) throw damaged(`HTJ2K: ${complaint || 'the header is invalid'}`);
      return decoder.getFrameInfo();
    });
    return samples;
  };
}
