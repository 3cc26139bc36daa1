import { AppError } from '../../domain/errors.ts';
import type { CodecHost } from './codec-host.ts';
import { damaged } from './damaged.ts';
import type { JpegHeader } from './jpeg-frame.ts';
import { type CompiledModule, compile, instantiate, MAX_RETAINED_BYTES } from './web-assembly.ts';

type Pointer = number;
/** What we use of the WebAssembly in `dcmjs-codecs`; its JavaScript would load all of dcmjs. */
interface NativeCodecs {
  readonly memory: { readonly buffer: ArrayBuffer };
  _initialize?(): void;
  CreateCodecsContext(): Pointer;
  ReleaseCodecsContext(context: Pointer): void;
  CreateDecoderParameters(): Pointer;
  ReleaseDecoderParameters(parameters: Pointer): void;
  SetConvertColorspaceToRgb(parameters: Pointer, isWanted: number): void;
  SetColumns(context: Pointer, columns: number): void;
  SetRows(context: Pointer, rows: number): void;
  SetBitsAllocated(context: Pointer, bits: number): void;
  SetBitsStored(context: Pointer, bits: number): void;
  SetSamplesPerPixel(context: Pointer, samples: number): void;
  SetPixelRepresentation(context: Pointer, signed: number): void;
  SetPlanarConfiguration(context: Pointer, planar: number): void;
  SetPhotometricInterpretation(context: Pointer, index: number): void;
  SetEncodedBufferSize(context: Pointer, bytes: number): void;
  GetEncodedBuffer(context: Pointer): Pointer;
  DecodeJpeg(context: Pointer, parameters: Pointer): void;
  GetDecodedBuffer(context: Pointer): Pointer;
  GetDecodedBufferSize(context: Pointer): number;
}

const LATIN = new TextDecoder('latin1');
/** Places in the library's list of photometric interpretations. */
const MONOCHROME2 = 1;
const RGB = 3;
const BAD_DESCRIPTOR = 8;
/** What the library mentions beside its progress, and then goes on with zeros for what is missing. */
const DAMAGE = /Corrupt JPEG data|Premature end|Inconsistent progression/;

/** One instance of the codec; thrown away after any failure, for one that trapped fails ever after. */
class NativeJpeg {
  readonly #host: CodecHost;
  #compiled: Promise<CompiledModule> | undefined;
  #codecs: NativeCodecs | undefined;
  #complaints: string[] = [];

  constructor(host: CodecHost) {
    this.#host = host;
  }

  async decode(codestream: Uint8Array, header: JpegHeader): Promise<Uint8Array> {
    this.#compiled ??= this.#compile();
    const compiled = await this.#compiled;
    this.#codecs ??= await this.#instance(compiled);
    try {
      const samples = this.#decodeWith(this.#codecs, codestream, header);
      if (samples.length > MAX_RETAINED_BYTES) this.#codecs = undefined;
      return samples;
    } catch (error) {
      this.#codecs = undefined;
      if (error instanceof AppError) throw error;
      throw damaged(`JPEG: ${error instanceof Error ? error.message.slice(0, 200) : 'the decoder failed'}`);
    }
  }

  /** Once; when the library could not be had it is asked for again with the next frame. */
  async #compile(): Promise<CompiledModule> {
    try {
      return await compile(await this.#host.wasm('dcmtk-jpeg'));
    } catch (error) {
      this.#compiled = undefined;
      throw error;
    }
  }

  #decodeWith(codecs: NativeCodecs, codestream: Uint8Array, header: JpegHeader): Uint8Array {
    this.#complaints = [];
    const context = contextOf(codecs, codestream, header);
    const parameters = codecs.CreateDecoderParameters();
    codecs.SetConvertColorspaceToRgb(parameters, 0);
    codecs.DecodeJpeg(context, parameters);
    codecs.ReleaseDecoderParameters(parameters);
    const decoded = new Uint8Array(
      codecs.memory.buffer,
      codecs.GetDecodedBuffer(context),
      codecs.GetDecodedBufferSize(context),
    );
    if (this.#complaints.length > 0) throw damaged(`JPEG: ${this.#complaints[0]}`);
    const needed = header.rows * header.columns * header.components * (header.bits > 8 ? 2 : 1);
    // A buffer of odd length is padded.
    if (decoded.length !== needed && decoded.length !== needed + (needed % 2)) {
      throw damaged(`JPEG: ${decoded.length} bytes decoded, ${needed} are needed`);
    }
    const samples = decoded.slice(0, needed);
    codecs.ReleaseCodecsContext(context);
    return samples;
  }

