import { constants, deflateRawSync } from 'node:zlib';
import { TRANSFER_SYNTAXES } from '../../services/dicom/net/transfer-syntaxes.ts';
import { CHARACTER_SETS, COUNT_TAGS, COUNTS, HOSTILE_VALUES, LENGTHS, TAGS, VRS } from './hostile-values.ts';
import { oneOf, type Pick } from './random.ts';
import { fileOf, isBig, isImplicit, renamed, type Spot, type Subject, spotsOf, subjectOf } from './structure.ts';

/** Changes a file in one way; `other` is another file, to take parts from. */
type Mutation = (subject: Subject, pick: Pick, other: Buffer) => Subject;

const MAX_BYTES = 8 * 2 ** 20;
const BOMB_BYTES = 48 * 2 ** 20;
const PIXEL_DATA = 0x7fe00010;

const withDataset = (subject: Subject, ...parts: readonly Uint8Array[]): Subject => ({
  ...subject,
  dataset: Buffer.concat(parts),
});

/** A copy of the data set, changed in place. */
function changed(subject: Subject, change: (dataset: Buffer) => void): Subject {
  const dataset = Buffer.from(subject.dataset);
  change(dataset);
  return { ...subject, dataset };
}

const spliced = (subject: Subject, from: number, to: number, bytes: Uint8Array): Subject =>
  withDataset(subject, subject.dataset.subarray(0, from), bytes, subject.dataset.subarray(to));

/** Nearly always in the head, where the structure is. */
const place = ({ dataset }: Subject, pick: Pick): number =>
  pick(Math.max(1, pick(4) === 0 ? dataset.length : Math.min(dataset.length, 6000)));

const aSpot = (subject: Subject, pick: Pick, fits: (spot: Spot) => boolean = () => true): Spot | undefined => {
  const fitting = spotsOf(subject).filter(fits);
  return fitting.length === 0 ? undefined : oneOf(pick, fitting);
};

function u16(subject: Subject, value: number): Buffer {
  const bytes = Buffer.alloc(2);
  if (isBig(subject)) bytes.writeUInt16BE(value);
  else bytes.writeUInt16LE(value);
  return bytes;
}

function u32(subject: Subject, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  if (isBig(subject)) bytes.writeUInt32BE(value);
  else bytes.writeUInt32LE(value);
  return bytes;
}

const tagBytes = (subject: Subject, tag: number): Buffer =>
  Buffer.concat([u16(subject, tag >>> 16), u16(subject, tag & 0xffff)]);

/** A header in the form of the data set. */
function header(subject: Subject, tag: number, vr: string, length: number): Buffer {
  const isLong = /^(OB|OW|SQ|UN|UT|UC)$/.test(vr);
  if (isImplicit(subject) || tag >>> 16 === 0xfffe)
    return Buffer.concat([tagBytes(subject, tag), u32(subject, length)]);
  const tail = isLong ? [Buffer.alloc(2), u32(subject, length)] : [u16(subject, length & 0xffff)];
  return Buffer.concat([tagBytes(subject, tag), Buffer.from(vr), ...tail]);
}

const writeLength = (subject: Subject, { lengthAt, lengthBytes }: Spot, length: number): Subject =>
  changed(
    subject,
    (dataset) =>
      void (lengthBytes === 2 ? u16(subject, length & 0xffff) : u32(subject, length)).copy(dataset, lengthAt),
  );

/** The value of a spot replaced, its length with it. */
function replaced(subject: Subject, spot: Spot, value: Buffer): Subject {
  const even = value.length % 2 === 0 ? value : Buffer.concat([value, Buffer.from(' ')]);
  const fitting = spot.lengthBytes === 2 ? even.subarray(0, 0xfffe) : even;
  const end = Math.min(subject.dataset.length, spot.valueAt + spot.length);
  return writeLength(spliced(subject, spot.valueAt, end, fitting), spot, fitting.length);
}

const noise = (pick: Pick, length: number): Buffer => Buffer.from(Array.from({ length }, () => pick(256)));

const flipped: Mutation = (subject, pick) =>
  changed(subject, (dataset) => {
    for (let bits = 1 + pick(8); bits > 0; bits--) {
      const at = place(subject, pick);
      if (at < dataset.length) dataset[at] = (dataset[at] ?? 0) ^ (1 << pick(8));
    }
  });

const noisy: Mutation = (subject, pick) => {
  const at = place(subject, pick);
  const bytes = noise(pick, 1 + pick(16));
  return spliced(subject, at, at + pick(3) * bytes.length, bytes);
};

const cut: Mutation = (subject, pick) => {
  const spot = aSpot(subject, pick);
  const at = spot === undefined || pick(2) === 0 ? pick(subject.dataset.length + 1) : spot.at + pick(14);
  return withDataset(subject, subject.dataset.subarray(0, at));
};

