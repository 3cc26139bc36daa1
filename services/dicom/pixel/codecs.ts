import { frameDecoder, isDecodable } from './frame-decoder.ts';
import { NODE_HOST } from './node-host.ts';

export type { PixelInfo } from './pixel-info.ts';

/** The decoder of frames with the codecs of the installed packages, as services and tests use it. */
export const decodeFrame = frameDecoder(NODE_HOST);

export { isDecodable };
