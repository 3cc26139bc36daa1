import { AppError } from '../../domain/errors.ts';
import type { Dataset } from './dataset.ts';
import { MAX_JSON_BYTES, MAX_JSON_VALUES, MAX_LONG_TEXT_BYTES, MAX_SHORT_TEXT_BYTES } from './limits.ts';
import { TAG } from './tags.ts';

/** One attribute in the DICOM JSON model (PS3.18 §F.2.2). */
export interface JsonAttribute {
  readonly vr: string;
  readonly Value?: readonly JsonValue[];
  readonly InlineBinary?: string;
  readonly BulkDataURI?: string;
}

type JsonValue = string | number | null | JsonPersonName | JsonDataset;
type JsonDataset = Readonly<Record<string, JsonAttribute>>;

interface JsonPersonName {
  readonly Alphabetic?: string;
  readonly Ideographic?: string;
  readonly Phonetic?: string;
}

/** Larger binary values are bulk data; so are big endian ones, which the model has no place for. */
const MAX_INLINE_BYTES = 1024;
const BINARY_VRS = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'UN']);
const NUMBER_VRS = new Set(['DS', 'FD', 'FL', 'IS', 'SL', 'SS', 'SV', 'UL', 'US', 'UV']);
/** The others whose value may be bulk data (§F.2.7). */
const LONG_TEXT_VRS = new Set(['LT', 'ST', 'UC', 'UT']);
const NAME_GROUPS = ['Alphabetic', 'Ideographic', 'Phonetic'] as const;

/**
 * The attributes of a data set in the DICOM JSON model (PS3.18 §F.2), without group lengths and file meta information.
 * Bulk data is named by its URL below `bulkDataUrl`, and left out without one. A text longer than its VR can be is left
 * out too. Text is Unicode whatever it was, so SpecificCharacterSet says ISO_IR 192.
 *
 * @throws {AppError} DATASET_TOO_LARGE beyond {@link MAX_JSON_VALUES} or {@link MAX_JSON_BYTES}.
 */
export function dicomJson(dataset: Dataset, bulkDataUrl?: string): Record<string, JsonAttribute> {
  return new JsonModel().of(dataset, bulkDataUrl);
}

/** Counts what it shows: the metadata of a hostile instance must not fill the memory of whoever answers with them. */
class JsonModel {
  #values = 0;
  #bytes = 0;

  of(dataset: Dataset, bulkDataUrl: string | undefined): Record<string, JsonAttribute> {
    const entries = dataset.tags().flatMap((tag): [string, JsonAttribute][] => {
      if ((tag & 0xffff) === 0 || tag >>> 16 <= 2) return [];
      const url = bulkDataUrl && `${bulkDataUrl}/${tagKey(tag)}`;
      const form = formOf(dataset, tag);
      if (form === 'inline') return [[tagKey(tag), this.#attribute(dataset, tag, url)]];
      return form === 'bulk' && url ? [[tagKey(tag), { vr: dataset.vr(tag), BulkDataURI: url }]] : [];
    });
    return Object.fromEntries(entries);
  }

  #attribute(dataset: Dataset, tag: number, url: string | undefined): JsonAttribute {
    const vr = dataset.vr(tag);
    if (tag === TAG.SpecificCharacterSet) return { vr, Value: ['ISO_IR 192'] };
    this.#count(1, lengthOf(dataset, tag));
    if (BINARY_VRS.has(vr)) {
      const bytes = dataset.bytes(tag) ?? new Uint8Array(0);
      return bytes.length > 0 ? { vr, InlineBinary: Buffer.from(bytes).toString('base64') } : { vr };
    }
    const values = this.#valuesOf(dataset, tag, vr, url);
    this.#count(values.length, 0);
    return values.length > 0 ? { vr, Value: values } : { vr };
  }

  #valuesOf(dataset: Dataset, tag: number, vr: string, url: string | undefined): readonly JsonValue[] {
    // Depth is bounded where the data set was read.
    if (vr === 'SQ') return dataset.sequence(tag).map((item, n) => this.of(item, url && `${url}/${n}`));
    if (vr === 'AT') return dataset.numbers(tag).map(tagKey);
    if (NUMBER_VRS.has(vr)) return numbers(dataset, tag);
    return dataset.strings(tag).map((text) => (vr === 'PN' ? personName(text) : text || null));
  }

  #count(values: number, bytes: number): void {
    this.#values += values;
    this.#bytes += bytes;
    if (this.#values > MAX_JSON_VALUES) throw tooLarge(`${MAX_JSON_VALUES} values`);
    if (this.#bytes > MAX_JSON_BYTES) throw tooLarge(`${MAX_JSON_BYTES} bytes`);
  }
}

const tooLarge = (limit: string): AppError => new AppError('DATASET_TOO_LARGE', `its metadata hold more than ${limit}`);

const lengthOf = (dataset: Dataset, tag: number): number => dataset.bytes(tag)?.length ?? 0;

function formOf(dataset: Dataset, tag: number): 'inline' | 'bulk' | 'left-out' {
  const vr = dataset.vr(tag);
  const length = lengthOf(dataset, tag);
  if (BINARY_VRS.has(vr)) return length > MAX_INLINE_BYTES || !dataset.isLittleEndian(tag) ? 'bulk' : 'inline';
  if (length <= MAX_SHORT_TEXT_BYTES) return 'inline';
  if (NUMBER_VRS.has(vr) || (LONG_TEXT_VRS.has(vr) && length <= MAX_LONG_TEXT_BYTES)) return 'bulk';
  return 'left-out';
}

/** A decimal string that is no number stays a string, which the model allows; JSON has no word for NaN (§F.2.2). */
function numbers(dataset: Dataset, tag: number): readonly JsonValue[] {
  const values = dataset.numbers(tag);
  if (values.length > 0) return values.map((value) => (Number.isFinite(value) ? value : notFinite(value)));
  return dataset.strings(tag).map((text) => (text === '' ? null : text));
}

function notFinite(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? 'inf' : '-inf';
}

/** The component groups that are there (PS3.5 §6.2.1); `null` keeps the place of an empty name among others. */
function personName(text: string): JsonPersonName | null {
  const groups = text.split('=', NAME_GROUPS.length);
  const named = NAME_GROUPS.flatMap((group, index) => {
    const value = groups[index]?.trim();
    return value ? [[group, value]] : [];
  });
  return named.length > 0 ? Object.fromEntries(named) : null;
}

/** Eight hexadecimal digits in upper case (§F.2.1.1). */
function tagKey(tag: number): string {
  return tag.toString(16).padStart(8, '0').toUpperCase();
}