  /** The few functions of its system that the library calls: texts come as address and length. */
  async #instance(compiled: CompiledModule): Promise<NativeCodecs> {
    const memory = () => codecs.memory.buffer;
    const text = (at: Pointer, bytes: number) => LATIN.decode(new Uint8Array(memory(), at, bytes));
    const env = {
      onCodecsException: (at: Pointer, bytes: number) => {
        throw new Error(text(at, bytes));
      },
      onCodecsInfo: (at: Pointer, bytes: number) => {
        const said = text(at, Math.min(bytes, 200));
        if (DAMAGE.test(said)) this.#complaints.push(said.replace(/^.*::/, ''));
      },
      onCodecsTrace: () => undefined,
      emscripten_notify_memory_growth: () => undefined,
    };
    const system = {
      proc_exit: (code: number) => {
        throw new Error(`the decoder ended with ${code}`);
      },
      clock_time_get: () => BAD_DESCRIPTOR,
      environ_sizes_get: (count: Pointer, bytes: Pointer) => {
        new DataView(memory()).setUint32(count, 0, true);
        new DataView(memory()).setUint32(bytes, 0, true);
        return 0;
      },
      environ_get: () => 0,
      fd_write: (_file: number, parts: Pointer, count: number, written: Pointer) => {
        const view = new DataView(memory());
        let bytes = 0;
        for (let part = 0; part < count; part++) {
          const length = view.getUint32(parts + part * 8 + 4, true);
          this.#complaints.push(text(view.getUint32(parts + part * 8, true), Math.min(length, 200)));
          bytes += length;
        }
        view.setUint32(written, bytes, true);
        return 0;
      },
      fd_close: () => BAD_DESCRIPTOR,
      fd_seek: () => BAD_DESCRIPTOR,
    };
    const { exports } = await instantiate(compiled, { env, wasi_snapshot_preview1: system });
    const codecs = exports as NativeCodecs;
    codecs._initialize?.();
    return codecs;
  }
}

/**
 * Decodes JPEG frames of 12 bits, or lossless ones of up to 16 (ITU-T T.81), to little endian samples, pixel by pixel;
 * colours as they are in the codestream.
 */
export function nativeJpegDecoder(
  host: CodecHost,
): (codestream: Uint8Array, header: JpegHeader) => Promise<Uint8Array> {
  const codec = new NativeJpeg(host);
  return async (codestream, header) => {
    if (header.components !== 1 && header.components !== 3) {
      throw damaged(`a JPEG frame of ${header.components} components`);
    }
    return codec.decode(codestream, header);
  };
}

function contextOf(codecs: NativeCodecs, codestream: Uint8Array, header: JpegHeader): Pointer {
  const context = codecs.CreateCodecsContext();
  codecs.SetColumns(context, header.columns);
  codecs.SetRows(context, header.rows);
  codecs.SetBitsAllocated(context, header.bits > 8 ? 16 : 8);
  codecs.SetBitsStored(context, header.bits);
  codecs.SetSamplesPerPixel(context, header.components);
  codecs.SetPixelRepresentation(context, 0);
  codecs.SetPlanarConfiguration(context, 0);
  codecs.SetPhotometricInterpretation(context, header.components === 1 ? MONOCHROME2 : RGB);
  codecs.SetEncodedBufferSize(context, codestream.length);
  new Uint8Array(codecs.memory.buffer).set(codestream, codecs.GetEncodedBuffer(context));
  return context;
}
