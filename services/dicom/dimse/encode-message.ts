/**
 * P-DATA-TF with one PDV — PS3.8 Tables 9-22 and 9-23, Annex E.2: 12 bytes of headers, to be followed by `length` bytes.
 */
function pdataHeader(contextId: number, length: number, isCommand: boolean, isLast: boolean): Uint8Array {
  const header = Buffer.alloc(PDATA_HEADERS_BYTES);
  header[0] = 0x04;
  header.writeUInt32BE(length + 6, 2);
  header.writeUInt32BE(length + 2, 6);
  header[10] = contextId;
  header[11] = (isCommand ? 0b01 : 0) | (isLast ? 0b10 : 0);
  return header;
}

const PDATA_HEADERS_BYTES = 12;
const PDV_OVERHEAD_BYTES = 6;

/** Some peers advertise less than a command set; below this a body would be all headers. */
const MIN_PDU_BYTES = 128;
/** No use in longer ones, and a peer without a limit (0) must get one. */
const MAX_PDU_BYTES = 128 * 1024;

/** Bytes a fragment may have for a peer that advertised `maximumLength` (0: no limit); even, as a data set is. */
export function fragmentBytes(maximumLength: number): number {
  const bounded = maximumLength === 0 ? MAX_PDU_BYTES : Math.min(maximumLength, MAX_PDU_BYTES);
  return (Math.max(bounded, MIN_PDU_BYTES) - PDV_OVERHEAD_BYTES) & ~1;
}

/**
 * Cuts a command set, or a part of a data set, into P-DATA-TFs: headers and views of `bytes` in turn, for one vectored
 * write. `isLast`: the part ends its command or data set.
 */
export function pdataBuffers(
  contextId: number,
  bytes: Uint8Array,
  { isCommand, isLast, maxFragmentBytes }: { isCommand: boolean; isLast: boolean; maxFragmentBytes: number },
): Uint8Array[] {
  const buffers: Uint8Array[] = [];
  for (let at = 0; at === 0 || at < bytes.length; at += maxFragmentBytes) {
    const fragment = bytes.subarray(at, at + maxFragmentBytes);
    const ends = isLast && at + maxFragmentBytes >= bytes.length;
    buffers.push(pdataHeader(contextId, fragment.length, isCommand, ends), fragment);
  }
  return buffers;
}
