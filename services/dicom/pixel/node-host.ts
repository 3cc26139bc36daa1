import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { CodecFactory, CodecHost, CodecLibrary } from './codec-host.ts';

const require = createRequire(import.meta.url);

/** Where each package keeps its WebAssembly. */
const WASM: Readonly<Record<CodecLibrary, () => string>> = {
  charls: () => require.resolve('@cornerstonejs/codec-charls/decodewasm'),
  'dcmtk-jpeg': () => require.resolve('dcmjs-codecs/build/dcmjs-native-codecs.wasm'),
  'libjpeg-turbo': () => require.resolve('@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasm'),
  libjxl: () => require.resolve('@cornerstonejs/codec-libjxl/decodewasm'),
  openjpeg: () => require.resolve('@cornerstonejs/codec-openjpeg/decodewasm'),
  openjph: () => require.resolve('@cornerstonejs/codec-openjph/wasm'),
};

/** A package of the Cornerstone project exports the factory, as its default or itself; they come without types. */
type Script = CodecFactory | { readonly default: CodecFactory };

const SCRIPTS: Readonly<Record<Exclude<CodecLibrary, 'dcmtk-jpeg'>, () => Script>> = {
  charls: () => require('@cornerstonejs/codec-charls/decodewasmjs'),
  'libjpeg-turbo': () => require('@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs'),
  libjxl: () => require('@cornerstonejs/codec-libjxl/decodewasmjs'),
  openjpeg: () => require('@cornerstonejs/codec-openjpeg/decodewasmjs'),
  openjph: () => require('@cornerstonejs/codec-openjph/wasmjs'),
};

/** The codecs from the installed packages, for the services. */
export const NODE_HOST: CodecHost = {
  wasm: async (library) => new Uint8Array(await readFile(WASM[library]())),
  factory: async (library) => {
    const script = SCRIPTS[library]();
    return typeof script === 'function' ? script : script.default;
  },
};
