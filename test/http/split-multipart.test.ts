import { describe, expect, it } from 'vitest';
import { splitMultipart } from '../../services/http/split-multipart.ts';

interface Read {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The body cut into chunks of `size` bytes, split, and read as a store does. */
async function split(text: string, { size = 7, boundary = 'b' } = {}): Promise<Read[]> {
  const bytes = Buffer.from(text, 'latin1');
  const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
    bytes.subarray(n * size, (n + 1) * size),
  );
  const parts: Read[] = [];
  for await (const { headers, body } of splitMultipart(stream(chunks), boundary)) {
    const read: Uint8Array[] = [];
    for await (const piece of body) read.push(piece);
    parts.push({ headers: Object.fromEntries(headers), body: Buffer.concat(read).toString('latin1') });
  }
  return parts;
}

async function* stream(chunks: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

const TWO = '--b\r\nContent-Type: application/dicom\r\n\r\nfirst\r\n--\r\n--bb'
  .replace('--bb', '-b')
  .concat('\r\n--b\r\nContent-Type: a/b\r\nX-Long: one\r\n two\r\n\r\nsecond\r\n--b--\r\nepilogue');

describe('splitMultipart (RFC 2046 §5.1.1)', () => {
  it.each(Array.from({ length: 80 }, (_, n) => n + 1))('reads the same from chunks of %i bytes', async (size) => {
    expect(await split(TWO, { size })).toEqual([
      { headers: { 'content-type': 'application/dicom' }, body: 'first\r\n--\r\n-b' },
      { headers: { 'content-type': 'a/b', 'x-long': 'one two' }, body: 'second' },
    ]);
  });

  it.each([
    ['a preamble', 'hello\r\n--b\r\n\r\nx\r\n--b--', ['x']],
    ['padding behind a delimiter', '--b  \r\n\r\nx\r\n--b \t\r\n\r\ny\r\n--b--', ['x', 'y']],
    ['a part without bytes', '--b\r\n\r\n\r\n--b--', ['']],
    ['line ends in the content', '--b\r\n\r\n\r\nx\r\n\r\n--b--', ['\r\nx\r\n']],
    ['no part', '--b--', []],
  ])('takes %s', async (_, text, bodies) => {
    expect((await split(text, { size: 3 })).map(({ body }) => body)).toEqual(bodies);
  });

  it.each([
    ['nothing at all', ''],
    ['no delimiter', 'x'.repeat(100)],
    ['a preamble without end', `${'x'.repeat(70_000)}\r\n--b--`],
    ['no final delimiter', '--b\r\n\r\nx\r\n'],
    ['an end inside the final delimiter', '--b\r\n\r\nx\r\n--b-'],
    ['an end inside the headers', '--b\r\nContent-Type: a/b'],
    ['headers without end', `--b\r\n${'X: y\r\n'.repeat(3000)}\r\nx\r\n--b--`],
    ['a header line without end', `--b\r\nX: ${'y'.repeat(9000)}\r\n\r\nx\r\n--b--`],
    ['a header line without a name', '--b\r\n: x\r\n\r\nx\r\n--b--'],
    ['the boundary as the beginning of another', '--b\r\n\r\nx\r\n--bc\r\n\r\ny\r\n--b--'],
  ])('refuses %s', async (_, text) => {
    await expect(split(text, { size: 1000 })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });

  it.each(['', ' ', 'x'.repeat(201), 'a\u0001b', 'a '])('refuses the boundary %j', async (boundary) => {
    await expect(split(`--${boundary}--`, { boundary })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });

  it('takes a boundary longer than the RFC allows, as Orthanc sends it', async () => {
    const boundary = 'x'.repeat(73);
    expect(await split(`--${boundary}\r\n\r\ny\r\n--${boundary}--`, { boundary })).toHaveLength(1);
  });

  it('refuses more parts than anyone sends', async () => {
    await expect(split(`${'--b\r\n\r\nx\r\n'.repeat(50_001)}--b--`, { size: 65_536 })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
  });

  it('skips what the reader of a part leaves', async () => {
    const bodies: string[] = [];
    for await (const { body } of splitMultipart(stream([Buffer.from(TWO)]), 'b')) {
      for await (const piece of body) {
        bodies.push(Buffer.from(piece).toString('latin1').slice(0, 5));
        break;
      }
    }
    expect(bodies).toEqual(['first', 'secon']);
  });
});
