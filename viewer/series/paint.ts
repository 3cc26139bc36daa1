const NUMBERS = 65_536;
const HALF = 32_768;

/** The grey of each number of 16 bits, where `lower` is black and `upper` white. */
export function greyTable({ lower, upper }: { readonly lower: number; readonly upper: number }): Uint8ClampedArray {
  const table = new Uint8ClampedArray(NUMBERS);
  const perNumber = 255 / Math.max(1e-6, upper - lower);
  for (let at = 0; at < NUMBERS; at += 1) table[at] = (at - HALF - lower) * perNumber;
  return table;
}

export interface Numbers {
  readonly numbers: Int16Array;
  readonly columns: number;
  readonly rows: number;
}

/** Draws numbers as greys, a pixel each; the canvas takes their size. */
export function paintNumbers(canvas: HTMLCanvasElement, { numbers, columns, rows }: Numbers, table: Uint8ClampedArray) {
  canvas.width = columns;
  canvas.height = rows;
  const image = new ImageData(columns, rows);
  const pixels = new Uint32Array(image.data.buffer);
  for (let at = 0, end = numbers.length; at < end; at += 1) {
    const grey = table[(numbers[at] as number) + HALF] as number;
    pixels[at] = 0xff000000 | (grey << 16) | (grey << 8) | grey;
  }
  canvas.getContext('2d')?.putImageData(image, 0, 0);
}
