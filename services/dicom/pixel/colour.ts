import type { DecodedFrame } from './decoded-frame.ts';
import { frameBytes, type PixelInfo } from './pixel-info.ts';
import { rearranged } from './samples.ts';

/**
 * Turns YBR_FULL and YBR_FULL_422 into RGB, by the equations of PS3.3 §C.7.6.3.1.2 rounded to the nearest; everything
 * else stays what it is. Uncompressed YBR_FULL_422 gets the colour of each pair of pixels for both.
 */
export function toRgb({ bytes, layout }: DecodedFrame): DecodedFrame {
  const { photometric, samplesPerPixel, bitsAllocated, planar } = layout;
  const isYbr = photometric === 'YBR_FULL' || photometric === 'YBR_FULL_422';
  if (!isYbr || samplesPerPixel !== 3 || (bitsAllocated !== 8 && bitsAllocated !== 16)) return { bytes, layout };
  const sampleBytes = bitsAllocated / 8;
  const isHalved = frameBytes(layout) === layout.rows * layout.columns * 2 * sampleBytes;
  const pixels = planar && !isHalved ? rearranged(bytes, 3, sampleBytes, 'pixels') : Uint8Array.from(bytes);
  const samples = sampleBytes === 1 ? pixels : new Uint16Array(pixels.buffer);
  const full = isHalved ? unpaired(samples) : samples;
  convert(full, layout.bitsStored);
  const rgb = new Uint8Array(full.buffer, full.byteOffset, full.byteLength);
  return { bytes: rgb, layout: { ...layout, photometric: 'RGB', planar: false } };
}

/** Two pixels of YBR_FULL_422 are Y Y Cb Cr. */
function unpaired(halved: Uint8Array | Uint16Array): Uint8Array | Uint16Array {
  const length = (halved.length / 2) * 3;
  const out = halved instanceof Uint8Array ? new Uint8Array(length) : new Uint16Array(length);
  const last = halved.length - 3;
  for (let from = 0, to = 0; from < last; from += 4, to += 6) {
    const [blue, red] = [halved[from + 2] as number, halved[from + 3] as number];
    out[to] = halved[from] as number;
    out[to + 1] = blue;
    out[to + 2] = red;
    out[to + 3] = halved[from + 1] as number;
    out[to + 4] = blue;
    out[to + 5] = red;
  }
  return out;
}

function convert(samples: Uint8Array | Uint16Array, bits: number): void {
  const top = 2 ** bits - 1;
  const middle = 2 ** (bits - 1);
  const rounded = (value: number) => Math.min(top, Math.max(0, Math.floor(value + 0.5)));
  for (let at = 0, last = samples.length - 2; at < last; at += 3) {
    const light = samples[at] ?? 0;
    const blue = (samples[at + 1] ?? 0) - middle;
    const red = (samples[at + 2] ?? 0) - middle;
    samples[at] = rounded(light + 1.402 * red);
    samples[at + 1] = rounded(light - ((0.114 * 1.772) / 0.587) * blue - ((0.299 * 1.402) / 0.587) * red);
    samples[at + 2] = rounded(light + 1.772 * blue);
  }
}

/** Is the layout that of the attributes again: by pixel or by plane as they say? */
export function arrangedAs(info: PixelInfo, { bytes, layout }: DecodedFrame): Uint8Array {
  if (layout.planar === info.planar || info.samplesPerPixel === 1) return bytes;
  return rearranged(bytes, info.samplesPerPixel, info.bitsAllocated / 8, info.planar ? 'planes' : 'pixels');
}
