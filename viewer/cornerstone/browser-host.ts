import charlsWasm from '@cornerstonejs/codec-charls/decodewasm?url';
import libjpegTurboWasm from '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasm?url';
import libjxlWasm from '@cornerstonejs/codec-libjxl/decodewasm?url';
import openjpegWasm from '@cornerstonejs/codec-openjpeg/decodewasm?url';
import openjphWasm from '@cornerstonejs/codec-openjph/wasm?url';
import dcmtkJpegWasm from 'dcmjs-codecs/build/dcmjs-native-codecs.wasm?url';
import type { CodecFactory, CodecHost, CodecLibrary } from '../../services/dicom/pixel/codec-host.ts';

/** Files of the built page; none is fetched before a frame needs it. */
const WASM: Readonly<Record<CodecLibrary, string>> = {
  charls: charlsWasm,
  'dcmtk-jpeg': dcmtkJpegWasm,
  'libjpeg-turbo': libjpegTurboWasm,
  libjxl: libjxlWasm,
  openjpeg: openjpegWasm,
  openjph: openjphWasm,
};

const SCRIPTS: Readonly<Record<Exclude<CodecLibrary, 'dcmtk-jpeg'>, () => Promise<{ default: CodecFactory }>>> = {
  charls: () => import('@cornerstonejs/codec-charls/decodewasmjs'),
  'libjpeg-turbo': () => import('@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs'),
  libjxl: () => import('@cornerstonejs/codec-libjxl/decodewasmjs'),
  openjpeg: () => import('@cornerstonejs/codec-openjpeg/decodewasmjs'),
  openjph: () => import('@cornerstonejs/codec-openjph/wasmjs'),
};

/** Why a frame has no picture though nothing is wrong with it. */
export class CodecUnreachable extends Error {}

/** The codecs from the server of the page, for a worker of the browser; `whileLoading` hears of each that is fetched. */
export function browserHost(whileLoading: (isLoading: boolean) => void): CodecHost {
  const loading = async <T>(library: CodecLibrary, load: () => Promise<T>): Promise<T> => {
    whileLoading(true);
    try {
      return await load();
    } catch (error) {
      throw new CodecUnreachable(`${library}: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      whileLoading(false);
    }
  };
  return {
    wasm: (library) => loading(library, () => fetchBytes(WASM[library])),
    factory: (library) => loading(library, async () => (await SCRIPTS[library]()).default),
  };
}

async function fetchBytes(url: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}
