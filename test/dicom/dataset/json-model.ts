import type { Dataset } from '../../../services/dicom/dataset/dataset.ts';

const BINARY = 'OB OD OF OL OV OW UN'.split(' ');
const NUMBERS = 'DS FD FL IS SL SS SV UL US UV'.split(' ');
const NAME_GROUPS = ['Alphabetic', 'Ideographic', 'Phonetic'];

/** The DICOM JSON model (PS3.18 §F.2) of what is short enough to stand in line, the plain way: an object for everything. */
export function jsonModel(dataset: Dataset): Record<string, object> {
  const shown = dataset.tags().filter((tag) => tag >= 0x00030000 && (tag & 0xffff) !== 0 && isShort(dataset, tag));
  return Object.fromEntries(shown.map((tag) => [key(tag), attribute(dataset, tag)]));
}

const key = (tag: number): string => tag.toString(16).toUpperCase().padStart(8, '0');

function isShort(dataset: Dataset, tag: number): boolean {
  const length = dataset.bytes(tag)?.length ?? 0;
  return BINARY.includes(dataset.vr(tag)) ? length <= 1024 && dataset.isLittleEndian(tag) : length <= 65_536;
}

function attribute(dataset: Dataset, tag: number): object {
  const vr = dataset.vr(tag);
  if (tag === 0x00080005) return { vr: 'CS', Value: ['ISO_IR 192'] };
  if (BINARY.includes(vr)) {
    const InlineBinary = Buffer.from(dataset.bytes(tag) ?? []).toString('base64');
    return InlineBinary === '' ? { vr } : { vr, InlineBinary };
  }
  const Value = values(dataset, tag, vr);
  return Value.length === 0 ? { vr } : { vr, Value };
}

function values(dataset: Dataset, tag: number, vr: string): readonly unknown[] {
  if (vr === 'SQ') return dataset.sequence(tag).map(jsonModel);
  if (vr === 'AT') return dataset.numbers(tag).map(key);
  const numbers = NUMBERS.includes(vr) ? dataset.numbers(tag) : [];
  // JSON has one zero, and no word for what is no number.
  if (numbers.length > 0) return numbers.map((value) => (Number.isFinite(value) ? value || 0 : word(value)));
  return dataset.strings(tag).map((text) => (text === '' ? null : vr === 'PN' ? personName(text) : text));
}

const word = (value: number): string => (Number.isNaN(value) ? 'NaN' : value > 0 ? 'inf' : '-inf');

function personName(text: string): object | null {
  const [alphabetic = '', ideographic = '', ...phonetic] = text.split('=');
  const groups = [alphabetic, ideographic, phonetic[0] ?? ''].map((group) => group.trim());
  const named = groups.flatMap((group, index) => (group === '' ? [] : [[NAME_GROUPS[index], group]]));
  return named.length === 0 ? null : Object.fromEntries(named);
}
