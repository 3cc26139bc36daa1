import { readFile } from 'node:fs/promises';
import { AppError } from '../../domain/errors.ts';

/** Samples to be encoded: little endian, pixel by pixel, of one byte up to 8 bits and of two above. */
export interface Picture {
  readonly samples: Uint8Array;
  readonly columns: number;
  readonly rows: number;
  /** Precision of the codestream. */
  readonly bits: number;
  readonly signed: boolean;
  readonly components: number;
}

/** What all encoders of the Cornerstone project have; they are in the packages of the decoders, without types. */
export interface WasmPictureEncoder {
  /** Room for the samples. */
  getDecodedBuffer(size: object): Uint8Array;
  encode(): void;
  /** A view of the codec's memory, gone after `delete`. */
  getEncodedBuffer(): Uint8Array;
  delete(): void;
}

type WasmFactory<Module> = (options: object) => Promise<Module>;

interface Package<Module> {
  readonly script: WasmFactory<Module> | { readonly default: WasmFactory<Module> };
  readonly wasm: string;
}

/** One WebAssembly codec in memory. A new encoder for each frame; after any failure the whole instance is thrown away. */
export class WasmEncoder<Module, Encoder extends WasmPictureEncoder> {
  readonly #open: () => Package<Module>;
  readonly #encoder: (module: Module) => Encoder;
  #module: Promise<Module> | undefined;

  constructor(open: () => Package<Module>, encoder: (module: Module) => Encoder) {
    this.#open = open;
    this.#encoder = encoder;
  }

  /**
   * The codestream of a picture.
   *
   * @throws {AppError} NOT_ACCEPTABLE when the library fails: CharLS has no room for a codestream larger than its samples,
   *   which that of pure noise is.
   */
  async encode(picture: Picture, prepare: (encoder: Encoder) => void, more: object = {}): Promise<Uint8Array> {
    const { columns: width, rows: height, bits: bitsPerSample, components: componentCount, signed: isSigned } = picture;
    this.#module ??= this.#load();
    const module = await this.#module;
    try {
      const encoder = this.#encoder(module);
      const room = encoder.getDecodedBuffer({ width, height, bitsPerSample, componentCount, isSigned, ...more });
      if (room.length !== picture.samples.length) throw new Error(`room for ${room.length} bytes of samples`);
      room.set(picture.samples);
      prepare(encoder);
      encoder.encode();
      const frame = Uint8Array.from(encoder.getEncodedBuffer());
      encoder.delete();
      return frame;
    } catch (error) {
      this.#module = undefined;
      // What the libraries throw are pointers.
      if (error instanceof Error) throw error;
      throw new AppError('NOT_ACCEPTABLE', 'the encoder cannot take this image: it is too noisy to be compressed');
    }
  }

  async #load(): Promise<Module> {
    const { script, wasm } = this.#open();
    const factory = typeof script === 'function' ? script : script.default;
    const silent = () => undefined;
    return factory({ wasmBinary: await readFile(wasm), print: silent, printErr: silent });
  }
}
