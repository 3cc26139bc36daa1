import type { AttributeRow } from '../../domain/ports.ts';
import type { Query } from '../../domain/query.ts';
import { Uid } from '../../domain/uid.ts';
import { TRANSFER_SYNTAX } from '../dataset/transfer-syntax.ts';
import { type PlainDataset, writeDataset, writeImplicitDataset } from '../dataset/write-dataset.ts';
import { QUERY_KEYS, UNIQUE_KEY } from './keys.ts';

const VR_OF: ReadonlyMap<string, string> = new Map(QUERY_KEYS.map(({ keyword, vr }) => [keyword, vr]));

/** The identifier of a pending C-FIND response: what was asked for, as far as it is held (PS3.4 §C.4.1.1.3.2). */
export function matchIdentifier(row: AttributeRow, { level, wanted }: Query, retrieveAETitle: string): PlainDataset {
  const unique = UNIQUE_KEY[level];
  const answered = Object.fromEntries(
    [...wanted, unique].map((keyword) => [keyword, valuesOf(VR_OF.get(keyword) ?? '', row[keyword] ?? null)]),
  );
  return {
    SpecificCharacterSet: 'ISO_IR 192',
    QueryRetrieveLevel: level,
    RetrieveAETitle: retrieveAETitle,
    InstanceAvailability: 'ONLINE',
    ...answered,
  };
}

/** Values come from received objects, so that they may be anything: what is no UID or number is left empty. */
function valuesOf(vr: string, value: AttributeRow[string]): readonly string[] | readonly number[] {
  const values = value === null || value === '' ? [] : typeof value === 'object' ? value : [value];
  const texts = values.flatMap((each) => (typeof each === 'string' ? each.split('\\') : [String(each)]));
  if (vr === 'US')
    return texts.map(Number).filter((number) => Number.isInteger(number) && number >= 0 && number <= 0xffff);
  return vr === 'UI' ? texts.filter((text) => Uid.safeParse(text).success) : texts;
}

/** Each UID with its backslash; a UI value is at most this long (PS3.5 §7.1.2, 16-bit length). */
const MAX_LISTED_UIDS = Math.floor(0xfffe / 65);

/** Of a final response to C-MOVE or C-GET: what was not sent (PS3.4 §C.4.2.1.4.2). More than fit are left out. */
export function failedIdentifier(SOPInstanceUIDs: readonly string[]): PlainDataset {
  return { FailedSOPInstanceUIDList: SOPInstanceUIDs.slice(0, MAX_LISTED_UIDS) };
}

/** A data set of a message, in the transfer syntax of its presentation context. */
export function messageBytes(dataset: PlainDataset, TransferSyntaxUID: string): Uint8Array {
  return TransferSyntaxUID === TRANSFER_SYNTAX.implicitLittle ? writeImplicitDataset(dataset) : writeDataset(dataset);
}
