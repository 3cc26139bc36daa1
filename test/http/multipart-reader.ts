export interface ReadPart {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/**
 * Reads a multipart body by the letter of RFC 2046 §5.1.1 and throws at the first thing that is not as it says:
 * the body begins with a delimiter line, each part has headers, an empty line and exactly Content-Length bytes, the
 * next delimiter follows at once, the last one is closed and nothing comes after it.
 */
export function readMultipart(contentType: string | null, body: Uint8Array): ReadPart[] {
  const [, boundary] = /^multipart\/related; type="[^"]+"; boundary="([^"]{1,70})"$/.exec(contentType ?? '') ?? [];
  if (boundary === undefined) throw new Error(`not a multipart/related type: ${contentType}`);
  const bytes = Buffer.from(body);
  const parts: ReadPart[] = [];
  const expectAt = (offset: number, text: string): number => {
    const found = bytes.toString('latin1', offset, offset + text.length);
    if (found !== text)
      throw new Error(`at ${offset}: expected ${JSON.stringify(text)}, found ${JSON.stringify(found)}`);
    return offset + text.length;
  };

  let offset = expectAt(0, `--${boundary}`);
  while (bytes.toString('latin1', offset, offset + 2) !== '--') {
    offset = expectAt(offset, '\r\n');
    const end = bytes.indexOf('\r\n\r\n', offset);
    if (end < 0) throw new Error('the headers of a part do not end');
    const headers = Object.fromEntries(
      bytes
        .toString('latin1', offset, end)
        .split('\r\n')
        .map((line) => {
          const [, name, value] = /^([A-Za-z-]+): (.+)$/.exec(line) ?? [];
          if (name === undefined || value === undefined) throw new Error(`not a header: ${JSON.stringify(line)}`);
          return [name.toLowerCase(), value];
        }),
    );
    const length = Number(headers['content-length']);
    if (!Number.isInteger(length)) throw new Error('a part has no Content-Length');
    const part = bytes.subarray(end + 4, end + 4 + length);
    if (part.includes(`--${boundary}`)) throw new Error('the content holds the boundary');
    parts.push({ headers, body: part });
    offset = expectAt(end + 4 + length, `\r\n--${boundary}`);
  }
  offset = expectAt(offset, '--\r\n');
  if (offset !== bytes.length) throw new Error(`${bytes.length - offset} bytes after the close delimiter`);
  return parts;
}
