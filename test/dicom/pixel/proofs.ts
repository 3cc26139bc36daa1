export interface Proof {
  /** The file in services/dicom/pixel that turns the frame into samples, and the library it uses. */
  readonly adapter: string;
  readonly library?: string;
  /** The program of dcmtk that corpus.test.ts compares with, to the last pixel. */
  readonly dcmtk?: string;
  /** The program that other-decoders.test.ts compares with: lossless to the last pixel, lossy to one step. */
  readonly program?: string;
  /** In golden-volume.test.ts: one volume, the same to the last voxel. */
  readonly golden?: true;
  /** The test file that cuts and changes frames: an error or its own pixels, never the frame before. */
  readonly damaged?: 'damage' | 'jpeg-ls' | 'rle';
}

const JPEG_8 = { adapter: 'jpeg-8-bit.ts', library: '@cornerstonejs/codec-libjpeg-turbo-8bit' };
const JPEG_WIDE = { adapter: 'jpeg-native.ts', library: 'dcmjs-codecs (WebAssembly)' };
const JPEG_LS = { adapter: 'jpeg-ls.ts', library: '@cornerstonejs/codec-charls' };
const J2K = { adapter: 'openjpeg.ts', library: '@cornerstonejs/codec-openjpeg', program: 'opj_decompress of OpenJPEG' };
const HTJ2K = { adapter: 'htj2k.ts', library: '@cornerstonejs/codec-openjph' };
const JXL = { adapter: 'jpeg-xl.ts', library: '@cornerstonejs/codec-libjxl', program: 'djxl of libjxl' };

/** Every syntax that is decoded, below 1.2.840.10008.1.2, and where it is proven. docs/transfer-syntaxes.md is made of it. */
// biome-ignore format: a table
export const PROOFS: Readonly<Record<string, Proof>> = {
  '':      { adapter: 'codecs.ts', golden: true },
  '1':     { adapter: 'codecs.ts' },
  '1.98':  { adapter: 'codecs.ts', program: 'dcmdump of dcmtk', golden: true },
  '1.99':  { adapter: 'codecs.ts', dcmtk: 'dcmconv', golden: true },
  '2':     { adapter: 'codecs.ts', golden: true },
  '4.50':  { ...JPEG_8, damaged: 'damage' },
  '4.51':  { ...JPEG_WIDE, dcmtk: 'dcmdjpeg', damaged: 'damage' },
  '4.53':  { ...JPEG_WIDE, dcmtk: 'dcmdjpeg', damaged: 'damage' },
  '4.55':  { ...JPEG_WIDE, dcmtk: 'dcmdjpeg', damaged: 'damage' },
  '4.57':  { ...JPEG_WIDE, dcmtk: 'dcmdjpeg', golden: true, damaged: 'damage' },
  '4.70':  { ...JPEG_WIDE, dcmtk: 'dcmdjpeg', golden: true, damaged: 'damage' },
  '4.80':  { ...JPEG_LS, dcmtk: 'dcmdjpls', golden: true, damaged: 'jpeg-ls' },
  '4.81':  { ...JPEG_LS, dcmtk: 'dcmdjpls', damaged: 'damage' },
  '4.90':  { ...J2K, golden: true, damaged: 'damage' },
  '4.91':  { ...J2K, damaged: 'damage' },
  '4.92':  { ...J2K, damaged: 'damage' },
  '4.93':  { ...J2K, damaged: 'damage' },
  '4.110': { ...JXL, golden: true, damaged: 'damage' },
  '4.111': { ...JXL, damaged: 'damage' },
  '4.112': { ...JXL, damaged: 'damage' },
  '4.201': { ...HTJ2K, golden: true, damaged: 'damage' },
  '4.202': { ...HTJ2K, golden: true, damaged: 'damage' },
  '4.203': { ...HTJ2K, damaged: 'damage' },
  '5':     { adapter: 'rle.ts', dcmtk: 'dcmdrle', golden: true, damaged: 'rle' },
  '8.1':   { adapter: 'deflated-frame.ts', library: 'DecompressionStream', program: 'zlib of Python', golden: true, damaged: 'damage' },
};
