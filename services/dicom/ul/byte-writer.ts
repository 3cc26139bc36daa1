/**
 * Builds the body of one PDU or item. Big Endian (PS3.8 §9.3.1).
 *
 * PDUs of ours are small (P-DATA-TF bodies never pass here), so a list of numbers is enough.
 */
export class ByteWriter {
  readonly #bytes: number[] = [];

  get length(): number {
    return this.#bytes.length;
  }

  u8(...values: number[]): this {
    for (const value of values) this.#bytes.push(value & 0xff);
    return this;
  }

  u16(value: number): this {
    return this.u8(value >>> 8, value);
  }

  u32(value: number): this {
    return this.u16(value >>> 16).u16(value);
  }

  /** ISO 646 text, padded with spaces to `width`. */
  text(text: string, width = text.length): this {
    for (let i = 0; i < width; i++) this.#bytes.push(i < text.length ? text.charCodeAt(i) & 0x7f : 0x20);
    return this;
  }

  zeros(count: number): this {
    for (let i = 0; i < count; i++) this.#bytes.push(0);
    return this;
  }

  /** Item of §9.3.2: type, reserved, 2-byte length, then what `build` writes. */
  item(itemType: number, build: (body: ByteWriter) => unknown): this {
    const body = new ByteWriter();
    build(body);
    this.u8(itemType, 0).u16(body.length);
    for (const byte of body.#bytes) this.#bytes.push(byte);
    return this;
  }

  toBytes(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}
