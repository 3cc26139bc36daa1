import { ByteReader } from './byte-reader.ts';

/** The TLV items of PS3.8 §9.3.2: type, reserved, 2-byte length, value. Unknown types pass through. */
export function* readItems(reader: ByteReader): Generator<{ itemType: number; item: ByteReader }> {
  while (reader.remaining > 0) {
    const itemType = reader.u8('Item-type');
    reader.skip('Reserved', 1);
    yield { itemType, item: new ByteReader(reader.bytes('Item', reader.u16('Item-length'))) };
  }
}
