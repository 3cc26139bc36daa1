import { AppError } from '../../domain/errors.ts';
import type { Dataset } from './dataset.ts';
import { type Around, JsonBytes } from './json-bytes.ts';
import { MAX_JSON_BYTES, MAX_JSON_VALUES, MAX_LONG_TEXT_BYTES, MAX_SHORT_TEXT_BYTES } from './limits.ts';
import { TAG } from './tags.ts';

/** An attribute that is not in the data set, as its JSON text: it stands in order, in place of one with the same tag. */
interface AddedAttribute {
  readonly tag: number;
  readonly json: string;
}

/** What a retrieval will bring: the file meta information is no part of the metadata. */
export const availableAs = (TransferSyntaxUID: string): AddedAttribute => ({
  tag: AVAILABLE_TRANSFER_SYNTAX_UID,
  json: `{"Value":[${JSON.stringify(TransferSyntaxUID)}],"vr":"UI"}`,
});

const AVAILABLE_TRANSFER_SYNTAX_UID = 0x00083002;
/** Larger binary values are bulk data; so are big endian ones, which the model has no place for. */
const MAX_INLINE_BYTES = 1024;
const BINARY_VRS = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'UN']);
const NUMBER_VRS = new Set(['DS', 'FD', 'FL', 'IS', 'SL', 'SS', 'SV', 'UL', 'US', 'UV']);
/** The others whose value may be bulk data (§F.2.7). */
const LONG_TEXT_VRS = new Set(['LT', 'ST', 'UC', 'UT']);
/** Values between backslashes, with padding on both sides. */
const PARTED_VRS = new Set(['AE', 'AS', 'CS', 'DA', 'DT', 'LO', 'SH', 'TM', 'UI']);
const STRING: Around = { before: '"', after: '"' };
const NAME: Around = { before: '{"Alphabetic":"', after: '"}' };
const EQUALS = 0x3d;
const NO_BYTES = new Uint8Array(0);
const NAME_GROUPS = ['Alphabetic', 'Ideographic', 'Phonetic'] as const;
const FIRST_TAG_OF_DATASET = 0x00030000;

/**
 * The attributes of a data set in the DICOM JSON model (PS3.18 §F.2) as JSON text, without group lengths and file meta
 * information, and names in lexicographic order (§F.2.2). Written straight from the elements: objects in between would
 * take many times as long. Bulk data is named by its URL below `bulkDataUrl`, and left out without one; so is a text longer
 * than its VR can be. Text is Unicode whatever it was, so SpecificCharacterSet says ISO_IR 192.
 *
 * @throws {AppError} DATASET_TOO_LARGE beyond {@link MAX_JSON_VALUES} or {@link MAX_JSON_BYTES}.
 */
export function dicomJson(dataset: Dataset, bulkDataUrl?: string, added: readonly AddedAttribute[] = []): string {
  try {
    new JsonModel().write(dataset, bulkDataUrl, added);
    return OUT.text();
  } finally {
    OUT.clear();
  }
}

/** One buffer for every text: each is written in one go. */
const OUT = new JsonBytes();

/** Counts what it shows: the metadata of a hostile instance must not fill the memory of whoever answers with them. */
class JsonModel {
  #valueCount = 0;
  #byteCount = 0;

  write(dataset: Dataset, bulkDataUrl: string | undefined, added: readonly AddedAttribute[] = []): void {
    OUT.ascii('{');
    const start = OUT.length;
    for (const tag of tagsOf(dataset, added)) {
      if ((tag & 0xffff) === 0 || tag < FIRST_TAG_OF_DATASET) continue;
      const before = OUT.length;
      OUT.ascii(before === start ? '"' : ',"');
      OUT.ascii(tagKey(tag));
      OUT.ascii('":');
      const own = added.find((each) => each.tag === tag);
      if (own !== undefined) OUT.any(own.json);
      else if (!this.#attribute(dataset, tag, bulkDataUrl)) OUT.back(before);
    }
    OUT.ascii('}');
  }

  /** Writes nothing of what the model only names, when there is no URL, and of what is too long for a value: false. */
  #attribute(dataset: Dataset, tag: number, bulkDataUrl: string | undefined): boolean {
    const vr = dataset.vr(tag);
    const bytes = dataset.bytes(tag);
    const form = formOf(dataset, tag, vr, bytes?.length ?? 0);
    const isSet = tag === TAG.SpecificCharacterSet;
    if (!isSet && (form === 'left-out' || (form === 'bulk' && !bulkDataUrl))) return false;
    OUT.ascii('{');
    const start = OUT.length;
    if (isSet) OUT.ascii('"Value":["ISO_IR 192"]');
    else if (form === 'bulk') OUT.any(`"BulkDataURI":${JSON.stringify(`${bulkDataUrl}/${tagKey(tag)}`)}`);
    else this.#inline(dataset, tag, vr, bulkDataUrl);
    OUT.ascii(OUT.length === start ? '"vr":"' : ',"vr":"');
    OUT.ascii(isSet ? 'CS' : vr);
    OUT.ascii('"}');
    return true;
  }

