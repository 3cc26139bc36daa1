import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';

/**
 * Where the header of an element, item or delimiter stands in a data set. A scanner of its own, that shares nothing with
 * the reader under test: it only has to find most of what can be damaged.
 */
export interface Spot {
  readonly at: number;
  readonly tag: number;
  /** Empty for items, delimiters and implicit VR. */
  readonly vr: string;
  readonly lengthAt: number;
  readonly lengthBytes: 2 | 4;
  readonly valueAt: number;
  readonly length: number;
}

/** A Part 10 file in its parts; the data set inflated. */
export interface Subject {
  /** Preamble to the end of group 0002. */
  readonly meta: Buffer;
  readonly dataset: Buffer;
  readonly syntax: string;
}

const DEFLATED = '1.2.840.10008.1.2.1.99';
const LONG_VRS = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV']);
const TRANSFER_SYNTAX = 0x00020010;
const UNDEFINED = 0xffffffff;
const MAX_SPOTS = 3000;

export const isBig = ({ syntax }: Subject): boolean => syntax === '1.2.840.10008.1.2.2';
export const isImplicit = ({ syntax }: Subject): boolean => syntax === '1.2.840.10008.1.2';

export function subjectOf(file: Buffer): Subject {
  const spots = scan(file.subarray(132), { big: false, implicit: false }, (tag) => tag >>> 16 !== 2);
  const last = spots.at(-1);
  const end = last === undefined ? 132 : 132 + last.valueAt + last.length;
  const named = spots.find(({ tag }) => tag === TRANSFER_SYNTAX);
  const syntax = named && file.toString('latin1', 132 + named.valueAt, 132 + named.valueAt + named.length);
  const meta = file.subarray(0, end);
  const body = file.subarray(end);
  const uid = (syntax ?? '').replace(/[\0 ]+$/, '');
  if (uid !== DEFLATED) return { meta, dataset: body, syntax: uid };
  try {
    return { meta, dataset: inflateRawSync(body, { finishFlush: constants.Z_SYNC_FLUSH }), syntax: uid };
  } catch {
    return { meta, dataset: body, syntax: uid };
  }
}

export function fileOf({ meta, dataset, syntax }: Subject): Buffer {
  return Buffer.concat([meta, syntax === DEFLATED ? deflateRawSync(dataset) : dataset]);
}

/** The same data set under another name: its bytes are not what the new syntax says. */
export function renamed(subject: Subject, syntax: string): Subject {
  const spots = scan(subject.meta.subarray(132), { big: false, implicit: false });
  const named = spots.find(({ tag }) => tag === TRANSFER_SYNTAX);
  if (named === undefined) return subject;
  const value = Buffer.from(syntax.length % 2 === 0 ? syntax : `${syntax}\0`);
  const [head, tail] = [
    subject.meta.subarray(0, 132 + named.valueAt),
    subject.meta.subarray(132 + named.valueAt + named.length),
  ];
  const meta = Buffer.concat([head, value, tail]);
  meta.writeUInt16LE(value.length, 132 + named.lengthAt);
  return { ...subject, meta, syntax };
}

export const spotsOf = (subject: Subject): readonly Spot[] =>
  scan(subject.dataset, { big: isBig(subject), implicit: isImplicit(subject) });

interface Form {
  readonly big: boolean;
  readonly implicit: boolean;
}

/** Headers one behind the other; what lies within sequences and fragments comes behind their headers. */
function scan(bytes: Buffer, form: Form, isEnd: (tag: number) => boolean = () => false): Spot[] {
  const spots: Spot[] = [];
  let inFragments = false;
  for (let at = 0; at + 8 <= bytes.length && spots.length < MAX_SPOTS; ) {
    const spot = spotAt(bytes, at, form);
    if (spot === undefined || isEnd(spot.tag)) break;
    spots.push(spot);
    inFragments = spot.tag === 0xfffee0dd ? false : inFragments || beginsFragments(spot);
    at = isOpen(spot, inFragments) ? spot.valueAt : spot.valueAt + spot.length;
  }
  return spots;
}

const beginsFragments = ({ tag, vr, length }: Spot): boolean =>
  length === UNDEFINED && (vr === 'OB' || vr === 'OW' || tag === 0x7fe00010);

/** Do headers follow at once? */
const isOpen = ({ tag, vr, length }: Spot, inFragments: boolean): boolean =>
  length === UNDEFINED || vr === 'SQ' || (tag === 0xfffee000 && !inFragments);

function spotAt(bytes: Buffer, at: number, { big, implicit }: Form): Spot | undefined {
  const u16 = (place: number) => (big ? bytes.readUInt16BE(place) : bytes.readUInt16LE(place));
  const u32 = (place: number) => (big ? bytes.readUInt32BE(place) : bytes.readUInt32LE(place));
  const tag = u16(at) * 0x10000 + u16(at + 2);
  if (implicit || tag >>> 16 === 0xfffe) {
    return { at, tag, vr: '', lengthAt: at + 4, lengthBytes: 4, valueAt: at + 8, length: u32(at + 4) };
  }
  const vr = bytes.toString('latin1', at + 4, at + 6);
  if (!/^[A-Z]{2}$/.test(vr)) return undefined;
  if (!LONG_VRS.has(vr)) return { at, tag, vr, lengthAt: at + 6, lengthBytes: 2, valueAt: at + 8, length: u16(at + 6) };
  if (at + 12 > bytes.length) return undefined;
  return { at, tag, vr, lengthAt: at + 8, lengthBytes: 4, valueAt: at + 12, length: u32(at + 8) };
}
