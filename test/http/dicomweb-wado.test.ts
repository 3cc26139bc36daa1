import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Problem } from '../../services/domain/contract/system.ts';
import type { AppServer } from './app-server.ts';
import { readMultipart } from './multipart-reader.ts';
import { bodyOf, contents, EXPLICIT, folder, JPEG_LS, startWado, storedFile } from './stored-files.ts';

const running: AppServer[] = [];
afterEach(async () => {
  for (const app of running.splice(0)) await app.close();
});
const start = async (...wado: Parameters<typeof startWado>) => {
  const started = await startWado(...wado);
  running.push(started.app);
  return started;
};

const digest = (bytes: Uint8Array | undefined) =>
  createHash('sha256')
    .update(bytes ?? '')
    .digest('hex');

describe('retrieve instances (PS3.18 §10.4)', () => {
  it.each([
    ['1.2', [0, 1, 2]],
    ['1.2/series/1.2.1', [0, 1]],
    ['1.2/series/1.2.2/instances/1.2.9.2', [2]],
  ])('studies/%s: each instance is a part with the bytes as stored', async (path, expected) => {
    const { root, get } = await start();
    const answer = await get(path, 'multipart/related; type="application/dicom"; transfer-syntax=*');
    expect(answer.status).toBe(200);
    const parts = readMultipart(answer.headers.get('content-type'), await bodyOf(answer));
    expect(parts.map(({ headers }) => headers)).toEqual(
      expected.map((index) => {
        const { StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID, TransferSyntaxUID } = storedFile(index);
        return {
          'content-type': `application/dicom; transfer-syntax=${TransferSyntaxUID}`,
          'content-length': '700000',
          'content-location': `${root}/${StudyInstanceUID}/series/${SeriesInstanceUID}/instances/${SOPInstanceUID}`,
        };
      }),
    );
    expect(parts.map(({ body }) => digest(body))).toEqual(expected.map((index) => digest(contents[index])));
  });

  it('a single instance also comes as a file of its own', async () => {
    const { get } = await start();
    const answer = await get('1.2/series/1.2.1/instances/1.2.9.1', 'application/dicom');
    expect(answer.headers.get('content-type')).toBe(`application/dicom; transfer-syntax=${JPEG_LS}`);
    expect(answer.headers.get('content-length')).toBe('700000');
    expect(digest(await bodyOf(answer))).toBe(digest(contents[1]));
  });

  // biome-ignore format: a table
  it.each([
    ['1.2/series/1.2.1', '*/*', 200],
    ['1.2/series/1.2.1', 'multipart/related; type="application/dicom"', 200],
    ['1.2/series/1.2.1', `multipart/related; type="application/dicom"; transfer-syntax=${JPEG_LS}`, 200],
    ['1.2/series/1.2.1', `multipart/related; type="application/dicom"; transfer-syntax=${EXPLICIT}`, 406],
    ['1.2', `multipart/related; type="application/dicom"; transfer-syntax=${JPEG_LS}`, 406],
    ['1.2', `multipart/related; type="application/dicom"; transfer-syntax=${EXPLICIT}, multipart/related; type="application/dicom"; transfer-syntax=*; q=0.1`, 200],
    ['1.2/series/1.2.1', 'application/dicom', 406],
    ['1.2/series/1.2.1', 'multipart/related; type="application/octet-stream"', 406],
    ['1.2/series/1.2.1', 'application/zip', 406],
  ])('studies/%s, Accept: %s: %i', async (path, accept, status) => {
    const { get } = await start();
    const answer = await get(path, accept);
    expect(answer.status).toBe(status);
    if (status === 406) expect(Problem.parse(await answer.json()).code).toBe('NOT_ACCEPTABLE');
    else readMultipart(answer.headers.get('content-type'), await bodyOf(answer));
  });

  it('an instance never changes, a study may grow: only the first is cached', async () => {
    const { get } = await start();
    const instance = await get('1.2/series/1.2.1/instances/1.2.9.0', 'application/dicom');
    expect(instance.headers.get('cache-control')).toContain('immutable');
    const etag = instance.headers.get('etag') ?? '';
    const again = await get('1.2/series/1.2.1/instances/1.2.9.0', 'application/dicom', { 'if-none-match': etag });
    expect(again.status).toBe(304);
    expect((await get('1.2')).headers.get('cache-control')).toBe('no-store');
  });

  it.each([
    ['9.9', 'STUDY_NOT_FOUND'],
    ['1.2/series/9.9', 'SERIES_NOT_FOUND'],
    ['1.2/series/1.2.1/instances/9.9', 'INSTANCE_NOT_FOUND'],
    ['1.2/series/1.2.2/instances/1.2.9.0', 'INSTANCE_NOT_FOUND'],
  ])('studies/%s is not there', async (path, code) => {
    const { get } = await start();
    for (const below of ['', '/metadata']) {
      const answer = await get(`${path}${below}`);
      expect([answer.status, Problem.parse(await answer.json()).code]).toEqual([404, code]);
    }
  });

  it('no name from the network reaches the file system', async () => {
    const { get } = await start();
    for (const path of [
      '..%2f..%2fetc',
      '1.2%00',
      '%2e%2e',
      '1.2/series/..%2f1',
      '1.2/series/1.2.1/instances/x',
      '1.2;1',
    ])
      expect((await get(path)).status, path).toBeGreaterThanOrEqual(400);
  });

  it('a stored file that is gone is a failure of ours, told before the first byte and logged', async () => {
    const { app, get } = await start([{ ...storedFile(0), file: join(folder, 'gone.dcm') }]);
    for (const accept of ['application/dicom', '*/*']) {
      const answer = await get('1.2/series/1.2.1/instances/1.2.9.0', accept);
      expect([answer.status, answer.headers.get('cache-control')]).toEqual([500, 'no-store']);
      expect(await answer.text()).not.toContain('gone');
    }
    expect(app.logged.events).toEqual(['http.bug', 'http.bug']);
  });

  it('a file that is gone in the middle of a study cuts the connection', async () => {
    const { app, get } = await start([storedFile(0), { ...storedFile(1), file: join(folder, 'gone.dcm') }]);
    const answer = await get('1.2');
    await expect(answer.arrayBuffer()).rejects.toThrow();
    expect(app.logged.events).toEqual(['http.stream-broken']);
  });
});
