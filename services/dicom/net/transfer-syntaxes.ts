import { TRANSFER_SYNTAX } from '../dataset/transfer-syntax.ts';

/**
 * Transfer syntaxes taken as sent — PS3.6 Table A-1, without the root 1.2.840.10008.1 — in tiers of our preference. A
 * requestor that offers several in one context converts to the one we choose, so those that analysis and viewer both decode
 * come first, and lossless before lossy. Nothing is ever converted here.
 *
 * Left out, for they are no form of a C-STORE data set: SMPTE ST 2110 (.2.7.x, real-time video) and the retired MIME,
 * XML and Papyrus encodings.
 */
// biome-ignore format: a table
const TIERS = [
  [ // decoded by analysis and viewer, lossless
    '2.1', '2', '2.1.99', '2.2',                                    // Explicit, Implicit, Deflated, Big Endian (retired)
    '2.4.80', '2.5',                                                // JPEG-LS Lossless, RLE Lossless
  ],
  [ // lossless
    '2.1.98', '2.8.1',                                              // Encapsulated Uncompressed, Deflated Image Frame
    '2.4.70', '2.4.57', '2.4.58', '2.4.65', '2.4.66',               // JPEG Lossless: SV1, Process 14, retired processes
    '2.4.90', '2.4.92', '2.4.201', '2.4.202', '2.4.110',            // JPEG 2000, Part 2, HTJ2K, JPEG XL
  ],
  [ // lossy images
    '2.4.81', '2.4.50', '2.4.51',                                   // JPEG-LS Near-Lossless, JPEG Baseline, Extended
    '2.4.91', '2.4.93', '2.4.203', '2.4.111', '2.4.112',            // JPEG 2000, Part 2, HTJ2K, JPEG XL
    '2.4.52', '2.4.53', '2.4.54', '2.4.55', '2.4.56',               // JPEG, retired processes
    '2.4.59', '2.4.60', '2.4.61', '2.4.62', '2.4.63', '2.4.64',
  ],
  [ // video, and pixels that stay elsewhere
    '2.4.100', '2.4.100.1', '2.4.101', '2.4.101.1',                 // MPEG2, whole and fragmentable
    '2.4.102', '2.4.102.1', '2.4.103', '2.4.103.1', '2.4.104',      // MPEG-4 AVC/H.264
    '2.4.104.1', '2.4.105', '2.4.105.1', '2.4.106', '2.4.106.1',
    '2.4.107', '2.4.108',                                           // HEVC/H.265
    '2.4.94', '2.4.95', '2.4.204', '2.4.205',                       // JPIP
  ],
];

const TIERED = TIERS.map((tier) => tier.map((suffix) => `1.2.840.10008.1.${suffix}`));

/** All of them, by preference. Negotiation and the Conformance Statement both read this list. */
export const TRANSFER_SYNTAXES: readonly string[] = TIERED.flat();

/**
 * The one we choose for what we are sent; `undefined` when none is known. Within a tier the requestor's order decides, for it
 * names what it holds first: data that can stay as it is, stays.
 */
export function chooseReceived(offered: readonly string[]): string | undefined {
  for (const tier of TIERED) {
    const chosen = offered.find((uid) => tier.includes(uid));
    if (chosen !== undefined) return chosen;
  }
  return undefined;
}

/** What an object can be brought into when its receiver does not take it as it is stored. */
export const SENT_TRANSFER_SYNTAXES: readonly string[] = [
  TRANSFER_SYNTAX.implicitLittle,
  TRANSFER_SYNTAX.explicitLittle,
  TRANSFER_SYNTAX.htj2kLossless,
  TRANSFER_SYNTAX.htj2kLosslessRpcl,
  TRANSFER_SYNTAX.jpegLsLossless,
];

/** The one we choose for what we send: the first that any image can be brought into, else the first. */
export function chooseSent(offered: readonly string[]): string | undefined {
  return offered.find((uid) => SENT_TRANSFER_SYNTAXES.includes(uid)) ?? offered[0];
}
