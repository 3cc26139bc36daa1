import { afterEach, describe, expect, it } from 'vitest';
import { Problem } from '../../services/domain/contract/system.ts';
import { AppError } from '../../services/domain/errors.ts';
import type { StoredFile } from '../../services/domain/ports.ts';
import { type AppServer, filesPort, startApp, unusedDicomweb } from './app-server.ts';
import { readMultipart } from './multipart-reader.ts';

const EXPLICIT = '1.2.840.10008.1.2.1';
const JPEG_LS = '1.2.840.10008.1.2.4.80';
const NEAR_LOSSLESS = '1.2.840.10008.1.2.4.81';
const BIG_ENDIAN = '1.2.840.10008.1.2.2';
const HTJ2K = '1.2.840.10008.1.2.4.201';
const HTJ2K_RPCL = '1.2.840.10008.1.2.4.202';
const JPEG_BASELINE = '1.2.840.10008.1.2.4.50';

const running: AppServer[] = [];
afterEach(async () => {
  for (const app of running.splice(0)) await app.close();
});

/** Frames hold what ends lines and delimiters in a multipart body. */
const frameBytes = (frame: number) => Buffer.from(`\r\n--overread-${frame}--\r\n\0\xff${frame}`, 'latin1');

async function start(transferSyntaxUID: string, frames = 3, padding = 0) {
  const stored: StoredFile = {
    file: '/not/read/here',
    StudyInstanceUID: '1.2',
    SeriesInstanceUID: '1.2.3',
    SOPInstanceUID: '1.2.3.4',
    SOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
    TransferSyntaxUID: transferSyntaxUID,
    NumberOfFrames: frames,
    bytes: 1000,
  };
  const read: number[] = [];
  const made: [number, string][] = [];
  const app = await startApp({
    dicomweb: { ...unusedDicomweb, ...filesPort([stored]) },
    frameOf: async (_file, frame) => {
      read.push(frame);
      if (frame >= 3) throw new AppError('FRAME_NOT_FOUND', 'fewer frames than the index says');
      return Buffer.concat([frameBytes(frame), Buffer.alloc(padding)]);
    },
    transcodedFrame: async (_file, frame, uid) => {
      made.push([frame, uid]);
      if (uid === JPEG_BASELINE) throw new AppError('NOT_ACCEPTABLE', 'JPEG baseline has 8 bits');
      return [Buffer.from(`${uid} `), frameBytes(frame)];
    },
  });
  running.push(app);
  const url = `${app.url}/dicomweb/studies/1.2/series/1.2.3/instances/1.2.3.4/frames`;
  const get = (list: string, accept?: string, headers: Record<string, string> = {}) =>
    fetch(`${url}/${list}`, { headers: { ...headers, ...(accept !== undefined && { accept }) } });
  return { app, url, get, read, made };
}
const bodyOf = async (answer: Response) => new Uint8Array(await answer.arrayBuffer());

