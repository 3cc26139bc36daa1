import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { AppError } from '../../domain/errors.ts';
import { type JpegLsHeader, openJpegLs } from './jpeg-ls-frame.ts';
import type { PixelInfo } from './pixel-info.ts';

/** What we use of `@cornerstonejs/codec-charls`, which has no types. */
interface Charls {
  readonly JpegLSDecoder: new () => CharlsDecoder;
  /** Errors are thrown as pointers. */
  getExceptionMessage(pointer: unknown): string;
}

interface CharlsDecoder {
  getEncodedBuffer(bytes: number): Uint8Array;
  decode(): void;
  /** A view of the codec's memory, gone after `delete`. */
  getDecodedBuffer(): Uint8Array;
  getFrameInfo(): { width: number; height: number; bitsPerSample: number; componentCount: number };
  /** 0: a plane per component; else pixel by pixel (CharLS hands lines out that way too). */
  getInterleaveMode(): number | { readonly value: number };
  delete(): void;
}

type CharlsFactory = (options: object) => Promise<Charls>;

const require = createRequire(import.meta.url);

/**
 * The codec in memory. A decoder is made for each frame, for a used one may hand out the image before; and after any
 * failure the whole instance is thrown away.
 */
class CharlsCodec {
  #charls: Promise<Charls> | undefined;
  #complaints: string[] = [];

  async decode(codestream: Uint8Array, expected: JpegLsHeader, planar: boolean): Promise<Uint8Array> {
    this.#charls ??= this.#load();
    const charls = await this.#charls;
    try {
      return this.#decodeWith(charls, codestream, expected, planar);
    } catch (error) {
      this.#charls = undefined;
      if (error instanceof AppError) throw error;
      throw damaged(`JPEG-LS: ${message(charls, error)}`);
    }
  }

  async #load(): Promise<Charls> {
    const factory: CharlsFactory = require('@cornerstonejs/codec-charls/decodewasmjs');
    const wasmBinary = await readFile(require.resolve('@cornerstonejs/codec-charls/decodewasm'));
    const complain = (text: string) => void this.#complaints.push(text);
    return factory({ wasmBinary, print: complain, printErr: complain });
  }

  #decodeWith(charls: Charls, codestream: Uint8Array, expected: JpegLsHeader, planar: boolean): Uint8Array {
    this.#complaints = [];
    const decoder = new charls.JpegLSDecoder();
    decoder.getEncodedBuffer(codestream.length).set(codestream);
    decoder.decode();
    const { width, height, bitsPerSample, componentCount } = decoder.getFrameInfo();
    const isSame =
      width === expected.columns &&
      height === expected.rows &&
      bitsPerSample === expected.bits &&
      componentCount === expected.components;
    if (!isSame) throw damaged('JPEG-LS: the decoder read another frame than its header announced');
    const decoded = decoder.getDecodedBuffer();
    const sampleBytes = expected.bits > 8 ? 2 : 1;
    const needed = width * height * componentCount * sampleBytes;
    if (decoded.length !== needed) throw damaged(`JPEG-LS: ${decoded.length} bytes decoded, ${needed} are needed`);
    if (this.#complaints.length > 0) throw damaged('JPEG-LS: the decoder complained');
    const mode = decoder.getInterleaveMode();
    const isPlanar = (typeof mode === 'number' ? mode : mode.value) === 0;
    const pixels = arranged(decoded, { components: componentCount, sampleBytes, isPlanar, wantPlanar: planar });
    decoder.delete();
    return pixels;
  }
}

const CODEC = new CharlsCodec();

/**
 * Decodes a JPEG-LS frame (ISO/IEC 14495-1, PS3.5 §8.2.3) to little endian samples. CharLS may need seconds for a frame
 * that is damaged in its middle: whoever decodes received images keeps a watchdog.
 *
 * @throws {AppError} DATASET_UNREADABLE when the frame is cut, damaged or another image than the attributes describe.
 */
export async function decodeJpegLs(frame: Uint8Array, info: PixelInfo): Promise<Uint8Array> {
  const { header, codestream } = openJpegLs(frame);
  checkHeader(header, info);
  return CODEC.decode(codestream, header, info.planar);
}

/** A signed sample must have its sign bit: the codestream may not be narrower than Bits Stored. */
function checkHeader(header: JpegLsHeader, info: PixelInfo): void {
  const { rows, columns, samplesPerPixel, bitsAllocated, bitsStored } = info;
  if (header.rows !== rows || header.columns !== columns) {
    throw damaged(`JPEG-LS frame of ${header.columns} x ${header.rows}, the attributes say ${columns} x ${rows}`);
  }
  if (header.components !== samplesPerPixel) {
    throw damaged(`JPEG-LS frame of ${header.components} components, the attributes say ${samplesPerPixel}`);
  }
  const fits = header.bits >= 2 && (header.bits > 8 ? 16 : 8) === bitsAllocated && header.bits <= 16;
  if (!fits || (info.signed && header.bits < bitsStored)) {
    throw damaged(`JPEG-LS frame of ${header.bits} bits, the attributes say ${bitsStored} in ${bitsAllocated}`);
  }
}

/** A copy of `decoded`, by plane or by pixel as wanted. */
function arranged(
  decoded: Uint8Array,
  order: { components: number; sampleBytes: number; isPlanar: boolean; wantPlanar: boolean },
): Uint8Array {
  const { components, sampleBytes, isPlanar, wantPlanar } = order;
  if (components === 1 || isPlanar === wantPlanar) return new Uint8Array(decoded);
  const out = new Uint8Array(decoded.length);
  const pixels = decoded.length / sampleBytes / components;
  for (let component = 0; component < components; component++) {
    for (let pixel = 0; pixel < pixels; pixel++) {
      const planarAt = (component * pixels + pixel) * sampleBytes;
      const pixelAt = (pixel * components + component) * sampleBytes;
      const [from, to] = isPlanar ? [planarAt, pixelAt] : [pixelAt, planarAt];
      for (let byte = 0; byte < sampleBytes; byte++) out[to + byte] = decoded[from + byte] ?? 0;
    }
  }
  return out;
}

function message(charls: Charls, error: unknown): string {
  if (typeof error !== 'number') return error instanceof Error ? error.message : 'the decoder failed';
  return charls.getExceptionMessage(error);
}

function damaged(what: string): AppError {
  return new AppError('DATASET_UNREADABLE', what);
}
