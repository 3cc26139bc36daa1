import type { Attributes } from '../dataset/attributes.ts';
import { type ModalityLut, modalityRange, modalityValues, readModalityLut } from './modality-lut.ts';
import { type Palette, paletteColours, readPalette } from './palette.ts';
import { sampleMeaning } from './photometric.ts';
import type { PixelArray } from './pixel-array.ts';
import type { PixelInfo } from './pixel-info.ts';
import { isPadding, type PixelPadding, readPixelPadding } from './pixel-padding.ts';
import { readVoiLut, tabled, type VoiLut, type VoiTable, type VoiWindow, windowed } from './voi-lut.ts';

/** All that says what the samples of one frame mean. */
export type FrameMeaning =
  | {
      readonly kind: 'grey';
      readonly modality: ModalityLut;
      readonly padding: PixelPadding | undefined;
      readonly voi: VoiLut;
      /** MONOCHROME1: the lowest value is the brightest. */
      readonly isInverted: boolean;
    }
  | { readonly kind: 'palette'; readonly palette: Palette }
  | { readonly kind: 'colour' };

/** A frame for eyes: 8 bits, row by row; one channel, or red, green and blue of each pixel. */
export interface Picture {
  readonly channels: 1 | 3;
  readonly samples: Uint8Array;
}

/**
 * Reads the meaning of one frame (0-based).
 *
 * @throws {AppError} DATASET_UNREADABLE with the attribute that is wrong; NOT_ANALYSABLE for a Photometric Interpretation
 *   that is not decoded.
 */
export function readFrameMeaning(attributes: Attributes, info: PixelInfo, frame = 0): FrameMeaning {
  const kind = sampleMeaning(info.photometric, info.samplesPerPixel);
  if (kind === 'colour') return { kind };
  if (kind === 'palette') return { kind, palette: readPalette(attributes, info.signed) };
  const modality = readModalityLut(attributes, info, frame);
  return {
    kind,
    modality,
    padding: readPixelPadding(attributes, info),
    voi: readVoiLut(attributes, modalityRange(modality, info), frame),
    isInverted: info.photometric === 'MONOCHROME1',
  };
}

/**
 * A decoded frame as a picture. Grey is seen through `voi`, else through the first window or table of the object, else from
 * its lowest to its highest value; padding is black (PS3.3 §C.7.5.1.1.2).
 */
export function picture(
  pixels: PixelArray,
  info: PixelInfo,
  meaning: FrameMeaning,
  voi?: VoiWindow | VoiTable,
): Picture {
  if (meaning.kind === 'palette') return { channels: 3, samples: paletteColours(pixels, meaning.palette) };
  if (meaning.kind === 'colour') return { channels: 3, samples: eightBitColours(pixels, info) };
  const { modality, padding, isInverted } = meaning;
  const values = modalityValues(pixels, modality, info);
  const isImage = (at: number) => !padding || !isPadding(padding, pixels[at] as number);
  const chosen = voi ?? meaning.voi.windows[0] ?? meaning.voi.tables[0] ?? wholeRange(values, isImage);
  const share =
    'table' in chosen ? (value: number) => tabled(chosen, value) : (value: number) => windowed(chosen, value);
  const grey = (value: number) => Math.round(255 * (isInverted ? 1 - share(value) : share(value)));
  const samples = shaded(values, grey);
  if (padding) for (let at = 0; at < samples.length; at++) if (!isImage(at)) samples[at] = 0;
  return { channels: 1, samples };
}

/** From the lowest to the highest value, so that both are seen. */
function wholeRange(values: PixelArray, isImage: (at: number) => boolean): VoiWindow {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let at = 0, count = values.length; at < count; at++) {
    const value = values[at] as number;
    if (!isImage(at) || !Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const [first, last] = low <= high ? [low, high] : [0, 1];
  const width = Math.max(last - first, Number.MIN_VALUE);
  return { center: first + (last - first) / 2, width, function: 'LINEAR_EXACT', explanation: '' };
}

/** Values repeat: each different one of up to 16 bits is worked out once. */
function shaded(values: PixelArray, grey: (value: number) => number): Uint8Array {
  const count = values.length;
  const out = new Uint8Array(count);
  const isNarrow = values.BYTES_PER_ELEMENT <= 2;
  if (!isNarrow || count < 0x10000) {
    for (let at = 0; at < count; at++) out[at] = grey(values[at] as number);
    return out;
  }
  const known = new Uint8Array(0x10000);
  const isKnown = new Uint8Array(0x10000);
  for (let at = 0; at < count; at++) {
    const value = values[at] as number;
    const slot = value & 0xffff;
    if (isKnown[slot] === 0) {
      known[slot] = grey(value);
      isKnown[slot] = 1;
    }
    out[at] = known[slot] as number;
  }
  return out;
}

/** Colour by pixel, its highest 8 bits. */
function eightBitColours(pixels: PixelArray, info: PixelInfo): Uint8Array {
  const { bitsStored, planar } = info;
  const count = pixels.length / 3;
  const divisor = 2 ** Math.max(0, bitsStored - 8);
  const out = new Uint8Array(pixels.length);
  for (let at = 0, samples = count * 3; at < samples; at++) {
    const from = planar ? (at % 3) * count + Math.floor(at / 3) : at;
    out[at] = (pixels[from] as number) / divisor;
  }
  return out;
}
