import { AppError } from '../../domain/errors.ts';
import type { Dataset } from './dataset.ts';
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
const NAME_GROUPS = ['Alphabetic', 'Ideographic', 'Phonetic'] as const;
const FIRST_TAG_OF_DATASET = 0x00030000;

/**
 * The attributes of a data set in the DICOM JSON model (PS3.18 §F.2) as JSON text, without group lengths and file meta
 * information, and names in lexicographic order (§F.2.2). Written straight from the elements: objects in between would
 * take three times as long. Bulk data is named by its URL below `bulkDataUrl`, and left out without one; so is a text longer
 * than its VR can be. Text is Unicode whatever it was, so SpecificCharacterSet says ISO_IR 192.
 *
 * @throws {AppError} DATASET_TOO_LARGE beyond {@link MAX_JSON_VALUES} or {@link MAX_JSON_BYTES}.
 */
export function dicomJson(dataset: Dataset, bulkDataUrl?: string, added: readonly AddedAttribute[] = []): string {
  return new JsonModel().of(dataset, bulkDataUrl, added);
}

/** Counts what it shows: the metadata of a hostile instance must not fill the memory of whoever answers with them. */
class JsonModel {
  #values = 0;
  #bytes = 0;

  of(dataset: Dataset, bulkDataUrl: string | undefined, added: readonly AddedAttribute[] = []): string {
    const own = added.length === 0 ? undefined : new Map(added.map(({ tag, json }) => [tag, json]));
    const tags =
      own === undefined ? dataset.tags() : [...new Set([...dataset.tags(), ...own.keys()])].sort((a, b) => a - b);
    let text = '';
    for (const tag of tags) {
      if ((tag & 0xffff) === 0 || tag < FIRST_TAG_OF_DATASET) continue;
      const key = tagKey(tag);
      const json = own?.get(tag) ?? this.#attribute(dataset, tag, bulkDataUrl && `${bulkDataUrl}/${key}`);
      if (json !== undefined) text += `${text === '' ? '' : ','}"${key}":${json}`;
    }
    return `{${text}}`;
  }

  /** `undefined` for what the model only names, when there is no URL, and for what is too long for a value. */
  #attribute(dataset: Dataset, tag: number, url: string | undefined): string | undefined {
    const vr = dataset.vr(tag);
    if (tag === TAG.SpecificCharacterSet) return '{"Value":["ISO_IR 192"],"vr":"CS"}';
    const bytes = dataset.bytes(tag);
    const form = formOf(dataset, tag, vr, bytes?.length ?? 0);
    if (form !== 'inline')
      return form === 'bulk' && url ? `{"BulkDataURI":${JSON.stringify(url)},"vr":"${vr}"}` : undefined;
    this.#count(1, bytes?.length ?? 0);
    if (BINARY_VRS.has(vr)) return binary(bytes, vr);
    const values = this.#valuesOf(dataset, tag, vr, url);
    return values === '' ? `{"vr":"${vr}"}` : `{"Value":[${values}],"vr":"${vr}"}`;
  }

  /** What stands between the brackets. */
  #valuesOf(dataset: Dataset, tag: number, vr: string, url: string | undefined): string {
    // Depth is bounded where the data set was read.
    if (vr === 'SQ') return this.#joined(dataset.sequence(tag), (item, n) => this.of(item, url && `${url}/${n}`));
    if (vr === 'AT') return this.#joined(dataset.numbers(tag), (value) => `"${tagKey(value)}"`);
    if (NUMBER_VRS.has(vr)) return this.#numbers(dataset, tag);
    const json = vr === 'PN' ? personName : JSON.stringify;
    return this.#joined(dataset.strings(tag), (text) => (text === '' ? 'null' : json(text)));
  }

  /** A decimal string that is no number stays a string, which the model allows; JSON has no word for NaN (§F.2.2). */
  #numbers(dataset: Dataset, tag: number): string {
    const values = dataset.numbers(tag);
    if (values.length > 0)
      return this.#joined(values, (value) => (Number.isFinite(value) ? String(value) : notFinite(value)));
    return this.#joined(dataset.strings(tag), (text) => (text === '' ? 'null' : JSON.stringify(text)));
  }

  /** Most attributes have one value. */
  #joined<Value>(values: readonly Value[], json: (value: Value, index: number) => string): string {
    this.#count(values.length, 0);
    let text = '';
    for (const [index, value] of values.entries()) text += index === 0 ? json(value, index) : `,${json(value, index)}`;
    return text;
  }

  #count(values: number, bytes: number): void {
    this.#values += values;
    this.#bytes += bytes;
    if (this.#values > MAX_JSON_VALUES) throw tooLarge(`${MAX_JSON_VALUES} values`);
    if (this.#bytes > MAX_JSON_BYTES) throw tooLarge(`${MAX_JSON_BYTES} bytes`);
  }
}

const tooLarge = (limit: string): AppError => new AppError('DATASET_TOO_LARGE', `its metadata hold more than ${limit}`);

function formOf(dataset: Dataset, tag: number, vr: string, length: number): 'inline' | 'bulk' | 'left-out' {
  if (BINARY_VRS.has(vr)) return length > MAX_INLINE_BYTES || !dataset.isLittleEndian(tag) ? 'bulk' : 'inline';
  if (length <= MAX_SHORT_TEXT_BYTES) return 'inline';
  if (NUMBER_VRS.has(vr) || (LONG_TEXT_VRS.has(vr) && length <= MAX_LONG_TEXT_BYTES)) return 'bulk';
  return 'left-out';
}

function binary(bytes: Uint8Array | undefined, vr: string): string {
  if (bytes === undefined || bytes.length === 0) return `{"vr":"${vr}"}`;
  const base64 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
  return `{"InlineBinary":"${base64}","vr":"${vr}"}`;
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
