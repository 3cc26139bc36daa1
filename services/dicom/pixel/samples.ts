import { damaged } from './damaged.ts';
import type { PixelInfo } from './pixel-info.ts';

/** What a codestream says of itself, whichever family it is of. */
export interface CodestreamHeader {
  readonly rows: number;
  readonly columns: number;
  readonly components: number;
  readonly bits: number;
}

/** @throws {AppError} DATASET_UNREADABLE when the codestream is another image than the attributes describe. */
export function checkHeader(name: string, header: CodestreamHeader, info: PixelInfo): void {
  const { rows, columns, samplesPerPixel, bitsAllocated } = info;
  if (header.rows !== rows || header.columns !== columns) {
    throw damaged(`${name} frame of ${header.columns} x ${header.rows}, the attributes say ${columns} x ${rows}`);
  }
  if (header.components !== samplesPerPixel) {
    throw damaged(`${name} frame of ${header.components} components, the attributes say ${samplesPerPixel}`);
  }
  if (header.bits < 1 || header.bits > bitsAllocated) {
    throw damaged(`${name} frame of ${header.bits} bits, the attributes allocate ${bitsAllocated}`);
  }
}

/**
 * What the samples of a codestream of `bits` are once it is decoded, pixel by pixel. One that reaches High Bit holds the
 * cells as they were, with whatever was in their other bits; a narrower one holds the values alone, at the bottom. Single
 * bits come as a byte each.
 *
 * @throws {AppError} DATASET_UNREADABLE when it is something between, or a signed sample would not have its sign bit.
 */
export function codestreamLayout(name: string, bits: number, info: PixelInfo): PixelInfo {
  const { bitsStored, highBit, signed } = info;
  const isWholeCell = bits > highBit;
  const isAmbiguous = !isWholeCell && bits > bitsStored;
  if (isAmbiguous || (signed && bits < bitsStored)) {
    throw damaged(`${name} frame of ${bits} bits, the attributes say ${bitsStored} in ${info.bitsAllocated}`);
  }
  const stored = Math.min(bits, bitsStored);
  return {
    ...info,
    bitsAllocated: Math.max(8, info.bitsAllocated),
    bitsStored: stored,
    highBit: isWholeCell ? highBit : stored - 1,
    planar: false,
  };
}

/** Samples of one or two bytes, put into as many as Bits Allocated says: a narrow codestream in wide samples. */
export function widened(samples: Uint8Array, bits: number, bitsAllocated: number): Uint8Array {
  const [from, to] = [bits > 8 ? 2 : 1, Math.max(1, bitsAllocated / 8)];
  if (from === to) return samples;
  const out = new Uint8Array((samples.length / from) * to);
  for (let sample = 0; sample < samples.length / from; sample++) {
    for (let byte = 0; byte < from; byte++) out[sample * to + byte] = samples[sample * from + byte] ?? 0;
  }
  return out;
}

/** From pixel by pixel to colour by colour, or back; `bytes` each sample. */
export function rearranged(
  samples: Uint8Array,
  components: number,
  bytes: number,
  to: 'pixels' | 'planes',
): Uint8Array {
  const out = new Uint8Array(samples.length);
  const pixels = samples.length / bytes / components;
  for (let component = 0; component < components; component++) {
    for (let pixel = 0; pixel < pixels; pixel++) {
      const inPlanes = (component * pixels + pixel) * bytes;
      const inPixels = (pixel * components + component) * bytes;
      const [from, into] = to === 'planes' ? [inPixels, inPlanes] : [inPlanes, inPixels];
      for (let byte = 0; byte < bytes; byte++) out[into + byte] = samples[from + byte] ?? 0;
    }
  }
  return out;
}
