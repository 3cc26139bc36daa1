import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bodyOf, contents, startWado } from './stored-files.ts';

const FRAME = Buffer.from('0123456789'.repeat(10));
const started: { wado?: Awaited<ReturnType<typeof startWado>> } = {};
const get = (path: string, accept: string, headers: Record<string, string> = {}) => {
  if (started.wado === undefined) throw new Error('not started');
  return started.wado.get(`1.2/series/1.2.1/instances/1.2.9.1${path}`, accept, headers);
};
beforeAll(async () => {
  started.wado = await startWado(undefined, {
    frameOf: async () => FRAME,
  });
});
afterAll(() => started.wado?.app.close());

describe.each([
  ['an instance', '', 'application/dicom', contents[1] ?? FRAME],
  ['a frame', '/frames/1', 'image/jls', FRAME],
])('a range of %s (RFC 9110 §14)', (_, path, accept, whole) => {
  const { length } = whole;
  it.each([
    ['bytes=0-0', 0, 1],
    ['bytes=10-19', 10, 20],
    ['bytes=90-', 90, length],
    ['bytes=-7', length - 7, length],
    [`bytes=-${length + 1}`, 0, length],
    [`bytes=5-${length + 99}`, 5, length],
  ])('%s', async (range, start, end) => {
    const answer = await get(path, accept, { range });
    expect(answer.status).toBe(206);
    expect(answer.headers.get('content-range')).toBe(`bytes ${start}-${end - 1}/${length}`);
    expect(answer.headers.get('content-length')).toBe(String(end - start));
    expect(Buffer.from(await bodyOf(answer)).equals(whole.subarray(start, end))).toBe(true);
  });

  it.each(['bytes=9-3', 'bytes=-', 'bytes=0-1,3-4', 'lines=1-2', 'bytes=x-y'])('%s is the whole', async (range) => {
    const answer = await get(path, accept, { range });
    expect([answer.status, (await bodyOf(answer)).length]).toEqual([200, length]);
  });

  it.each([`bytes=${length}-`, 'bytes=-0'])('%s is none: 416', async (range) => {
    const answer = await get(path, accept, { range });
    expect([answer.status, answer.headers.get('content-range')]).toEqual([416, `bytes */${length}`]);
    expect(await answer.json()).toMatchObject({ code: 'RANGE_INVALID' });
  });

  it('goes on with what the client has, and only with that', async () => {
    const etag = (await get(path, accept)).headers.get('etag') ?? '';
    expect(etag).toMatch(/^"/);
    expect((await get(path, accept, { range: 'bytes=1-', 'if-range': etag })).status).toBe(206);
    expect((await get(path, accept, { range: 'bytes=1-', 'if-range': '"other"' })).status).toBe(200);
    expect((await get(path, accept, { range: 'bytes=1-', 'if-none-match': etag })).status).toBe(304);
  });

  it('is not of a multipart body, whose boundary is new each time', async () => {
    const answer = await get(path, 'multipart/related', { range: 'bytes=0-9' });
    expect([answer.status, answer.headers.get('accept-ranges')]).toEqual([200, null]);
  });
});
