import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { Problem } from '../../services/domain/contract/system.ts';
import { AppError } from '../../services/domain/errors.ts';
import type { AppServer } from './app-server.ts';
import { EXPLICIT, JPEG_LS, startWado, stored, storedFile } from './stored-files.ts';

const running: AppServer[] = [];
afterEach(async () => {
  for (const app of running.splice(0)) await app.close();
});
const start = async (...wado: Parameters<typeof startWado>) => {
  const started = await startWado(...wado);
  running.push(started.app);
  return started;
};

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
      expected.map((index) => ({
        '00080018': { vr: 'UI', Value: [`1.2.9.${index}`] },
        '00083002': { vr: 'UI', Value: [index < 2 ? JPEG_LS : EXPLICIT] },
      })),
    );
  });

  it('keeps the order when heads are read at different speeds, a few at a time', async () => {
    const many = Array.from({ length: 40 }, (_, index) => ({
      ...storedFile(0),
      SOPInstanceUID: `1.2.9.${index}`,
    }));
    const reading = { now: 0, most: 0 };
    const { get } = await start(many, {
      metadataOf: async ({ SOPInstanceUID }) => {
        reading.now += 1;
        reading.most = Math.max(reading.most, reading.now);
        await sleep(Number(SOPInstanceUID.slice(-1)) % 3);
        reading.now -= 1;
        return JSON.stringify({ SOPInstanceUID });
      },
    });
    const list = (await (await get('1.2/metadata')).json()) as { SOPInstanceUID: string }[];
    expect(list.map(({ SOPInstanceUID }) => SOPInstanceUID)).toEqual(many.map(({ SOPInstanceUID }) => SOPInstanceUID));
    expect(reading.most).toBe(8);
  });

  it('is asked again with its validator, which changes when an instance arrives', async () => {
    const files = stored.slice(0, 2);
    const read: string[] = [];
    const { get } = await start(files, {
      metadataOf: async ({ SOPInstanceUID }) => {
        read.push(SOPInstanceUID);
        return '{}';
      },
    });
    const first = await get('1.2/metadata');
    expect(first.headers.get('cache-control')).toBe('private, no-cache');
    const validator = { 'if-none-match': first.headers.get('etag') ?? '' };
    await first.text();
    expect((await get('1.2/metadata', undefined, validator)).status).toBe(304);
    expect(read).toHaveLength(2);
    files.push(storedFile(2));
    expect((await get('1.2/metadata', undefined, validator)).status).toBe(200);
  });

  it('an instance that cannot be read is named by the index, and does not hide the others', async () => {
    const { app, get } = await start(stored, {
      metadataOf: async ({ SOPInstanceUID }) => {
        if (SOPInstanceUID === '1.2.9.1') throw new AppError('INSTANCE_UNREADABLE', 'cut short at offset 12');
        return JSON.stringify({ SOPInstanceUID });
      },
    });
    const list = await (await get('1.2/metadata')).json();
    expect(list).toEqual([
      expect.objectContaining({ SOPInstanceUID: '1.2.9.0' }),
      {
        '00080016': { vr: 'UI', Value: ['1.2.840.10008.5.1.4.1.1.2'] },
        '00080018': { vr: 'UI', Value: ['1.2.9.1'] },
        '00083002': { vr: 'UI', Value: [JPEG_LS] },
        '0020000D': { vr: 'UI', Value: ['1.2'] },
        '0020000E': { vr: 'UI', Value: ['1.2.1'] },
      },
      expect.objectContaining({ SOPInstanceUID: '1.2.9.2' }),
    ]);
    expect(app.logged.events).toEqual(['wado.metadata-unreadable']);
    const alone = await get('1.2/series/1.2.1/instances/1.2.9.1/metadata');
    expect([alone.status, Problem.parse(await alone.json()).code]).toEqual([500, 'INSTANCE_UNREADABLE']);
  });

  it('a bug in the middle cuts the list off, and no rejection is left unheard', async () => {
    const { get } = await start(stored, {
      metadataOf: async ({ SOPInstanceUID }) => {
        await sleep(10);
        if (SOPInstanceUID !== '1.2.9.0') throw new Error('bug');
        return JSON.stringify({ SOPInstanceUID, padding: 'x'.repeat(100_000) });
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
