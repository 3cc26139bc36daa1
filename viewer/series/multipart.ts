/** The one part of a frame response: its bytes (a view, not a copy) and how they are encoded. */
export interface FramePart {
  readonly bytes: Uint8Array;
  /** `undefined` when the server does not name it. */
  readonly transferSyntaxUID: string | undefined;
  readonly mediaType: string;
}

const CR = 13;
const LF = 10;
const MAX_HEADER_BYTES = 4096;

/** Media types that stand for one transfer syntax each (PS3.18 Table 8.7.3-5). */
const SYNTAX_OF_MEDIA_TYPE: Readonly<Record<string, string>> = {
  'image/jls': '1.2.840.10008.1.2.4.80',
  'image/dicom-rle': '1.2.840.10008.1.2.5',
};

/**
 * Takes the first part out of a `multipart/related` body (RFC 2387).
 * @throws {Error} when the body is not framed as its content type says, for instance because it was cut short.
 */
export function framePart(contentType: string, body: Uint8Array): FramePart {
  const boundary = parameter(contentType, 'boundary');
  if (!contentType.toLowerCase().startsWith('multipart/related') || !boundary) {
    return part(contentType, body);
  }
  const delimiter = ascii(`--${boundary}`);
  const start = indexOf(body, delimiter, 0);
  if (start < 0) throw new Error('multipart: no boundary');
  const headerStart = start + delimiter.length + 2;
  const headerEnd = indexOf(body.subarray(0, headerStart + MAX_HEADER_BYTES), ascii('\r\n\r\n'), headerStart - 2);
  if (headerEnd < 0) throw new Error('multipart: part header not closed');
  const header = String.fromCharCode(...body.subarray(headerStart, Math.max(headerStart, headerEnd)));
  const end = lastIndexOf(body, ascii(`\r\n--${boundary}`));
  if (end < headerEnd + 4) throw new Error('multipart: no closing boundary, the frame was cut short');
  return part(/^content-type:\s*(.+)$/im.exec(header)?.[1] ?? '', body.subarray(headerEnd + 4, end));
}

function part(contentType: string, bytes: Uint8Array): FramePart {
  const mediaType = (contentType.split(';')[0] ?? '').trim().toLowerCase();
  const named = parameter(contentType, 'transfer-syntax');
  return { bytes, mediaType, transferSyntaxUID: named ?? SYNTAX_OF_MEDIA_TYPE[mediaType] };
}

const parameter = (contentType: string, name: string): string | undefined =>
  new RegExp(`;\\s*${name}="?([^";]+)"?`, 'i').exec(contentType)?.[1]?.trim();

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

const startsAt = (body: Uint8Array, wanted: Uint8Array, at: number): boolean =>
  wanted.every((byte, offset) => body[at + offset] === byte);

function indexOf(body: Uint8Array, wanted: Uint8Array, from: number): number {
  for (let at = Math.max(0, from); at + wanted.length <= body.length; at += 1)
    if (startsAt(body, wanted, at)) return at;
  return -1;
}

/** From the end, where the closing delimiter is: pixel bytes may look like one. */
function lastIndexOf(body: Uint8Array, wanted: Uint8Array): number {
  for (let at = body.length - wanted.length; at >= 0; at -= 1) {
    if (body[at] === CR && body[at + 1] === LF && startsAt(body, wanted, at)) return at;
  }
  return -1;
}
