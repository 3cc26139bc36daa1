/** What we use of the WebAssembly build of CharLS; the package has no types. */
export interface CharLs {
  readonly JpegLSDecoder: new () => JpegLsDecoder;
  getExceptionMessage(pointer: number): string;
}

export interface JpegLsDecoder {
  getEncodedBuffer(length: number): Uint8Array;
  decode(): void;
  getDecodedBuffer(): Uint8Array;
  getFrameInfo(): { width: number; height: number; bitsPerSample: number; componentCount: number };
  delete(): void;
}

export type CharLsFactory = (options: { locateFile(name: string): string }) => Promise<CharLs>;
