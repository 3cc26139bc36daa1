import type { Attributes } from './attributes.ts';

/** One data set in the DICOM JSON model (PS3.18 §F.2), as it comes from anyone. */
export type DicomJson = Readonly<Record<string, DicomJsonAttribute>>;

interface DicomJsonAttribute {
  readonly vr?: string;
  readonly Value?: readonly unknown[];
  readonly InlineBinary?: string;
  readonly BulkDataURI?: string;
}

/** Values that travel as numbers and are words of two bytes: tables are asked for by their bytes. */
const WORD_VRS: readonly string[] = ['SS', 'US'];

/**
 * A data set of the DICOM JSON model, asked like a `Dataset`. A value that the model only names by its URL is what
 * `bulkData` answers for it; without an answer it is absent.
 */
export function jsonAttributes(
  json: DicomJson,
  bulkData: (url: string) => Uint8Array | undefined = () => undefined,
): Attributes {
  const of = (tag: number) => json[tag.toString(16).padStart(8, '0').toUpperCase()];
  const values = (tag: number) => of(tag)?.Value ?? [];
  const strings = (tag: number) => values(tag).map(text);
  const numbers = (tag: number) => allNumbers(values(tag));
  // Frames of one object ask for the same thousand items again and again.
  const items = new Map<number, readonly Attributes[]>();
  const sequence = (tag: number): readonly Attributes[] => {
    const known = items.get(tag) ?? values(tag).map((item) => jsonAttributes(isDataset(item) ? item : {}, bulkData));
    items.set(tag, known);
    return known;
  };
  return {
    hasValue: (tag) => isFilled(of(tag)),
    string: (tag) => strings(tag)[0] ?? '',
    strings,
    number: (tag) => numbers(tag)[0],
    numbers,
    bytes: (tag) => bytesOf(of(tag), numbers(tag), bulkData),
    isLittleEndian: () => true,
    sequence,
  };
}

function isFilled(attribute: DicomJsonAttribute | undefined): boolean {
  const { Value, InlineBinary, BulkDataURI } = attribute ?? {};
  return (Value ?? []).length > 0 || Boolean(InlineBinary) || BulkDataURI !== undefined;
}

const isDataset = (value: unknown): value is DicomJson => typeof value === 'object' && value !== null;

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** What JSON has no number for (§F.2.2). */
const WORDS: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
};

/** DS and IS may come as strings (§F.2.3.1); one that is no number makes the attribute none. */
function allNumbers(values: readonly unknown[]): readonly number[] {
  const numbers = values.map((value) => WORDS[text(value)] ?? decimal(text(value)));
  return numbers.every((number) => number !== undefined) ? numbers : [];
}

function decimal(value: string): number | undefined {
  const number = value.trim() === '' ? Number.NaN : Number(value);
  return Number.isFinite(number) ? number : undefined;
}

function bytesOf(
  attribute: DicomJsonAttribute | undefined,
  numbers: readonly number[],
  bulkData: (url: string) => Uint8Array | undefined,
): Uint8Array | undefined {
  if (attribute?.InlineBinary !== undefined) {
    return Uint8Array.from(atob(attribute.InlineBinary), (letter) => letter.charCodeAt(0));
  }
  if (attribute?.BulkDataURI !== undefined) return bulkData(attribute.BulkDataURI);
  if (!WORD_VRS.includes(attribute?.vr ?? '')) return undefined;
  const bytes = new Uint8Array(numbers.length * 2);
  const view = new DataView(bytes.buffer);
  for (const [at, number] of numbers.entries()) view.setUint16(at * 2, number, true);
  return bytes;
}