describe('retrieve frames (PS3.18 §10.4)', () => {
  it('sends a part for each frame asked for, in the order asked for', async () => {
    const { url, get, read } = await start(JPEG_LS);
    const answer = await get('3,1,2', '*/*');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^multipart\/related; type="image\/jls"; boundary="/);
    const parts = readMultipart(answer.headers.get('content-type'), await bodyOf(answer));
    expect(parts.map(({ headers }) => headers)).toEqual(
      [3, 1, 2].map((frame) => ({
        'content-type': `image/jls; transfer-syntax=${JPEG_LS}`,
        'content-length': String(frameBytes(frame - 1).length),
        'content-location': `${url}/${frame}`,
      })),
    );
    expect(parts.map(({ body }) => body)).toEqual([2, 0, 1].map(frameBytes));
    expect(read).toEqual([2, 0, 1]);
  });

  it('%2C is a comma', async () => {
    const { get } = await start(EXPLICIT);
    const answer = await get('1%2C2');
    expect(readMultipart(answer.headers.get('content-type'), await bodyOf(answer))).toHaveLength(2);
  });

  const OCTETS = 'application/octet-stream';
  const multi = (type: string, syntax: string) => ({
    outer: `multipart/related; type="${type}"`,
    part: `${type}; transfer-syntax=${syntax}`,
  });
  const single = (type: string, syntax: string) => ({ outer: `${type}; transfer-syntax=${syntax}`, part: undefined });
  // biome-ignore format: a table
  it.each([
    // what Cornerstone asks for
    [JPEG_LS, 'multipart/related; type=application/octet-stream; transfer-syntax=*', multi(OCTETS, JPEG_LS)],
    [EXPLICIT, 'multipart/related; type=application/octet-stream; transfer-syntax=*', multi(OCTETS, EXPLICIT)],
    [JPEG_LS, '*/*', multi('image/jls', JPEG_LS)],
    [JPEG_LS, 'multipart/related', multi('image/jls', JPEG_LS)],
    [JPEG_LS, 'multipart/related; type="image/jls"', multi('image/jls', JPEG_LS)],
    [JPEG_LS, `multipart/related; type="image/jls"; transfer-syntax=${JPEG_LS}`, multi('image/jls', JPEG_LS)],
    [JPEG_LS, `Multipart/Related; Type="IMAGE/JLS"; Transfer-Syntax="${JPEG_LS}"`, multi('image/jls', JPEG_LS)],
    [NEAR_LOSSLESS, 'multipart/related; type="image/jls"', multi('image/jls', NEAR_LOSSLESS)],
    [JPEG_LS, 'multipart/related; type="image/jp2", multipart/related; type="image/jls"; q=0.5', multi('image/jls', JPEG_LS)],
    [JPEG_LS, `multipart/related; type="image/jls"; q=0.1, multipart/related; type="${OCTETS}"; transfer-syntax=*`, multi(OCTETS, JPEG_LS)],
    [EXPLICIT, 'multipart/related; type="application/octet-stream"', multi(OCTETS, EXPLICIT)],
    [EXPLICIT, `multipart/related; type="${OCTETS}"; transfer-syntax=${EXPLICIT}`, multi(OCTETS, EXPLICIT)],
    ['1.2.840.10008.1.2', `multipart/related; type="${OCTETS}"`, multi(OCTETS, EXPLICIT)],
    ['1.2.840.10008.1.2.1.99', '*/*', multi(OCTETS, EXPLICIT)],
    [BIG_ENDIAN, '*/*', multi(OCTETS, BIG_ENDIAN)],
    ['1.2.840.10008.1.2.5', '*/*', multi('image/dicom-rle', '1.2.840.10008.1.2.5')],
    ['1.2.3.private', '*/*', multi(OCTETS, '1.2.3.private')],
    // what Python's dicomweb-client asks for
    [JPEG_LS, 'multipart/related; type="*/*"', multi('image/jls', JPEG_LS)],
    [EXPLICIT, 'multipart/related; type="*/*"', multi(OCTETS, EXPLICIT)],
    [JPEG_LS, 'multipart/related; type="image/*"', multi('image/jls', JPEG_LS)],
    [JPEG_LS, 'multipart/*', multi('image/jls', JPEG_LS)],
    [JPEG_LS, 'image/jls', single('image/jls', JPEG_LS)],
    [JPEG_LS, 'image/*', single('image/jls', JPEG_LS)],
    [JPEG_LS, 'application/octet-stream; transfer-syntax=*', single(OCTETS, JPEG_LS)],
    [EXPLICIT, 'application/octet-stream', single(OCTETS, EXPLICIT)],
  ])('stored as %s, Accept: %s', async (stored, accept, { outer, part }) => {
    const { get } = await start(stored);
    const answer = await get('1', accept);
    expect(answer.status).toBe(200);
    const type = answer.headers.get('content-type') ?? '';
    const body = await bodyOf(answer);
    if (part === undefined) {
      expect(type).toBe(outer);
      expect(Buffer.from(body)).toEqual(frameBytes(0));
      expect(answer.headers.get('content-length')).toBe(String(body.length));
    } else {
      expect(type.startsWith(`${outer}; boundary=`), type).toBe(true);
      expect(readMultipart(type, body).map(({ headers }) => headers['content-type'])).toEqual([part]);
    }
  });

  // biome-ignore format: a table
  it.each([
    [JPEG_LS, `multipart/related; type="${OCTETS}"`, multi(OCTETS, EXPLICIT), EXPLICIT],
    [JPEG_LS, `multipart/related; type="${OCTETS}"; transfer-syntax=${EXPLICIT}`, multi(OCTETS, EXPLICIT), EXPLICIT],
    [NEAR_LOSSLESS, OCTETS, single(OCTETS, EXPLICIT), EXPLICIT],
    [BIG_ENDIAN, OCTETS, single(OCTETS, EXPLICIT), EXPLICIT],
    [EXPLICIT, 'image/jphc', single('image/jphc', HTJ2K), HTJ2K],
    [EXPLICIT, 'image/jphc; transfer-syntax=*', single('image/jphc', HTJ2K), HTJ2K],
    [JPEG_LS, `multipart/related; type="image/jphc"; transfer-syntax=${HTJ2K_RPCL}`, multi('image/jphc', HTJ2K_RPCL), HTJ2K_RPCL],
    [EXPLICIT, 'multipart/related; type="image/*"', multi('image/jls', JPEG_LS), JPEG_LS],
    [EXPLICIT, `image/jls; transfer-syntax=${JPEG_LS}`, single('image/jls', JPEG_LS), JPEG_LS],
    // What this image cannot be made into is no answer while there is another.
    [EXPLICIT, `image/jpeg; transfer-syntax=${JPEG_BASELINE}, image/jls; q=0.5`, single('image/jls', JPEG_LS), JPEG_LS],
  ])('stored as %s, transcoded for Accept: %s', async (stored, accept, { outer, part }, uid) => {
    const { get, made, read } = await start(stored);
    const answer = await get('2', accept);
    expect(answer.status).toBe(200);
    const type = answer.headers.get('content-type') ?? '';
    const body = await bodyOf(answer);
    const expected = Buffer.concat([Buffer.from(`${uid} `), frameBytes(1)]);
    expect(made.at(-1)).toEqual([1, uid]);
    expect(read).toEqual([]);
    if (part === undefined) {
      expect([type, Buffer.from(body)]).toEqual([outer, expected]);
    } else {
      expect(type.startsWith(`${outer}; boundary=`), type).toBe(true);
      const parts = readMultipart(type, body);
      expect(parts.map((each) => [each.headers['content-type'], each.body])).toEqual([[part, expected]]);
    }
  });

  it.each([
    [JPEG_LS, 'multipart/related; type="image/jp2"; transfer-syntax=*'],
    [JPEG_LS, `image/jls; transfer-syntax=${NEAR_LOSSLESS}`],
    [EXPLICIT, 'image/jpeg'],
    [EXPLICIT, 'multipart/related; type=octets'],
    [JPEG_LS, 'multipart/related; type="image/jls"; q=0'],
    [JPEG_LS, 'text/html'],
    [JPEG_LS, 'nonsense'],
  ])('stored as %s there is nothing for Accept: %s', async (stored, accept) => {
    const { get } = await start(stored);
    const answer = await get('1', accept);
    expect(answer.status).toBe(406);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('etag')).toBeNull();
    const problem = Problem.parse(await answer.json());
    expect(problem).toMatchObject({ code: 'NOT_ACCEPTABLE' });
    expect(problem.detail).toContain(stored);
  });

  it('406 with the reason when this image cannot be made into the only form that is accepted', async () => {
    const { get } = await start(EXPLICIT);
    const answer = await get('1', `image/jpeg; transfer-syntax=${JPEG_BASELINE}`);
    expect([answer.status, Problem.parse(await answer.json()).detail]).toEqual([406, 'JPEG baseline has 8 bits']);
  });

  it('a single part only for a single frame', async () => {
    const { get } = await start(JPEG_LS);
    expect((await get('1,2', 'image/jls')).status).toBe(406);
  });

  it('what never changes is cached for ever, by one client, for one Accept', async () => {
    const { get, read } = await start(JPEG_LS);
    const answer = await get('1', 'image/jls');
    expect(answer.headers.get('cache-control')).toBe('private, max-age=31536000, immutable');
    expect(answer.headers.get('vary')).toContain('Accept');
    const etag = answer.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[\w-]{43}"$/);
    const again = await get('1', 'image/jls', { 'if-none-match': etag });
    expect([again.status, (await bodyOf(again)).length]).toEqual([304, 0]);
    expect(read).toEqual([0]);
    for (const other of [
      await get('2', 'image/jls', { 'if-none-match': etag }),
      await get('1', '*/*', { 'if-none-match': etag }),
    ])
      expect(other.status).toBe(200);
  });

  it.each(['0', '1,1', '-1', '1,', ',1', '1.5', '01', 'x', '1-3', '1e1', '9999999999', '1, 2'])(
    'the list %j is refused',
    async (list) => {
      const { get, read } = await start(EXPLICIT);
      const answer = await get(encodeURIComponent(list));
      expect([answer.status, Problem.parse(await answer.json()).code]).toEqual([400, 'BAD_REQUEST']);
      expect(read).toEqual([]);
    },
  );

  it('a frame the instance does not have is 404, whoever notices', async () => {
    const byIndex = await start(EXPLICIT, 3);
    const noticed = await byIndex.get('1,4');
    expect([noticed.status, Problem.parse(await noticed.json()).code]).toEqual([404, 'FRAME_NOT_FOUND']);
    expect(byIndex.read).toEqual([]);
    const byFile = await start(EXPLICIT, 9);
    const late = await byFile.get('5');
    expect([late.status, late.headers.get('cache-control'), late.headers.get('etag')]).toEqual([404, 'no-store', null]);
  });

  it('an instance that was never received is 404, a UID that is none 400', async () => {
    const { app } = await start(EXPLICIT);
    const root = `${app.url}/dicomweb/studies/1.2/series/1.2.3/instances`;
    const unknown = await fetch(`${root}/9.9/frames/1`);
    expect([unknown.status, Problem.parse(await unknown.json()).code]).toEqual([404, 'INSTANCE_NOT_FOUND']);
    expect((await fetch(`${root}/..%2f9/frames/1`)).status).toBe(400);
  });

  it('a frame that breaks in the middle cuts the connection: the part is not taken for the whole', async () => {
    const { app, get } = await start(EXPLICIT, 9, 1_000_000);
    const answer = await get('1,2,5');
    expect(answer.status).toBe(200);
    await expect(answer.arrayBuffer()).rejects.toThrow();
    expect(app.logged.events).toEqual(['http.stream-broken']);
  });

  it('one that breaks before anything was sent is a problem', async () => {
    const { get } = await start(EXPLICIT, 9);
    const answer = await get('1,2,5');
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      404,
      'application/problem+json; charset=utf-8',
    ]);
  });

  it('HEAD has the headers and no body', async () => {
    const { url } = await start(JPEG_LS);
    const head = await fetch(`${url}/1`, { method: 'HEAD' });
    expect(head.headers.get('content-type')).toMatch(/^multipart\/related; type="image\/jls"/);
    expect((await bodyOf(head)).length).toBe(0);
  });
});
