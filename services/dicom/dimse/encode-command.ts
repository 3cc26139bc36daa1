import { COMMAND_ELEMENTS, type CommandSet } from './command.ts';

/** Writes a command set, group length first: Implicit VR Little Endian, group 0000 (PS3.7 §6.3.1). */
export function encodeCommand(command: CommandSet): Uint8Array {
  const parts = COMMAND_ELEMENTS.flatMap(({ element, keyword, vr }) => {
    const value = command[keyword];
    return value === undefined ? [] : [elementBytes(element, valueBytes(value, vr))];
  });
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([elementBytes(0x0000, littleEndian(length, 4)), ...parts]);
}

function elementBytes(element: number, value: Uint8Array): Uint8Array {
  return Buffer.concat([littleEndian(0, 2), littleEndian(element, 2), littleEndian(value.length, 4), value]);
}

/** Odd values are padded: UI with NUL, others with a space (PS3.5 §6.2). */
function valueBytes(value: string | number, vr: string): Uint8Array {
  if (typeof value === 'number') return littleEndian(value, 2);
  const text = Buffer.from(value, 'latin1');
  return text.length % 2 === 0 ? text : Buffer.concat([text, Uint8Array.of(vr === 'UI' ? 0 : 0x20)]);
}

function littleEndian(value: number, bytes: 2 | 4): Uint8Array {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntLE(value, 0, bytes);
  return buffer;
}
