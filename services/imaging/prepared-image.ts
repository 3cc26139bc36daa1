import { closeSync, fstatSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { deserialize, serialize } from 'node:v8';
import { crc32 } from 'node:zlib';
import type { ImageHeader } from './image-header.ts';

/**
 * An instance decoded before its analysis: the headers of its frames and their values, as one file of ours.
 *
 *   values of the first frame, of the second, …   Int16 HU or Float32, little endian, row by row
 *   the index                                      headers, and where the values of each frame lie, with their CRC-32
 *   its length, its CRC-32, the mark               12 bytes
 *
 * The index is a structured clone as V8 writes it, which keeps maps and what is undefined: both ends are the same version.
 * Such a file may vanish at any time and is never trusted to be whole: whatever is not as written counts as not there, and
 * the instance is decoded again.
 */
export type PreparedValues = Int16Array<ArrayBufferLike> | Float32Array<ArrayBufferLike>;

/** A header without the instance it was read from. */
type FrameHeader = Omit<ImageHeader, 'input'>;

interface FramePlace {
  readonly offset: number;
  readonly crc: number;
}

interface Index {
  readonly type: 'int16' | 'float32';
  readonly headers: readonly FrameHeader[];
  readonly places: readonly FramePlace[];
}

const MARK = 0x3156_524f; // "ORV1"
const TRAILER_BYTES = 12;
const MAX_INDEX_BYTES = 64 * 2 ** 20;

/** Writes frame by frame, so that a long object is never whole in memory; under its name only when it is complete. */
export class PreparedWriter {
  readonly #path: string;
  readonly #partial: string;
  readonly #descriptor: number;
  readonly #headers: FrameHeader[] = [];
  readonly #places: FramePlace[] = [];
  #type: Index['type'] = 'int16';
  #offset = 0;

  constructor(path: string) {
    this.#path = path;
    this.#partial = `${path}.${process.pid}.partial`;
    this.#descriptor = openSync(this.#partial, 'w', 0o600);
  }

  add({ input: _, ...header }: ImageHeader, values: PreparedValues): void {
    const bytes = bytesOf(values);
    this.#type = values instanceof Int16Array ? 'int16' : 'float32';
    this.#headers.push(header);
    this.#places.push({ offset: this.#offset, crc: crc32(bytes) });
    this.#write(bytes);
  }

  commit(): void {
    const index: Index = { type: this.#type, headers: this.#headers, places: this.#places };
    const encoded = serialize(index);
    const trailer = Buffer.alloc(TRAILER_BYTES);
    trailer.writeUInt32LE(encoded.length, 0);
    trailer.writeUInt32LE(crc32(encoded), 4);
    trailer.writeUInt32LE(MARK, 8);
    this.#write(encoded);
    this.#write(trailer);
    closeSync(this.#descriptor);
    renameSync(this.#partial, this.#path);
  }

  abort(): void {
    closeSync(this.#descriptor);
    rmSync(this.#partial, { force: true });
  }

  #write(bytes: Uint8Array): void {
    for (let written = 0; written < bytes.length; ) written += writeSync(this.#descriptor, bytes, written);
    this.#offset += bytes.length;
  }
}

/** A prepared instance; its file is opened for each reading and never held. */
export interface PreparedImage {
  readonly headers: readonly FrameHeader[];
  /** Fills `out` with the values of a frame (1-based); `false` when they are not those that were written. */
  read(frame: number, out: PreparedValues): boolean;
}

/** `undefined` when there is none, or none that is whole. */
export function openPrepared(path: string): PreparedImage | undefined {
  const index = withFile(path, readIndex);
  if (!index) return undefined;
  const { headers, places, type } = index;
  return {
    headers,
    read(frame, out) {
      const at = headers.findIndex((header) => header.frame === frame);
      const place = places[at];
      if (!place || (type === 'int16') !== out instanceof Int16Array) return false;
      const bytes = bytesOf(out);
      return (
        withFile(path, (descriptor) => fill(descriptor, place.offset, bytes) && crc32(bytes) === place.crc) === true
      );
    },
  };
}

function readIndex(descriptor: number): Index | undefined {
  const { size } = fstatSync(descriptor);
  const trailer = Buffer.alloc(TRAILER_BYTES);
  if (size < TRAILER_BYTES || !fill(descriptor, size - TRAILER_BYTES, trailer)) return undefined;
  const length = trailer.readUInt32LE(0);
  if (trailer.readUInt32LE(8) !== MARK || length > Math.min(MAX_INDEX_BYTES, size - TRAILER_BYTES)) return undefined;
  const encoded = Buffer.alloc(length);
  if (!fill(descriptor, size - TRAILER_BYTES - length, encoded) || crc32(encoded) !== trailer.readUInt32LE(4))
    return undefined;
  return deserialize(encoded);
}

function fill(descriptor: number, offset: number, bytes: Uint8Array): boolean {
  for (let filled = 0; filled < bytes.length; ) {
    const read = readSync(descriptor, bytes, filled, bytes.length - filled, offset + filled);
    if (read === 0) return false;
    filled += read;
  }
  return true;
}

/** What vanished between two looks is not there. */
function withFile<T>(path: string, work: (descriptor: number) => T): T | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch {
    return undefined;
  }
  try {
    return work(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

const bytesOf = ({ buffer, byteOffset, byteLength }: PreparedValues): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