const lyingLength: Mutation = (subject, pick) => {
  const spot = aSpot(subject, pick);
  if (spot === undefined) return subject;
  const near = [spot.length + 1, spot.length - 1, spot.length * 2, subject.dataset.length - spot.valueAt + pick(3) - 1];
  const length = oneOf(pick, [...LENGTHS, ...near, ...near]);
  return writeLength(subject, spot, Math.max(0, Math.min(0xffffffff, length)));
};

const otherVr: Mutation = (subject, pick) => {
  const spot = aSpot(subject, pick, ({ vr }) => vr !== '');
  if (spot === undefined) return lyingLength(subject, pick, subject.meta);
  return changed(subject, (dataset) => void dataset.write(oneOf(pick, VRS), spot.at + 4, 'latin1'));
};

const otherTag: Mutation = (subject, pick) => {
  const spot = aSpot(subject, pick);
  if (spot === undefined) return subject;
  return changed(subject, (dataset) => void tagBytes(subject, oneOf(pick, TAGS)).copy(dataset, spot.at));
};

const nested: Mutation = (subject, pick) => {
  const at = aSpot(subject, pick)?.at ?? 0;
  const depth = oneOf(pick, [1, 16, 31, 32, 33, 100, 5000]);
  const level = Buffer.concat([
    header(subject, 0x00400100, 'SQ', 0xffffffff),
    header(subject, 0xfffee000, '', 0xffffffff),
  ]);
  const ends = Buffer.concat([header(subject, 0xfffee00d, '', 0), header(subject, 0xfffee0dd, '', 0)]);
  const closed = pick(2) === 0 ? depth : pick(depth);
  return spliced(subject, at, at, Buffer.concat([...Array(depth).fill(level), ...Array(closed).fill(ends)]));
};

const flooded: Mutation = (subject, pick) => {
  const at = aSpot(subject, pick)?.at ?? 0;
  const count = oneOf(pick, [100, 300, 3000, 3000, 100_001]);
  const unit = oneOf(pick, [
    header(subject, 0x00091010, 'LO', 0),
    header(subject, 0xfffee000, '', 0),
    header(subject, 0x00280010, 'US', 0),
    header(subject, 0x00080005, 'CS', 0),
  ]);
  return spliced(subject, at, at, Buffer.alloc(count * unit.length, unit));
};

const hostileValue: Mutation = (subject, pick) => {
  const spot = aSpot(subject, pick, ({ length, tag }) => length < 2000 && tag >>> 16 !== 0xfffe);
  return spot === undefined ? subject : replaced(subject, spot, oneOf(pick, HOSTILE_VALUES));
};

const hugeCount: Mutation = (subject, pick) => {
  const spot = aSpot(subject, pick, ({ tag }) => COUNT_TAGS.includes(tag));
  if (spot === undefined) return subject;
  const count = oneOf(pick, COUNTS);
  const isText = spot.tag === 0x00280008;
  return replaced(
    subject,
    spot,
    isText ? Buffer.from(String(count * oneOf(pick, [1, 1000, 30_000]))) : u16(subject, count),
  );
};

const otherCharacterSet: Mutation = (subject, pick) => {
  const spot = aSpot(subject, pick, ({ tag }) => tag === 0x00080005);
  const value = Buffer.from(oneOf(pick, CHARACTER_SETS));
  if (spot !== undefined) return replaced(subject, spot, value);
  const even = value.length % 2 === 0 ? value : Buffer.concat([value, Buffer.from(' ')]);
  return spliced(subject, 0, 0, Buffer.concat([header(subject, 0x00080005, 'CS', even.length), even]));
};

/** Lengths and bytes of fragments, and of the offset tables before them. */
const otherFragments: Mutation = (subject, pick) => {
  const pixels = spotsOf(subject).findIndex(({ tag }) => tag === PIXEL_DATA);
  const items = pixels < 0 ? [] : spotsOf(subject).slice(pixels + 1);
  if (items.length === 0) return hugeCount(subject, pick, subject.meta);
  const item = oneOf(pick, items.slice(0, 40));
  const kinds: readonly (() => Subject)[] = [
    () => writeLength(subject, item, oneOf(pick, LENGTHS)),
    () => spliced(subject, item.at, item.at, header(subject, 0xfffee000, '', 0)),
    () => spliced(subject, item.at, item.valueAt, Buffer.alloc(0)),
    () => replaced(subject, items[0] ?? item, noise(pick, 4 * pick(20))),
    () => replaced(subject, items[0] ?? item, Buffer.alloc(4 * pick(2000), 0xff)),
    () => spliced(subject, items[0]?.at ?? 0, items[0]?.at ?? 0, Buffer.alloc(0)),
    () => withDataset(subject, subject.dataset.subarray(0, items.at(-1)?.at)),
  ];
  return oneOf(pick, kinds)();
};

