/** The WebAssembly codecs, by the library inside. */
export type CodecLibrary = 'charls' | 'dcmtk-jpeg' | 'libjpeg-turbo' | 'libjxl' | 'openjpeg' | 'openjph';

/** Makes one instance of a codec. */
export type CodecFactory = (options: object) => Promise<unknown>;

/**
 * What the decoders ask of the machine they run on: Node in the services, a worker of the browser in the viewer. Everything
 * else in this folder that they import is pure, so both show the same pixels and refuse the same frames.
 */
export interface CodecHost {
  /** The WebAssembly of a library; asked for when the first frame needs it. */
  wasm(library: CodecLibrary): Promise<Uint8Array<ArrayBuffer>>;
  /** The script that goes with it; that of `dcmtk-jpeg` is ours. */
  factory(library: Exclude<CodecLibrary, 'dcmtk-jpeg'>): Promise<CodecFactory>;
}
