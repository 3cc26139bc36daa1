import type { Dataset } from './dataset.ts';
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
/** No attribute of a header is longer; a hostile one must not become millions of JSON numbers. */
const MAX_VALUE_BYTES = 256 * 1024;
const BINARY_VRS = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'UN']);
const NUMBER_VRS = new Set(['DS', 'FD', 'FL', 'IS', 'SL', 'SS', 'SV', 'UL', 'US', 'UV']);
const NAME_GROUPS = ['Alphabetic', 'Ideographic', 'Phonetic'] as const;

/**
 * The attributes of a data set in the DICOM JSON model (PS3.18 §F.2), without group lengths and file meta information.
 * Bulk data is named by its URL below `bulkDataUrl`, and left out without one. Text is Unicode whatever it was, so
 * SpecificCharacterSet says ISO_IR 192.
 */
export function dicomJson(dataset: Dataset, bulkDataUrl?: string): Record<string, JsonAttribute> {
  const entries = dataset.tags().flatMap((tag): [string, JsonAttribute][] => {
    if ((tag & 0xffff) === 0 || tag >>> 16 <= 2) return [];
    const url = bulkDataUrl && `${bulkDataUrl}/${tagKey(tag)}`;
    if (isBulkData(dataset, tag)) return url ? [[tagKey(tag), { vr: dataset.vr(tag), BulkDataURI: url }]] : [];
    return isTooLong(dataset, tag) ? [] : [[tagKey(tag), attributeOf(dataset, tag, url)]];
  });
  return Object.fromEntries(entries);
}

const lengthOf = (dataset: Dataset, tag: number): number => dataset.bytes(tag)?.length ?? 0;

function isBulkData(dataset: Dataset, tag: number): boolean {
  if (!BINARY_VRS.has(dataset.vr(tag))) return false;
  return lengthOf(dataset, tag) > MAX_INLINE_BYTES || !dataset.isLittleEndian(tag);
}

const isTooLong = (dataset: Dataset, tag: number): boolean =>
  !BINARY_VRS.has(dataset.vr(tag)) && lengthOf(dataset, tag) > MAX_VALUE_BYTES;

function attributeOf(dataset: Dataset, tag: number, url: string | undefined): JsonAttribute {
  const vr = dataset.vr(tag);
  if (tag === TAG.SpecificCharacterSet) return { vr, Value: ['ISO_IR 192'] };
  if (BINARY_VRS.has(vr)) {
    const bytes = dataset.bytes(tag) ?? new Uint8Array(0);
    return bytes.length > 0 ? { vr, InlineBinary: Buffer.from(bytes).toString('base64') } : { vr };
  }
  const values = valuesOf(dataset, tag, vr, url);
  return values.length > 0 ? { vr, Value: values } : { vr };
}

function valuesOf(dataset: Dataset, tag: number, vr: string, url: string | undefined): readonly JsonValue[] {
  // Depth is bounded where the data set was read.
  if (vr === 'SQ') return dataset.sequence(tag).map((item, n) => dicomJson(item, url && `${url}/${n}`));
  if (vr === 'AT') return dataset.numbers(tag).map(tagKey);
  if (NUMBER_VRS.has(vr)) return numbers(dataset, tag);
  return dataset.strings(tag).map((text) => (text === '' ? null : vr === 'PN' ? personName(text) : text));
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

function personName(text: string): JsonPersonName {
  const groups = text.split('=', NAME_GROUPS.length);
  return Object.fromEntries(
    NAME_GROUPS.flatMap((group, index) => {
      const value = groups[index]?.trim();
      return value ? [[group, value]] : [];
    }),
  );
}

/** Eight hexadecimal digits in upper case (§F.2.1.1). */
function tagKey(tag: number): string {
  return tag.toString(16).padStart(8, '0').toUpperCase();
}