/** Markers, lengths and sizes of a codestream, and its entropy-coded bytes. */
const otherCodestream: Mutation = (subject, pick) => {
  const start = spotsOf(subject).find(({ tag }) => tag === PIXEL_DATA)?.valueAt;
  if (start === undefined || start >= subject.dataset.length) return flipped(subject, pick, subject.meta);
  const { dataset } = subject;
  const span = pick(2) === 0 ? Math.min(200, dataset.length - start) : dataset.length - start;
  const from = start + pick(Math.max(1, span));
  const marker = dataset.indexOf(0xff, from);
  const at = marker < 0 ? from : marker;
  const length = 1 + pick(64);
  const kinds: readonly (() => Subject)[] = [
    () => changed(subject, (bytes) => void bytes.set(noise(pick, 1).subarray(0, bytes.length - at - 1), at + 1)),
    () => changed(subject, (bytes) => void (at + 4 <= bytes.length && bytes.writeUInt16BE(pick(65_536), at + 2))),
    () =>
      changed(subject, (bytes) => void (at + 10 <= bytes.length && bytes.writeUInt32BE(oneOf(pick, LENGTHS), at + 5))),
    () => changed(subject, (bytes) => void bytes.set(noise(pick, Math.min(4, bytes.length - from)), from)),
    () => changed(subject, (bytes) => void bytes.fill(pick(2) * 255, from, Math.min(bytes.length, from + length))),
    () => spliced(subject, from, Math.min(dataset.length, from + length), Buffer.alloc(0)),
    () => spliced(subject, from, from, dataset.subarray(from, from + length)),
    () =>
      spliced(
        subject,
        from,
        from,
        Buffer.from([0xff, oneOf(pick, [0xd8, 0xd9, 0xda, 0xc0, 0xc4, 0x4f, 0x51, 0x90, 0x93])]),
      ),
  ];
  return oneOf(pick, kinds)();
};

const otherSyntax: Mutation = (subject, pick) => renamed(subject, oneOf(pick, TRANSFER_SYNTAXES));

const moved: Mutation = (subject, pick) => {
  const [spot, to] = [aSpot(subject, pick), aSpot(subject, pick)];
  if (spot === undefined || to === undefined) return subject;
  const end = Math.min(subject.dataset.length, spot.valueAt + (spot.length === 0xffffffff ? 0 : spot.length));
  const element = subject.dataset.subarray(spot.at, end);
  const kept = pick(3);
  if (kept === 0) return spliced(subject, spot.at, end, Buffer.alloc(0));
  return spliced(subject, to.at, to.at, kept === 1 ? element : Buffer.concat([element, element]));
};

const joined: Mutation = (subject, pick, other) => {
  const tail = subjectOf(other).dataset;
  const from = pick(tail.length + 1);
  return withDataset(
    subject,
    subject.dataset.subarray(0, pick(subject.dataset.length + 1)),
    tail.subarray(from, from + MAX_BYTES / 4),
  );
};

const MUTATIONS: readonly Mutation[] = [
  flipped,
  noisy,
  cut,
  lyingLength,
  lyingLength,
  otherVr,
  otherTag,
  nested,
  flooded,
  hostileValue,
  hostileValue,
  hugeCount,
  otherCharacterSet,
  otherFragments,
  otherFragments,
  otherCodestream,
  otherCodestream,
  otherCodestream,
  otherSyntax,
  moved,
  joined,
];

const BOMB = { tail: undefined as Buffer | undefined };

/** The data set deflated, with some megabytes behind it that deflate to almost nothing. */
function bomb(subject: Subject): Buffer {
  BOMB.tail ??= deflateRawSync(Buffer.alloc(BOMB_BYTES));
  const { meta, dataset } = renamed(subject, '1.2.840.10008.1.2.1.99');
  const plain = isBig(subject) || isImplicit(subject) ? Buffer.alloc(64) : dataset;
  return Buffer.concat([meta, deflateRawSync(plain, { finishFlush: constants.Z_SYNC_FLUSH }), BOMB.tail]);
}

/** A mutant of `file`: one to three changes that know what a data set is made of, or one that does not. */
export function mutant(file: Buffer, other: Buffer, pick: Pick): Buffer {
  if (file.length < 140) return Buffer.concat([file, noise(pick, 40)]);
  const chance = pick(300);
  if (chance < 9) return changedAnywhere(file, pick);
  // Each costs as much as a hundred others.
  if (chance === 9) return bomb(subjectOf(file));
  let subject = subjectOf(file);
  for (let changes = 1 + pick(3); changes > 0; changes--) subject = oneOf(pick, MUTATIONS)(subject, pick, other);
  return fileOf(subject).subarray(0, MAX_BYTES);
}

/** Preamble and file meta information are a stranger's too. */
function changedAnywhere(file: Buffer, pick: Pick): Buffer {
  const bytes = Buffer.from(file);
  for (let changes = 1 + pick(6); changes > 0; changes--) bytes[pick(Math.min(600, bytes.length))] = pick(256);
  return pick(4) === 0 ? bytes.subarray(0, pick(bytes.length)) : bytes;
}
