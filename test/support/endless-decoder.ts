/** WebAssembly in place of the library for JPEG lossless: its first function goes round for ever (WebAssembly 2.0 §5). */
export function endlessDecoder(): Buffer {
  const name = (text: string) => [text.length, ...Buffer.from(text)];
  const section = (id: number, content: readonly number[]) => [id, content.length, ...content];
  return Buffer.from([
    ...[0, ...Buffer.from('asm'), 1, 0, 0, 0],
    // One type () -> i32, one function of it, one page of memory.
    ...[...section(1, [1, 0x60, 0, 1, 0x7f]), ...section(3, [1, 0]), ...section(5, [1, 0, 1])],
    ...section(7, [2, ...name('memory'), 2, 0, ...name('CreateCodecsContext'), 0, 0]),
    // loop; br 0; end; unreachable; end
    ...section(10, [1, 8, 0, 0x03, 0x40, 0x0c, 0, 0x0b, 0x00, 0x0b]),
  ]);
}

/** The markers of a JPEG lossless frame of 16 bits (ITU-T T.81 §B.2): enough to be handed to its decoder. */
export function jpegMarkers(rows: number, columns: number): Uint8Array {
  const size = [rows >> 8, rows & 255, columns >> 8, columns & 255];
  return Uint8Array.from([
    ...[0xff, 0xd8, 0xff, 0xc3, 0, 11, 16, ...size, 1, 1, 0x11, 0],
    ...[0xff, 0xda, 0, 8, 1, 1, 0, 1, 0, 0, 0, 0, 0xff, 0xd9],
  ]);
}