  #inline(dataset: Dataset, tag: number, vr: string, bulkDataUrl: string | undefined): void {
    const bytes = dataset.bytes(tag);
    this.#count(1, bytes?.length ?? 0);
    const start = OUT.length;
    OUT.ascii(BINARY_VRS.has(vr) ? '"InlineBinary":"' : '"Value":[');
    const first = OUT.length;
    if (BINARY_VRS.has(vr)) OUT.ascii(base64(bytes));
    else this.#values(dataset, tag, vr, bulkDataUrl);
    if (OUT.length === first) OUT.back(start);
    else OUT.ascii(BINARY_VRS.has(vr) ? '"' : ']');
  }

  /** What stands between the brackets. */
  #values(dataset: Dataset, tag: number, vr: string, bulkDataUrl: string | undefined): void {
    const plain = plainValues(vr, dataset.bytes(tag));
    if (plain !== undefined) this.#count(plain, 0);
    else if (vr === 'SQ') this.#items(dataset, tag, bulkDataUrl);
    else if (vr === 'AT') this.#joined(dataset.numbers(tag), (value) => OUT.ascii(`"${tagKey(value)}"`));
    else if (NUMBER_VRS.has(vr)) this.#numbers(dataset, tag);
    else this.#texts(dataset.strings(tag), vr === 'PN' ? personName : JSON.stringify);
  }

  #items(dataset: Dataset, tag: number, bulkDataUrl: string | undefined): void {
    const url = bulkDataUrl && `${bulkDataUrl}/${tagKey(tag)}`;
    // Depth is bounded where the data set was read.
    this.#joined(dataset.sequence(tag), (item, n) => this.write(item, url && `${url}/${n}`));
  }

  /** A decimal string that is no number stays a string, which the model allows; JSON has no word for NaN (§F.2.2). */
  #numbers(dataset: Dataset, tag: number): void {
    const values = dataset.numbers(tag);
    if (values.length === 0) this.#texts(dataset.strings(tag), JSON.stringify);
    else this.#joined(values, (value) => OUT.ascii(Number.isFinite(value) ? String(value) : notFinite(value)));
  }

  #texts(values: readonly string[], json: (text: string) => string): void {
    this.#joined(values, (text) => OUT.any(text === '' ? 'null' : json(text)));
  }

  #joined<Value>(values: readonly Value[], write: (value: Value, index: number) => void): void {
    this.#count(values.length, 0);
    for (const [index, value] of values.entries()) {
      if (index > 0) OUT.ascii(',');
      write(value, index);
    }
  }

  #count(values: number, bytes: number): void {
    this.#valueCount += values;
    this.#byteCount += bytes;
    if (this.#valueCount > MAX_JSON_VALUES) throw tooLarge(`${MAX_JSON_VALUES} values`);
    if (this.#byteCount > MAX_JSON_BYTES) throw tooLarge(`${MAX_JSON_BYTES} bytes`);
  }
}

/** In ascending order; a tag that is in both once. */
function tagsOf(dataset: Dataset, added: readonly AddedAttribute[]): readonly number[] {
  const more = added.map(({ tag }) => tag).filter((tag) => !dataset.has(tag));
  return more.length === 0 ? dataset.tags() : [...dataset.tags(), ...more].sort((a, b) => a - b);
}

/** Writes values that go into JSON as they are; answers how many, or `undefined` when they must be read as text. */
function plainValues(vr: string, value: Uint8Array | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (vr === 'DS' || vr === 'IS') return OUT.plainNumbers(value);
  if (vr === 'PN') return value.includes(EQUALS) ? undefined : OUT.plainTexts(value, NAME);
  return PARTED_VRS.has(vr) ? OUT.plainTexts(value, STRING) : undefined;
}

const tooLarge = (limit: string): AppError => new AppError('DATASET_TOO_LARGE', `its metadata hold more than ${limit}`);

function formOf(dataset: Dataset, tag: number, vr: string, length: number): 'inline' | 'bulk' | 'left-out' {
  if (BINARY_VRS.has(vr)) return length > MAX_INLINE_BYTES || !dataset.isLittleEndian(tag) ? 'bulk' : 'inline';
  if (length <= MAX_SHORT_TEXT_BYTES) return 'inline';
  if (NUMBER_VRS.has(vr) || (LONG_TEXT_VRS.has(vr) && length <= MAX_LONG_TEXT_BYTES)) return 'bulk';
  return 'left-out';
}

function base64(bytes: Uint8Array = NO_BYTES): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
}

function notFinite(value: number): string {
  if (Number.isNaN(value)) return '"NaN"';
  return value > 0 ? '"inf"' : '"-inf"';
}

/** The component groups that are there (PS3.5 §6.2.1); `null` keeps the place of an empty name among others. */
function personName(text: string): string {
  const groups = text.split('=', NAME_GROUPS.length);
  const named = NAME_GROUPS.flatMap((group, index) => {
    const value = groups[index]?.trim();
    return value ? [`"${group}":${JSON.stringify(value)}`] : [];
  });
  return named.length > 0 ? `{${named.join(',')}}` : 'null';
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0').toUpperCase());

/** Eight hexadecimal digits in upper case (§F.2.1.1). */
const tagKey = (tag: number): string =>
  `${HEX[tag >>> 24]}${HEX[(tag >>> 16) & 0xff]}${HEX[(tag >>> 8) & 0xff]}${HEX[tag & 0xff]}`;
