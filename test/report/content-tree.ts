import { type Dataset, readDataset } from '../../services/dicom/dataset/dataset.ts';
import type { ReportSource } from '../../services/domain/report-source.ts';
import { encodeReport } from '../../services/report/findings-to-sr.ts';

/** A content item as a reader of the bytes sees it: names and codes as `meaning`, values as text. */
export interface ReadItem {
  readonly relationship: string;
  readonly valueType: string;
  readonly name: string;
  /** `value|scheme` of the concept. */
  readonly concept: string;
  readonly value: string;
  readonly numbers: readonly number[];
  readonly reference: string;
  readonly children: readonly ReadItem[];
}

const codeOf = (item: Dataset, tag: number): { code: string; meaning: string } => {
  const [code] = item.sequence(tag);
  if (!code) return { code: '', meaning: '' };
  return {
    code: `${code.string(0x00080100) || code.string(0x00080119)}|${code.string(0x00080102)}`,
    meaning: code.string(0x00080104),
  };
};

/** Reads the tree below (and with) a content item, PS3.3 §C.17.3. */
export function readContent(item: Dataset): ReadItem {
  const concept = codeOf(item, 0x0040a043);
  const [measured] = item.sequence(0x0040a300);
  const [sop] = item.sequence(0x00081199);
  const value = codeOf(item, 0x0040a168);
  return {
    relationship: item.string(0x0040a010),
    valueType: item.string(0x0040a040),
    name: concept.meaning,
    concept: concept.code,
    value:
      (measured?.string(0x0040a30a) ?? (value.code && `${value.code}|${value.meaning}`)) ||
      item.string(0x0040a160) ||
      item.string(0x0040a123) ||
      item.string(0x0040a124),
    numbers: item.numbers(0x00700022),
    reference: sop?.string(0x00081155) ?? '',
    children: item.sequence(0x0040a730).map(readContent),
  };
}

/** All items of the tree, depth first. */
export const flatten = (item: ReadItem): ReadItem[] => [item, ...item.children.flatMap(flatten)];

const EXPLICIT = '1.2.840.10008.1.2.1';
/** The report of a source as a reader of its bytes finds it. */
export const readBytes = (bytes: Uint8Array) => readDataset(bytes, EXPLICIT);
export const read = (source: ReportSource) => readBytes(encodeReport(source).dataset);
export const tree = (source: ReportSource): ReadItem => readContent(read(source));
export const named = (items: readonly ReadItem[], name: string) => items.filter((item) => item.name === name);
export const groups = (source: ReportSource) => named(flatten(tree(source)), 'Measurement Group');
const evaluations = (source: ReportSource): readonly ReadItem[] =>
  named(tree(source).children, 'Qualitative Evaluations').flatMap(({ children }) => children);
/** The sentences of the report. */
export const comments = (source: ReportSource) => named(evaluations(source), 'Comment').map(({ value }) => value);
/** Its coded statements: concept and value. */
export const codes = (source: ReportSource) =>
  evaluations(source)
    .filter(({ valueType }) => valueType === 'CODE')
    .map(({ name, value }) => [name, value]);

/** SOP Instance UIDs of a hierarchical reference, the evidence unless another is asked for. */
export const evidence = (source: ReportSource, tag = 0x0040a375): string[] =>
  read(source)
    .sequence(tag)
    .flatMap((reference) => reference.sequence(0x00081115))
    .flatMap((oneSeries) => oneSeries.sequence(0x00081199))
    .map((sop) => sop.string(0x00081155));
