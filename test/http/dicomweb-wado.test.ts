import { createHash, randomBytes } from 'node:crypto';
import { closeSync, ftruncateSync, openSync, readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Problem } from '../../services/domain/contract/system.ts';
import { AppError } from '../../services/domain/errors.ts';
import type { StoredFile } from '../../services/domain/ports.ts';
import type { HttpPorts } from '../../services/http/app.ts';
import { type AppServer, filesPort, folderWith, startApp, unusedDicomweb } from './app-server.ts';
import { readMultipart } from './multipart-reader.ts';

const EXPLICIT = '1.2.840.10008.1.2.1';
const JPEG_LS = '1.2.840.10008.1.2.4.80';

const running: AppServer[] = [];
afterEach(async () => {
  for (const app of running.splice(0)) await app.close();
});

const contents = [0, 1, 2].map(() => randomBytes(700_000));
const folder = folderWith(Object.fromEntries(contents.map((bytes, index) => [`${index}.dcm`, bytes])));
const stored: readonly StoredFile[] = contents.map((bytes, index) => ({
  file: join(folder, `${index}.dcm`),
  StudyInstanceUID: '1.2',
  SeriesInstanceUID: index < 2 ? '1.2.1' : '1.2.2',
  SOPInstanceUID: `1.2.9.${index}`,
  SOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
  TransferSyntaxUID: index < 2 ? JPEG_LS : EXPLICIT,
  NumberOfFrames: 1,
  bytes: bytes.length,
}));

async function start(files = stored, ports: Partial<HttpPorts> = {}) {
  const app = await startApp({
    dicomweb: { ...unusedDicomweb, ...filesPort(files) },
    metadataOf: async (file) => ({ '00080018': { vr: 'UI', Value: [file.SOPInstanceUID] } }),
    ...ports,
  });
  running.push(app);
  const root = `${app.url}/dicomweb/studies`;
  const get = (path: string, accept?: string, headers: Record<string, string> = {}) =>
    fetch(`${root}/${path}`, { headers: { ...headers, ...(accept !== undefined && { accept }) } });
  return { app, root, get };
}
const bodyOf = async (answer: Response) => new Uint8Array(await answer.arrayBuffer());
const openFiles = () => readdirSync('/proc/self/fd').length;

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
        const { StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID, TransferSyntaxUID } = stored[index] as StoredFile;
        return {
          'content-type': `application/dicom; transfer-syntax=${TransferSyntaxUID}`,
          'content-length': '700000',
          'content-location': `${root}/${StudyInstanceUID}/series/${SeriesInstanceUID}/instances/${SOPInstanceUID}`,
        };
      }),
    );
    expect(
      parts.map(({ body }) =>
        body.equals(contents[Number(expected[parts.findIndex((part) => part.body === body)])] as Buffer),
      ),
    ).toEqual(expected.map(() => true));
  });

  it('a single instance also comes as a file of its own', async () => {
    const { get } = await start();
    const answer = await get('1.2/series/1.2.1/instances/1.2.9.1', 'application/dicom');
    expect(answer.headers.get('content-type')).toBe(`application/dicom; transfer-syntax=${JPEG_LS}`);
    expect(answer.headers.get('content-length')).toBe('700000');
    expect(Buffer.from(await bodyOf(answer)).equals(contents[1] as Buffer)).toBe(true);
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
    const [first] = stored;
    const { app, get } = await start([{ ...(first as StoredFile), file: join(folder, 'gone.dcm') }]);
    for (const accept of ['application/dicom', '*/*']) {
      const answer = await get('1.2/series/1.2.1/instances/1.2.9.0', accept);
      expect([answer.status, answer.headers.get('cache-control')]).toEqual([500, 'no-store']);
      expect(await answer.text()).not.toContain('gone');
    }
    expect(app.logged.events).toEqual(['http.bug', 'http.bug']);
  });

  it('a file that is gone in the middle of a study cuts the connection', async () => {
    const [first, second] = stored as [StoredFile, StoredFile];
    const { app, get } = await start([first, { ...second, file: join(folder, 'gone.dcm') }]);
    const answer = await get('1.2');
    await expect(answer.arrayBuffer()).rejects.toThrow();
    expect(app.logged.events).toEqual(['http.stream-broken']);
  });
});

describe('a study larger than memory should hold', () => {
  // Three sparse files of 400 MB: they take no room on the disk.
  const MEGABYTES = 400;
  const big = (() => {
    const place = folderWith({});
    return [0, 1, 2].map((index): StoredFile => {
      const file = join(place, `${index}.dcm`);
      const descriptor = openSync(file, 'w');
      ftruncateSync(descriptor, MEGABYTES * 1024 * 1024);
      writeSync(descriptor, `file ${index}`);
      closeSync(descriptor);
      return { ...(stored[0] as StoredFile), file, SOPInstanceUID: `1.2.9.${index}`, bytes: MEGABYTES * 1024 * 1024 };
    });
  })();

  it('passes through in pieces: 1.2 GB sent, resident memory grows by less than 150 MB', async () => {
    const { get } = await start(big);
    const answer = await get('1.2');
    const before = process.memoryUsage().rss;
    const hash = createHash('sha1');
    let bytes = 0;
    let peak = 0;
    for await (const chunk of answer.body ?? []) {
      bytes += chunk.length;
      hash.update(chunk.subarray(0, 1));
      peak = Math.max(peak, process.memoryUsage().rss);
    }
    expect(bytes).toBeGreaterThan(3 * MEGABYTES * 1024 * 1024);
    expect((peak - before) / 1024 / 1024).toBeLessThan(150);
  });

  it('waits for a client that reads slowly, and lets its file go when the client leaves', async () => {
    const { app, get } = await start(big);
    const idle = openFiles();
    const leaving = new AbortController();
    const answer = await fetch(`${app.url}/dicomweb/studies/1.2`, { signal: leaving.signal });
    const reader = answer.body?.getReader();
    await reader?.read();
    const before = process.memoryUsage().rss;
    await sleep(500);
    expect((process.memoryUsage().rss - before) / 1024 / 1024).toBeLessThan(100);
    leaving.abort();
    await reader?.read().catch(() => {});
    await vi.waitFor(() => expect(openFiles()).toBeLessThanOrEqual(idle), 5000);
    expect(app.logged.events).toEqual([]);
    expect((await get('1.2', undefined, {})).status).toBe(200);
  });

  it('HEAD reads nothing and leaves nothing open', async () => {
    const { root } = await start(big);
    const idle = openFiles();
    for (let round = 0; round < 20; round += 1) {
      const head = await fetch(`${root}/1.2`, { method: 'HEAD' });
      expect(head.headers.get('content-type')).toMatch(/^multipart\/related; type="application\/dicom"/);
    }
    expect(openFiles()).toBeLessThanOrEqual(idle + 2);
  });
});

