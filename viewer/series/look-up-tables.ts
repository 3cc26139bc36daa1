import type { Attributes } from '../../services/dicom/dataset/attributes.ts';
import { type DicomJson, jsonAttributes } from '../../services/dicom/dataset/json-attributes.ts';
import { TAG } from '../../services/dicom/dataset/tags.ts';

const TABLES: readonly number[] = [
  TAG.RedPaletteColorLookupTableData,
  TAG.GreenPaletteColorLookupTableData,
  TAG.BluePaletteColorLookupTableData,
  TAG.SegmentedRedPaletteColorLookupTableData,
  TAG.SegmentedGreenPaletteColorLookupTableData,
  TAG.SegmentedBluePaletteColorLookupTableData,
  TAG.LUTData,
];
const SEQUENCES: readonly number[] = [TAG.ModalityLUTSequence, TAG.VOILUTSequence];

/** The attributes of an object with the tables that draw it, which the metadata may only name by their address. */
export async function withTables(
  dataset: DicomJson,
  fetchTable: (url: string) => Promise<Uint8Array>,
): Promise<Attributes> {
  const urls = [...new Set(tableUrls(dataset))];
  const tables = new Map(await Promise.all(urls.map(async (url) => [url, await fetchTable(url)] as const)));
  return jsonAttributes(dataset, (url) => tables.get(url));
}

function tableUrls(dataset: DicomJson): readonly string[] {
  const own = TABLES.flatMap((tag) => dataset[keyOf(tag)]?.BulkDataURI ?? []);
  const items = SEQUENCES.flatMap((tag) => dataset[keyOf(tag)]?.Value ?? []);
  return [...own, ...items.flatMap((item) => (isDataset(item) ? tableUrls(item) : []))];
}

const isDataset = (value: unknown): value is DicomJson => typeof value === 'object' && value !== null;

const keyOf = (tag: number): string => tag.toString(16).padStart(8, '0').toUpperCase();
