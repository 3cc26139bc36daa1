import { AppError } from '../../domain/errors.ts';
import { COMMAND_ELEMENTS, type CommandKeyword, type CommandSet } from './command.ts';

const BY_ELEMENT = new Map(COMMAND_ELEMENTS.map((known) => [known.element, known]));
const ELEMENT_HEADER_BYTES = 8;

/**
 * Reads a command set: always Implicit VR Little Endian, group 0000 (PS3.7 §6.3.1). Unknown elements are skipped, and
 * the group length is not believed: the message ends where its last fragment ends.
 *
 * @throws {AppError} COMMAND_INVALID.
 */
export function decodeCommand(bytes: Uint8Array): CommandSet {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: { [keyword in CommandKeyword]?: string | number } = {};
  let at = 0;
  while (at < bytes.length) {
    if (bytes.length - at < ELEMENT_HEADER_BYTES) throw invalid(`${bytes.length - at} bytes left over at offset ${at}`);
    const group = view.getUint16(at, true);
    const element = view.getUint16(at + 2, true);
    const length = view.getUint32(at + 4, true);
    at += ELEMENT_HEADER_BYTES;
    if (group !== 0) throw invalid(`element of group 0x${group.toString(16)} at offset ${at - ELEMENT_HEADER_BYTES}`);
    if (length > bytes.length - at) {
      throw invalid(`element 0x${element.toString(16)} claims ${length} bytes, ${bytes.length - at} remain`);
    }
    const known = BY_ELEMENT.get(element);
    if (known !== undefined && length > 0) {
      if (found[known.keyword] !== undefined) throw invalid(`${known.keyword} appears twice`);
      found[known.keyword] = readValue(known, view, bytes.subarray(at, at + length), at);
    }
    at += length;
  }
  return found as CommandSet;
}

function readValue(
  { keyword, vr }: { keyword: string; vr: string },
  view: DataView,
  value: Uint8Array,
  at: number,
): string | number {
  if (vr !== 'US') return text(value);
  if (value.length !== 2) throw invalid(`${keyword} has ${value.length} bytes, 2 are needed`);
  return view.getUint16(at, true);
}

const SPACE = 0x20;

/** Without the spaces around it, and the NUL that pads a UID. */
function text(value: Uint8Array): string {
  let [from, to] = [0, value.length];
  while (value[from] === SPACE) from += 1;
  while (to > from && (value[to - 1] === SPACE || value[to - 1] === 0)) to -= 1;
  return Buffer.from(value.buffer, value.byteOffset + from, to - from).toString('latin1');
}

const invalid = (what: string): AppError => new AppError('COMMAND_INVALID', what);
