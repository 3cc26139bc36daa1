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

/** Samples of one or two bytes, put into as many as Bits Allocated says: a narrow codestream in wide samples. */
export function widened(samples: Uint8Array, bits: number, bitsAllocated: number): Uint8Array {
  const [from, to] = [bits > 8 ? 2 : 1, bitsAllocated / 8];
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