describe('retrieve metadata (PS3.18 §10.4)', () => {
  it.each([
    ['1.2', [0, 1, 2]],
    ['1.2/series/1.2.1', [0, 1]],
    ['1.2/series/1.2.2/instances/1.2.9.2', [2]],
  ])('studies/%s/metadata is one list, in the order of the store', async (path, expected) => {
    const { get } = await start();
    const answer = await get(`${path}/metadata`, 'application/dicom+json');
    expect(answer.headers.get('content-type')).toBe('application/dicom+json');
    expect(await answer.json()).toEqual(
      expected.map((index) => ({ '00080018': { vr: 'UI', Value: [`1.2.9.${index}`] } })),
    );
  });

  it('keeps the order when heads are read at different speeds, a few at a time', async () => {
    const many = Array.from({ length: 40 }, (_, index) => ({
      ...(stored[0] as StoredFile),
      SOPInstanceUID: `1.2.9.${index}`,
    }));
    const reading = { now: 0, most: 0 };
    const { get } = await start(many, {
      metadataOf: async ({ SOPInstanceUID }) => {
        reading.now += 1;
        reading.most = Math.max(reading.most, reading.now);
        await sleep(Number(SOPInstanceUID.slice(-1)) % 3);
        reading.now -= 1;
        return { SOPInstanceUID };
      },
    });
    const list = (await (await get('1.2/metadata')).json()) as { SOPInstanceUID: string }[];
    expect(list.map(({ SOPInstanceUID }) => SOPInstanceUID)).toEqual(many.map(({ SOPInstanceUID }) => SOPInstanceUID));
    expect(reading.most).toBe(4);
  });

  it('is asked again with its validator, which changes when an instance arrives', async () => {
    const files = stored.slice(0, 2);
    const read: string[] = [];
    const { get } = await start(files, {
      metadataOf: async ({ SOPInstanceUID }) => {
        read.push(SOPInstanceUID);
        return {};
      },
    });
    const first = await get('1.2/metadata');
    expect(first.headers.get('cache-control')).toBe('private, no-cache');
    const validator = { 'if-none-match': first.headers.get('etag') ?? '' };
    await first.text();
    expect((await get('1.2/metadata', undefined, validator)).status).toBe(304);
    expect(read).toHaveLength(2);
    files.push(stored[2] as StoredFile);
    expect((await get('1.2/metadata', undefined, validator)).status).toBe(200);
  });

  it('an instance that cannot be read is named by the index, and does not hide the others', async () => {
    const { app, get } = await start(stored, {
      metadataOf: async ({ SOPInstanceUID }) => {
        if (SOPInstanceUID === '1.2.9.1') throw new AppError('DATASET_UNREADABLE', 'cut short at offset 12');
        return { SOPInstanceUID };
      },
    });
    const list = await (await get('1.2/metadata')).json();
    expect(list).toEqual([
      { SOPInstanceUID: '1.2.9.0' },
      {
        '00080016': { vr: 'UI', Value: ['1.2.840.10008.5.1.4.1.1.2'] },
        '00080018': { vr: 'UI', Value: ['1.2.9.1'] },
        '0020000D': { vr: 'UI', Value: ['1.2'] },
        '0020000E': { vr: 'UI', Value: ['1.2.1'] },
      },
      { SOPInstanceUID: '1.2.9.2' },
    ]);
    expect(app.logged.events).toEqual(['wado.metadata-unreadable']);
    const alone = await get('1.2/series/1.2.1/instances/1.2.9.1/metadata');
    expect([alone.status, Problem.parse(await alone.json()).code]).toEqual([400, 'DATASET_UNREADABLE']);
  });

  it('a bug in the middle cuts the list off, and no rejection is left unheard', async () => {
    const { get } = await start(stored, {
      metadataOf: async ({ SOPInstanceUID }) => {
        await sleep(10);
        if (SOPInstanceUID !== '1.2.9.0') throw new Error('bug');
        return { SOPInstanceUID, padding: 'x'.repeat(100_000) };
      },
    });
    const answer = await get('1.2/metadata');
    await expect(answer.text()).rejects.toThrow();
  });

  it('XML is not acceptable', async () => {
    const { get } = await start();
    const answer = await get('1.2/metadata', 'multipart/related; type="application/dicom+xml"');
    expect([answer.status, answer.headers.get('etag')]).toEqual([406, null]);
  });
});
