import { createHash } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';

/**
 * A small independent writer of data sets and Part 10 files for tests (PS3.5 §7, §A; PS3.10 §7.1).
 *
 * It shares nothing with `services/dicom/dataset`, so that a reader tested with it is not tested against itself.
 */
type Value = string | readonly number[] | Uint8Array | Int16Array | Uint16Array | readonly Element[][];
export type Element = readonly [tag: number, vr: string, value: Value];

// biome-ignore format: a table
export const TRANSFER_SYNTAX = {
  'implicit':   '1.2.840.10008.1.2',
  'explicit':   '1.2.840.10008.1.2.1',
  'deflated':   '1.2.840.10008.1.2.1.99',
  'big-endian': '1.2.840.10008.1.2.2',
  'rle':        '1.2.840.10008.1.2.5',
} as const;
export type TransferSyntax = keyof typeof TRANSFER_SYNTAX;

const PIXEL_DATA = 0x7fe00010;
const UNDEFINED_LENGTH = 0xffffffff;
/** VRs with a 32-bit length in explicit syntaxes (PS3.5 Table 7.1-1). */
const LONG_VR = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'UC', 'UN', 'UR', 'UT']);
const NUMBER_BYTES: Record<string, number> = { US: 2, SS: 2, AT: 4, UL: 4, SL: 4, FL: 4, FD: 8 };

/** The same words give the same UID, below the root for UUIDs (PS3.5 §B.2). */
export function syntheticUid(...words: (string | number)[]): string {
  const digest = createHash('sha256').update(words.join('\n')).digest('hex');
  return `2.25.${BigInt(`0x${digest.slice(0, 32)}`)}`;
}

/** The data set alone, as it travels in C-STORE; elements in any order. */
export function datasetBytes(elements: readonly Element[], syntax: TransferSyntax = 'explicit'): Uint8Array {
  const plain = elementsBytes(elements, {
    implicit: syntax === 'implicit',
    big: syntax === 'big-endian',
    rle: syntax === 'rle',
  });
  if (syntax !== 'deflated') return plain;
  const deflated = deflateRawSync(plain);
  return deflated.length % 2 === 0 ? deflated : Buffer.concat([deflated, Buffer.alloc(1)]);
}

/** A file: preamble, prefix, file meta information (always explicit little endian), data set. */
export function part10Bytes(elements: readonly Element[], syntax: TransferSyntax = 'explicit'): Uint8Array {
  const uidOf = (tag: number) => String(elements.find(([t]) => t === tag)?.[2] ?? '');
  const meta = elementsBytes(
    [
      [0x00020001, 'OB', Uint8Array.of(0, 1)],
      [0x00020002, 'UI', uidOf(0x00080016)],
      [0x00020003, 'UI', uidOf(0x00080018)],
      [0x00020010, 'UI', TRANSFER_SYNTAX[syntax]],
      [0x00020012, 'UI', syntheticUid('test-support', 'implementation')],
    ],
    { implicit: false, big: false, rle: false },
  );
  const groupLength = elementsBytes([[0x00020000, 'UL', [meta.length]]], { implicit: false, big: false, rle: false });
  return Buffer.concat([Buffer.alloc(128), Buffer.from('DICM'), groupLength, meta, datasetBytes(elements, syntax)]);
}

interface Form {
  readonly implicit: boolean;
  readonly big: boolean;
  readonly rle: boolean;
}

function elementsBytes(elements: readonly Element[], form: Form): Buffer {
  const sorted = [...elements].sort(([a], [b]) => a - b);
  return Buffer.concat(sorted.flatMap((element) => elementBytes(element, form)));
}

function elementBytes([tag, vr, value]: Element, form: Form): Buffer[] {
  if (form.rle && tag === PIXEL_DATA && value instanceof Int16Array) {
    return [header(tag, 'OB', UNDEFINED_LENGTH, form), encapsulated(rleFrame(value))];
  }
  const body = valueBytes(vr, value, form);
  return [header(tag, vr, body.length, form), body];
}

