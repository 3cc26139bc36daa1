import { COMMAND_ELEMENTS, type CommandSet } from './command.ts';

const ELEMENT_HEADER_BYTES = 8;
const GROUP_LENGTH_BYTES = ELEMENT_HEADER_BYTES + 4;

/** Writes a command set, group length first: Implicit VR Little Endian, group 0000 (PS3.7 §6.3.1). */
export function encodeCommand(command: CommandSet): Uint8Array {
  const bytes = Buffer.alloc(GROUP_LENGTH_BYTES + lengthOf(command));
  bytes.writeUInt32LE(4, 4);
  bytes.writeUInt32LE(bytes.length - GROUP_LENGTH_BYTES, ELEMENT_HEADER_BYTES);
  let at = GROUP_LENGTH_BYTES;
  for (const { element, keyword, vr } of COMMAND_ELEMENTS) {
    const value = command[keyword];
    if (value === undefined) continue;
    const length = valueBytes(value);
    bytes.writeUInt16LE(element, at + 2);
    bytes.writeUInt32LE(length, at + 4);
    at += ELEMENT_HEADER_BYTES;
    if (typeof value === 'number') bytes.writeUInt16LE(value, at);
    else {
      bytes.write(value, at, 'latin1');
      // Odd values are padded: UI with NUL, others with a space (PS3.5 §6.2).
      if (value.length < length && vr !== 'UI') bytes[at + value.length] = 0x20;
    }
    at += length;
  }
  return bytes;
}

function lengthOf(command: CommandSet): number {
  let length = 0;
  for (const { keyword } of COMMAND_ELEMENTS) {
    const value = command[keyword];
    if (value !== undefined) length += ELEMENT_HEADER_BYTES + valueBytes(value);
  }
  return length;
}

/** A number is US; a text has a byte for each character, and an even number of them. */
const valueBytes = (value: string | number): number =>
  typeof value === 'number' ? 2 : value.length + (value.length % 2);
