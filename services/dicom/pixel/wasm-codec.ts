import { AppError } from '../../domain/errors.ts';
import type { CodecHost, CodecLibrary } from './codec-host.ts';
import { damaged } from './damaged.ts';
import { type CompiledModule, compile, instantiate, MAX_RETAINED_BYTES } from './web-assembly.ts';

/** What all decoders of the Cornerstone project have; they come without types. */
export interface WasmDecoder {
  getEncodedBuffer(bytes: number): Uint8Array;
  decode(): void;
  /** A view of the codec's memory, gone after `delete`. */
  getDecodedBuffer(): Uint8Array;
  delete(): void;
}

/** What a decoder says it decoded. */
export interface FrameSize {
  readonly width: number;
  readonly height: number;
  readonly componentCount: number;
  readonly bitsPerSample: number;
}

/** What its header announced; JPEG XL's says the precision only to the decoder. */
type ExpectedSize = Omit<FrameSize, 'bitsPerSample'> & { readonly bitsPerSample: number | undefined };

interface WasmModule {
  /** Errors are thrown as pointers; not every codec can name them. */
  getExceptionMessage?(pointer: unknown): unknown;
}

/** What the libraries print that is no complaint: progress, and a harmless habit of a writer (TPsot of ISO/IEC 15444-1). */
const HARMLESS = /^(\[INFO\]|\s*$|\[WARNING\] Non conformant codestream TPsot==TNsot)/;

/**
 * One WebAssembly codec in memory. `decode` gets a new decoder for each frame, for a used one may hand out the image
 * before; and after any failure the whole instance is thrown away.
 */
export class WasmCodec<Module> {
  readonly #name: string;
  readonly #library: Exclude<CodecLibrary, 'dcmtk-jpeg'>;
  readonly #host: CodecHost;
  readonly #decoder: (module: Module) => WasmDecoder;
  #compiled: CompiledModule | undefined;
  #module: Promise<Module & WasmModule> | undefined;
  #complaints: string[] = [];

  /** `name` is how its errors begin. */
  constructor(
    name: string,
    library: Exclude<CodecLibrary, 'dcmtk-jpeg'>,
    host: CodecHost,
    decoder: (module: Module) => WasmDecoder,
  ) {
    this.#name = name;
    this.#library = library;
    this.#host = host;
    this.#decoder = decoder;
  }

  /**
   * Decodes `codestream`, which must be the image that `expected` says; the answer is a copy of its samples, pixel by pixel.
   *
   * @throws {AppError} DATASET_UNREADABLE with what the library said.
   */
  async decode<Decoder extends WasmDecoder>(
    codestream: Uint8Array,
    expected: ExpectedSize,
    frameSize: (decoder: Decoder) => FrameSize,
  ): Promise<{ readonly samples: Uint8Array; readonly bits: number }> {
    const module = await this.#current();
    try {
      this.#complaints = [];
      const decoder = this.#decoder(module) as Decoder;
      decoder.getEncodedBuffer(codestream.length).set(codestream);
      decoder.decode();
      if (this.#complaints.length > 0) throw damaged(`${this.#name}: ${this.#complaints[0]}`);
      const size = frameSize(decoder);
      const samples = checked(this.#name, decoder.getDecodedBuffer(), size, expected);
      decoder.delete();
      if (samples.length > MAX_RETAINED_BYTES) this.#module = undefined;
      return { samples, bits: size.bitsPerSample };
    } catch (error) {
      this.#module = undefined;
      if (error instanceof AppError) throw error;
      throw damaged(`${this.#name}: ${message(module, error)}`);
    }
  }

  /** The instance to use now: one that failed another frame in the meantime is not, and one that did not load is tried again. */
  async #current(): Promise<Module & WasmModule> {
    for (;;) {
      this.#module ??= this.#load();
      const loading = this.#module;
      try {
        const module = await loading;
        if (this.#module === loading) return module;
      } catch (error) {
        if (this.#module === loading) this.#module = undefined;
        throw error;
      }
    }
  }

  /** A new instance of the library; its code is compiled once. */
  async #load(): Promise<Module & WasmModule> {
    const factory = await this.#host.factory(this.#library);
    this.#compiled ??= await compile(await this.#host.wasm(this.#library));
    const compiled = this.#compiled;
    const complain = (text: string) => {
      if (!HARMLESS.test(text)) this.#complaints.push(text.slice(0, 200));
    };
    const made = new Promise((resolve, reject) => {
      const instantiateWasm = (imports: object, receive: (instance: object) => void) => {
        instantiate(compiled, imports).then(receive, reject);
        return {};
      };
      factory({ instantiateWasm, print: complain, printErr: complain }).then(resolve, reject);
    });
    return (await made) as Module & WasmModule;
  }
}

function checked(name: string, decoded: Uint8Array, size: FrameSize, expected: ExpectedSize): Uint8Array {
  const { width, height, componentCount } = expected;
  const bitsPerSample = expected.bitsPerSample ?? size.bitsPerSample;
  const isSame =
    size.width === width &&
    size.height === height &&
    size.componentCount === componentCount &&
    size.bitsPerSample === bitsPerSample;
  if (!isSame) throw damaged(`${name}: the decoder read another frame than its header announced`);
  const needed = width * height * componentCount * (bitsPerSample > 8 ? 2 : 1);
  if (decoded.length !== needed) throw damaged(`${name}: ${decoded.length} bytes decoded, ${needed} are needed`);
  return new Uint8Array(decoded);
}

function message(module: WasmModule, error: unknown): string {
  if (error instanceof Error) return error.message;
  const text = module.getExceptionMessage?.(error);
  return text === undefined ? 'the decoder failed' : String(text);
}
