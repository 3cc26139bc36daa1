import { AppError } from '../domain/errors.ts';

/** One part of a body while it arrives. The next part comes when this one is read. */
export interface IncomingPart {
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: AsyncIterable<Uint8Array>;
}

const MAX_PARTS = 50_000;
const MAX_HEADER_BYTES = 8 * 1024;
const MAX_PREAMBLE_BYTES = 64 * 1024;
const CRLF = '\r\n';
/** RFC 2046 §5.1.1, without its quotes. It allows 70 characters; Orthanc sends 73. */
const BOUNDARY = /^[\w'()+,./:=? -]{0,199}[\w'()+,./:=?-]$/;

/**
 * Splits a multipart body (RFC 2046 §5.1.1) as it arrives: nothing is held but one chunk. A body without its final
 * delimiter is an error after its last part was handed out, so a part is whole only when its `body` ends.
 *
 * @throws {AppError} BAD_REQUEST when the body is not what the boundary says, or a bound is passed.
 */
export async function* splitMultipart(
  source: AsyncIterable<Uint8Array>,
  boundary: string,
): AsyncGenerator<IncomingPart> {
  if (!BOUNDARY.test(boundary)) throw new AppError('BAD_REQUEST', 'the boundary is none of RFC 2046');
  const input = new Input(source, Buffer.from(`${CRLF}--${boundary}`));
  await input.skipPreamble();
  for (let parts = 1; await input.beginsPart(); parts += 1) {
    if (parts > MAX_PARTS) throw new AppError('BAD_REQUEST', `more than ${MAX_PARTS} parts`);
    const headers = parseHeaders(await input.headerBlock());
    yield { headers, body: input.part() };
    await input.skipRest();
  }
  await input.skipEpilogue();
}

class Input {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #delimiter: Buffer;
  /** The first delimiter may stand at the very start, without the line end that belongs to the others. */
  #buffer = Buffer.from(CRLF);
  #inPart = false;

  constructor(source: AsyncIterable<Uint8Array>, delimiter: Buffer) {
    this.#source = source[Symbol.asyncIterator]();
    this.#delimiter = delimiter;
  }

  async skipPreamble(): Promise<void> {
    let skipped = 0;
    this.#inPart = true;
    for await (const bytes of this.part()) {
      skipped += bytes.length;
      if (skipped > MAX_PREAMBLE_BYTES) throw new AppError('BAD_REQUEST', 'no delimiter at the start of the body');
    }
  }

  /** Behind a delimiter: whether a part follows, or the end. */
  async beginsPart(): Promise<boolean> {
    await this.#atLeast(2);
    if (this.#buffer.toString('latin1', 0, 2) === '--') return false;
    // White space may pad the line of a delimiter.
    const padding = await this.#lineEnd(0);
    if (this.#buffer.toString('latin1', 0, padding).trim() !== '') {
      throw new AppError('BAD_REQUEST', 'a delimiter is followed by other text on its line');
    }
    // Its line end stays: a part without headers has its empty line at once.
    this.#buffer = this.#buffer.subarray(padding);
    return true;
  }

  async headerBlock(): Promise<string> {
    for (let at = 0; ; ) {
      const end = await this.#lineEnd(at + CRLF.length);
      if (end === at + CRLF.length) {
        const block = this.#buffer.toString('latin1', CRLF.length, at);
        this.#buffer = this.#buffer.subarray(end + CRLF.length);
        this.#inPart = true;
        return block;
      }
      at = end;
    }
  }

  /** The bytes up to the next delimiter. A part ends only when its delimiter is whole: else it might be cut short. */
  async *part(): AsyncGenerator<Uint8Array> {
    const kept = this.#delimiter.length - 1;
    while (this.#inPart) {
      const found = this.#buffer.indexOf(this.#delimiter);
      const end = found < 0 ? Math.max(0, this.#buffer.length - kept) : found;
      const bytes = this.#buffer.subarray(0, end);
      this.#buffer = this.#buffer.subarray(found < 0 ? end : found + this.#delimiter.length);
      if (found >= 0) this.#inPart = false;
      if (bytes.length > 0) yield bytes;
      await (found < 0 ? this.#more() : this.#checkDelimiter());
    }
  }

  async #checkDelimiter(): Promise<void> {
    await this.#atLeast(2);
    if (!/^(--|\r\n|[ \t])/.test(this.#buffer.toString('latin1', 0, 2))) {
      throw new AppError('BAD_REQUEST', 'a delimiter is followed by other text on its line');
    }
  }

  /** What the reader of a part left. */
  async skipRest(): Promise<void> {
    for await (const _ of this.part());
  }

  async skipEpilogue(): Promise<void> {
    while ((await this.#source.next()).done !== true);
  }

  /** Where the next line end stands, from `start`. */
  async #lineEnd(start: number): Promise<number> {
    for (;;) {
      const end = this.#buffer.indexOf(CRLF, start, 'latin1');
      if (end >= 0 && end <= MAX_HEADER_BYTES) return end;
      if (end >= 0 || this.#buffer.length > MAX_HEADER_BYTES) {
        throw new AppError('BAD_REQUEST', `the headers of a part are longer than ${MAX_HEADER_BYTES} bytes`);
      }
      await this.#more();
    }
  }

  async #atLeast(length: number): Promise<void> {
    while (this.#buffer.length < length) await this.#more();
  }

  async #more(): Promise<void> {
    const { done, value } = await this.#source.next();
    if (done) throw new AppError('BAD_REQUEST', 'the body ends before its final delimiter');
    this.#buffer = Buffer.concat([this.#buffer, value]);
  }
}

function parseHeaders(block: string): ReadonlyMap<string, string> {
  const lines = block === '' ? [] : block.replace(/\r\n[ \t]+/g, ' ').split(CRLF);
  return new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      if (colon < 1) throw new AppError('BAD_REQUEST', 'a part has a header line without a name');
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
}
