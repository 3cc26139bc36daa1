import { readFile } from 'node:fs/promises';
import { AppError } from '../../domain/errors.ts';
import { damaged } from './damaged.ts';

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

type WasmFactory<Module> = (options: object) => Promise<Module & WasmModule>;

/** The package's script, with the factory for an export or as its default, and where its WebAssembly lies. */
interface Package<Module> {
  readonly script: WasmFactory<Module> | { readonly default: WasmFactory<Module> };
  readonly wasm: string;
}

/** What the libraries print that is no complaint: progress, and a harmless habit of a writer (TPsot of ISO/IEC 15444-1). */
const HARMLESS = /^(\[INFO\]|\s*$|\[WARNING\] Non conformant codestream TPsot==TNsot)/;

/**
 * One WebAssembly codec in memory. `decode` gets a new decoder for each frame, for a used one may hand out the image
 * before; and after any failure the whole instance is thrown away.
 */
export class WasmCodec<Module> {
  readonly #name: string;
  readonly #open: () => Package<Module>;
  readonly #decoder: (module: Module) => WasmDecoder;
  #module: Promise<Module & WasmModule> | undefined;
  #complaints: string[] = [];

  constructor(name: string, open: () => Package<Module>, decoder: (module: Module) => WasmDecoder) {
    this.#name = name;
    this.#open = open;
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
    this.#module ??= this.#load();
    const module = await this.#module;
    try {
      this.#complaints = [];
      const decoder = this.#decoder(module) as Decoder;
      decoder.getEncodedBuffer(codestream.length).set(codestream);
      decoder.decode();
      if (this.#complaints.length > 0) throw damaged(`${this.#name}: ${this.#complaints[0]}`);
      const size = frameSize(decoder);
      const samples = checked(this.#name, decoder.getDecodedBuffer(), size, expected);
      decoder.delete();
      return { samples, bits: size.bitsPerSample };
    } catch (error) {
      this.#module = undefined;
      if (error instanceof AppError) throw error;
      throw damaged(`${this.#name}: ${message(module, error)}`);
    }
  }

  async #load(): Promise<Module & WasmModule> {
    const { script, wasm } = this.#open();
    const factory = typeof script === 'function' ? script : script.default;
    const wasmBinary = await readFile(wasm);
    const complain = (text: string) => {
      if (!HARMLESS.test(text)) this.#complaints.push(text.slice(0, 200));
    };
    return factory({ wasmBinary, print: complain, printErr: complain });
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
