import sharp from 'sharp';

/** One slice in Hounsfield units, row by row. */
export interface SliceImage {
  readonly hu: Int16Array;
  readonly columns: number;
  readonly rows: number;
}

interface Offset {
  readonly x: number;
  readonly y: number;
}

/** The lung window. */
const LEVEL_HU = -600;
const WIDTH_HU = 1500;
const EDGE_PIXELS = 160;

/**
 * A square piece of a slice around a point (columns and rows, pixel centres are whole), in the lung window, enlarged to
 * 160 pixels. What lies outside the slice is black. `half`: pixels from the point to the edges of the piece.
 */
export async function cropPng({ hu, columns, rows }: SliceImage, center: Offset, half: Offset): Promise<Uint8Array> {
  const [left, top] = [Math.round(center.x - half.x), Math.round(center.y - half.y)];
  const [width, height] = [Math.max(2, Math.round(2 * half.x)), Math.max(2, Math.round(2 * half.y))];
  const grey = new Uint8Array(width * height);
  for (let y = Math.max(0, -top); y < Math.min(height, rows - top); y++) {
    for (let x = Math.max(0, -left); x < Math.min(width, columns - left); x++) {
      const value = hu[(top + y) * columns + left + x] as number;
      grey[y * width + x] = Math.min(255, Math.max(0, ((value - LEVEL_HU) / WIDTH_HU + 0.5) * 255));
    }
  }
  return await sharp(grey, { raw: { width, height, channels: 1 } })
    .resize(EDGE_PIXELS, EDGE_PIXELS, { fit: 'fill', kernel: 'cubic' })
    .png({ compressionLevel: 9 })
    .toBuffer();
}
