import type { Attributes } from '../../../services/dicom/dataset/attributes.ts';
import { bulkData } from '../../../services/dicom/dataset/bulk-data.ts';
import { readDataset } from '../../../services/dicom/dataset/dataset.ts';
import { dicomJson } from '../../../services/dicom/dataset/dicom-json.ts';
import { jsonAttributes } from '../../../services/dicom/dataset/json-attributes.ts';
import { element, item, join, type Layout } from '../dataset/dataset-bytes.ts';

const SYNTAX = { explicit: '1.2.840.10008.1.2.1', implicit: '1.2.840.10008.1.2', big: '1.2.840.10008.1.2.2' };

/** The same elements as a data set, and as the DICOM JSON that our server makes of it, bulk data fetched. */
export function bothWays(elements: readonly Uint8Array[], layout: Layout = 'explicit'): readonly Attributes[] {
  const dataset = readDataset(join(...elements), SYNTAX[layout]);
  const json = JSON.parse(dicomJson(dataset, 'bulk'));
  return [dataset, jsonAttributes(json, (url) => bulkData(dataset, url.split('/').slice(1)))];
}

export const words = (values: readonly number[], isLittle = true): Uint8Array => {
  const bytes = new Uint8Array(values.length * 2);
  const view = new DataView(bytes.buffer);
  for (const [at, value] of values.entries()) view.setUint16(at * 2, value, isLittle);
  return bytes;
};

/** An item with a table: descriptor and data as they are sent. */
export function tableItem(descriptor: Uint8Array, data: Uint8Array, vrs: readonly [string, string] = ['US', 'OW']) {
  return item(
    join(
      element(0x00283002, vrs[0], descriptor),
      element(0x00283003, 'LO', 'A CURVE'),
      element(0x00283004, 'LO', 'OD'),
      element(0x00283006, vrs[1], data),
    ),
  );
}