function header(tag: number, vr: string, length: number, { implicit, big }: Form): Buffer {
  const u16 = (n: number) => (big ? [n >>> 8, n & 255] : [n & 255, n >>> 8]);
  const u32 = (n: number) => (big ? [...u16(n >>> 16), ...u16(n & 65535)] : [...u16(n & 65535), ...u16(n >>> 16)]);
  const head = [...u16(tag >>> 16), ...u16(tag & 65535)];
  if (implicit || tag >>> 16 === 0xfffe) return Buffer.from([...head, ...u32(length)]);
  if (LONG_VR.has(vr)) return Buffer.from([...head, ...Buffer.from(vr), 0, 0, ...u32(length)]);
  return Buffer.from([...head, ...Buffer.from(vr), ...u16(length)]);
}

function valueBytes(vr: string, value: Value, form: Form): Buffer {
  if (typeof value === 'string') return padded(Buffer.from(value, 'utf8'), vr === 'UI' ? 0 : 0x20);
  if (value instanceof Uint8Array) return padded(Buffer.from(value), 0);
  if (value instanceof Int16Array || value instanceof Uint16Array) return wordBytes(value, form.big);
  if (vr === 'SQ') return Buffer.concat((value as readonly Element[][]).map((item) => itemBytes(item, form)));
  return numberBytes(vr, value as readonly number[], form.big);
}

function itemBytes(item: readonly Element[], form: Form): Buffer {
  const body = elementsBytes(item, form);
  return Buffer.concat([header(0xfffee000, '', body.length, form), body]);
}

function numberBytes(vr: string, numbers: readonly number[], big: boolean): Buffer {
  const size = NUMBER_BYTES[vr];
  if (size === undefined) throw new Error(`numbers given for VR ${vr}`);
  const view = new DataView(new ArrayBuffer(size * numbers.length));
  numbers.forEach((n, index) => {
    const at = index * size;
    if (vr === 'FD') view.setFloat64(at, n, !big);
    else if (vr === 'FL') view.setFloat32(at, n, !big);
    else if (vr === 'AT') {
      view.setUint16(at, n >>> 16, !big);
      view.setUint16(at + 2, n & 65535, !big);
    } else if (size === 2) view.setUint16(at, n & 65535, !big);
    else view.setUint32(at, n >>> 0, !big);
  });
  return Buffer.from(view.buffer);
}

function wordBytes(words: Int16Array | Uint16Array, big: boolean): Buffer {
  const bytes = Buffer.from(Uint8Array.from(new Uint8Array(words.buffer, words.byteOffset, words.byteLength)));
  return big ? bytes.swap16() : bytes;
}

const padded = (bytes: Buffer, filler: number): Buffer =>
  bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.from([filler])]);

/** One frame in one fragment, after an empty Basic Offset Table (PS3.5 §A.4). */
function encapsulated(frame: Buffer): Buffer {
  const little = { implicit: false, big: false, rle: false };
  return Buffer.concat([
    header(0xfffee000, '', 0, little),
    header(0xfffee000, '', frame.length, little),
    frame,
    header(0xfffee0dd, '', 0, little),
  ]);
}

/** PS3.5 Annex G: 64-byte header, then the high bytes and the low bytes as PackBits segments. */
function rleFrame(words: Int16Array): Buffer {
  const bytes = wordBytes(words, true);
  const planes = [0, 1].map((plane) => padded(packBits(bytes.filter((_, index) => index % 2 === plane)), 0));
  const head = Buffer.alloc(64);
  head.writeUInt32LE(planes.length, 0);
  head.writeUInt32LE(64, 4);
  head.writeUInt32LE(64 + (planes[0]?.length ?? 0), 8);
  return Buffer.concat([head, ...planes]);
}

function packBits(bytes: Uint8Array): Buffer {
  const out: number[] = [];
  let at = 0;
  while (at < bytes.length) {
    const run = runLength(bytes, at);
    if (run > 1) {
      out.push(257 - run, bytes[at] ?? 0);
      at += run;
      continue;
    }
    let end = at + 1;
    while (end < bytes.length && end - at < 128 && runLength(bytes, end) < 3) end++;
    out.push(end - at - 1, ...bytes.subarray(at, end));
    at = end;
  }
  return Buffer.from(out);
}

function runLength(bytes: Uint8Array, at: number): number {
  let end = at + 1;
  while (end < bytes.length && end - at < 128 && bytes[end] === bytes[at]) end++;
  return end - at;
}
