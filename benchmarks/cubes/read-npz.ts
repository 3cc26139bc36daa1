import { readFileSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';

/** One array of bytes with its shape. */
export interface ByteArray {
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const STORED = 0;
const DEFLATED = 8;

/** An array of `|u1` in C order from a NumPy archive: a ZIP file (APPNOTE 4.3) of `.npy` files. */
export function readNpzBytes(file: string, name: string): ByteArray {
  const zip = readFileSync(file);
  const end = zip.lastIndexOf(Buffer.from(Uint32Array.of(END_OF_DIRECTORY).buffer));
  if (end < 0) throw new Error(`${file} is no ZIP file`);
  for (let at = zip.readUInt32LE(end + 16); zip.readUInt32LE(at) === DIRECTORY_ENTRY; ) {
    const [nameLength, extra, comment] = [
      zip.readUInt16LE(at + 28),
      zip.readUInt16LE(at + 30),
      zip.readUInt16LE(at + 32),
    ];
    if (zip.toString('latin1', at + 46, at + 46 + nameLength) === `${name}.npy`) return npy(member(zip, at), name);
    at += 46 + nameLength + extra + comment;
  }
  throw new Error(`${file} has no array ${name}`);
}

function member(zip: Buffer, entry: number): Buffer {
  const [method, size, header] = [
    zip.readUInt16LE(entry + 10),
    zip.readUInt32LE(entry + 20),
    zip.readUInt32LE(entry + 42),
  ];
  const start = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28);
  const bytes = zip.subarray(start, start + size);
  if (method === STORED) return bytes;
  if (method === DEFLATED) return inflateRawSync(bytes);
  throw new Error(`ZIP method ${method}`);
}

/** Versions 1 and 2 of the format differ in the length of the header's length. */
function npy(file: Buffer, name: string): ByteArray {
  if (file.toString('latin1', 1, 6) !== 'NUMPY') throw new Error(`${name} is no .npy file`);
  const isFirst = file[6] === 1;
  const [length, start] = isFirst ? [file.readUInt16LE(8), 10] : [file.readUInt32LE(8), 12];
  const header = file.toString('latin1', start, start + length);
  if (!header.includes("'|u1'") || !header.includes("'fortran_order': False")) throw new Error(`${name}: ${header}`);
  const shape = (/'shape': \(([^)]*)\)/.exec(header)?.[1] ?? '')
    .split(',')
    .filter((n) => n.trim() !== '')
    .map(Number);
  return { shape, bytes: file.subarray(start + length) };
}
