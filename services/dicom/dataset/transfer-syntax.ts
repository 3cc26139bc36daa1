/** How the elements of a data set are laid out (PS3.5 §7.1, Annex A). */
export interface Encoding {
  readonly explicit: boolean;
  readonly littleEndian: boolean;
}

export const EXPLICIT_LITTLE: Encoding = { explicit: true, littleEndian: true };
export const IMPLICIT_LITTLE: Encoding = { explicit: false, littleEndian: true };
export const EXPLICIT_BIG: Encoding = { explicit: true, littleEndian: false };

export const TRANSFER_SYNTAX = {
  implicitLittle: '1.2.840.10008.1.2',
  explicitLittle: '1.2.840.10008.1.2.1',
  deflatedLittle: '1.2.840.10008.1.2.1.99',
  encapsulatedUncompressed: '1.2.840.10008.1.2.1.98',
  explicitBig: '1.2.840.10008.1.2.2',
  jpegBaseline: '1.2.840.10008.1.2.4.50',
  jpegExtended: '1.2.840.10008.1.2.4.51',
  jpegSpectral: '1.2.840.10008.1.2.4.53',
  jpegProgressive: '1.2.840.10008.1.2.4.55',
  jpegLossless: '1.2.840.10008.1.2.4.57',
  jpegLosslessFirstOrder: '1.2.840.10008.1.2.4.70',
  jpegLsLossless: '1.2.840.10008.1.2.4.80',
  jpegLsNearLossless: '1.2.840.10008.1.2.4.81',
  jpeg2000Lossless: '1.2.840.10008.1.2.4.90',
  jpeg2000: '1.2.840.10008.1.2.4.91',
  jpeg2000MultiLossless: '1.2.840.10008.1.2.4.92',
  jpeg2000Multi: '1.2.840.10008.1.2.4.93',
  jpegXlLossless: '1.2.840.10008.1.2.4.110',
  jpegXlRecompression: '1.2.840.10008.1.2.4.111',
  jpegXl: '1.2.840.10008.1.2.4.112',
  htj2kLossless: '1.2.840.10008.1.2.4.201',
  htj2kLosslessRpcl: '1.2.840.10008.1.2.4.202',
  htj2k: '1.2.840.10008.1.2.4.203',
  rle: '1.2.840.10008.1.2.5',
  deflatedFrame: '1.2.840.10008.1.2.8.1',
} as const;

/** Names of PS3.6 Table A-1, shortened to what a screen can show. */
// biome-ignore format: a table
const NAMES: Readonly<Record<string, string>> = {
  '1.2.840.10008.1.2':        'Implicit VR Little Endian',
  '1.2.840.10008.1.2.1':      'Explicit VR Little Endian',
  '1.2.840.10008.1.2.1.98':   'Encapsulated Uncompressed Explicit VR Little Endian',
  '1.2.840.10008.1.2.1.99':   'Deflated Explicit VR Little Endian',
  '1.2.840.10008.1.2.2':      'Explicit VR Big Endian',
  '1.2.840.10008.1.2.4.50':   'JPEG Baseline (Process 1)',
  '1.2.840.10008.1.2.4.51':   'JPEG Extended (Process 2 & 4)',
  '1.2.840.10008.1.2.4.53':   'JPEG Spectral Selection (Process 6 & 8)',
  '1.2.840.10008.1.2.4.55':   'JPEG Full Progression (Process 10 & 12)',
  '1.2.840.10008.1.2.4.57':   'JPEG Lossless (Process 14)',
  '1.2.840.10008.1.2.4.70':   'JPEG Lossless SV1',
  '1.2.840.10008.1.2.4.80':   'JPEG-LS Lossless',
  '1.2.840.10008.1.2.4.81':   'JPEG-LS Near-Lossless',
  '1.2.840.10008.1.2.4.90':   'JPEG 2000 Lossless',
  '1.2.840.10008.1.2.4.91':   'JPEG 2000',
  '1.2.840.10008.1.2.4.92':   'JPEG 2000 Part 2 Multi-component Lossless',
  '1.2.840.10008.1.2.4.93':   'JPEG 2000 Part 2 Multi-component',
  '1.2.840.10008.1.2.4.94':   'JPIP Referenced',
  '1.2.840.10008.1.2.4.95':   'JPIP Referenced Deflate',
  '1.2.840.10008.1.2.4.100':  'MPEG2 Main Profile / Main Level',
  '1.2.840.10008.1.2.4.101':  'MPEG2 Main Profile / High Level',
  '1.2.840.10008.1.2.4.102':  'MPEG-4 AVC/H.264 High Profile',
  '1.2.840.10008.1.2.4.103':  'MPEG-4 AVC/H.264 BD-compatible High Profile',
  '1.2.840.10008.1.2.4.104':  'MPEG-4 AVC/H.264 High Profile for 2D Video',
  '1.2.840.10008.1.2.4.105':  'MPEG-4 AVC/H.264 High Profile for 3D Video',
  '1.2.840.10008.1.2.4.106':  'MPEG-4 AVC/H.264 Stereo High Profile',
  '1.2.840.10008.1.2.4.107':  'HEVC/H.265 Main Profile',
  '1.2.840.10008.1.2.4.108':  'HEVC/H.265 Main 10 Profile',
  '1.2.840.10008.1.2.4.110':  'JPEG XL Lossless',
  '1.2.840.10008.1.2.4.111':  'JPEG XL JPEG Recompression',
  '1.2.840.10008.1.2.4.112':  'JPEG XL',
  '1.2.840.10008.1.2.4.201':  'HTJ2K Lossless',
  '1.2.840.10008.1.2.4.202':  'HTJ2K Lossless RPCL',
  '1.2.840.10008.1.2.4.203':  'HTJ2K',
  '1.2.840.10008.1.2.4.204':  'JPIP HTJ2K Referenced',
  '1.2.840.10008.1.2.4.205':  'JPIP HTJ2K Referenced Deflate',
  '1.2.840.10008.1.2.5':      'RLE Lossless',
  '1.2.840.10008.1.2.8.1':    'Deflated Image Frame Compression',
};

/** The name a person knows it by, or `unknown` for one the standard does not list. */
export function transferSyntaxName(uid: string): string {
  return NAMES[uid] ?? 'unknown';
}

/** The layout of a data set sent under `uid`; every syntax but four is Explicit VR Little Endian (PS3.5 §A.4). */
export function encodingOf(uid: string): Encoding {
  if (uid === TRANSFER_SYNTAX.implicitLittle) return IMPLICIT_LITTLE;
  if (uid === TRANSFER_SYNTAX.explicitBig) return EXPLICIT_BIG;
  return EXPLICIT_LITTLE;
}

/** Is the whole data set a deflate stream (PS3.5 §A.5)? The two JPIP forms are deflated too (§A.8). */
export function isDeflated(uid: string): boolean {
  return (
    uid === TRANSFER_SYNTAX.deflatedLittle || uid === '1.2.840.10008.1.2.4.95' || uid === '1.2.840.10008.1.2.4.205'
  );
}

const NATIVE: readonly string[] = [
  TRANSFER_SYNTAX.implicitLittle,
  TRANSFER_SYNTAX.explicitLittle,
  TRANSFER_SYNTAX.deflatedLittle,
  TRANSFER_SYNTAX.explicitBig,
];

/** Is Pixel Data a run of fragments under `uid`, and not the samples themselves (PS3.5 §8.2)? */
export function isEncapsulated(uid: string): boolean {
  return !NATIVE.includes(uid);
}
