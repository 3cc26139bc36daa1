import { frameDecoder, isDecodable, sampleDecoder } from './frame-decoder.ts';
import { NODE_HOST } from './node-host.ts';

export type { PixelInfo } from './pixel-info.ts';

/** The samples of a frame as its codestream holds them, with the codecs of the installed packages. */
export const decodeSamples = sampleDecoder(NODE_HOST);

/** The decoder of frames, as services and tests use it. */
export const decodeFrame = frameDecoder(NODE_HOST, decodeSamples);

export { isDecodable };
