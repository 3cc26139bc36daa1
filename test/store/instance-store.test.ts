import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../services/domain/errors.ts';
import { InstanceFile } from '../../services/store/instance-file.ts';
import { type InstanceStore, instanceStore } from '../../services/store/instance-store.ts';

let directory: string;
let store: InstanceStore;
beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), 'overread-store-')), 'instances');
  store = instanceStore({ directory, minFreeBytes: 0, maxInstanceBytes: 50_000_000 });
});
afterEach(() => rmSync(join(directory, '..'), { recursive: true, force: true }));

const HEADER = Buffer.from('a header of ours');
const files = () =>
  (existsSync(directory) ? readdirSync(directory, { recursive: true, encoding: 'utf8' }) : []).filter((name) =>
    statSync(join(directory, name)).isFile(),
  );
const openFiles = () =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(directory);
    } catch {
      return false;
    }
  });

async function stored(...parts: Uint8Array[]) {
  const file = store.create(HEADER);
  for (const part of parts) await file.write(part);
  return file.commit();
}

describe('a committed instance', () => {
  it('is the header and the data set, under a name of ours two folders deep, with the hash of the data set alone', async () => {
    const dataset = Buffer.from('the data set');
    const { path, sha256, bytes } = await stored(dataset.subarray(0, 5), dataset.subarray(5));
    expect(path).toMatch(/^\d{8}\/[0-9a-f]{8}\/[0-9a-f-]{36}\.dcm$/);
    expect(readFileSync(store.absolute(path))).toEqual(Buffer.concat([HEADER, dataset]));
    expect(sha256).toBe(createHash('sha256').update(dataset).digest('hex'));
    expect(bytes).toBe(dataset.length);
    expect(files()).toEqual([path]);
    expect(openFiles()).toEqual([]);
  });

  it('is the same however its bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 3000 }),
        fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1 }),
        async (bytes, sizes) => {
          const parts: Uint8Array[] = [];
          for (let at = 0, i = 0; at < bytes.length; i++) {
            const size = sizes[i % sizes.length] ?? 1;
            parts.push(bytes.subarray(at, at + size));
            at += size;
          }
          const { path, sha256 } = await stored(...parts);
          expect(readFileSync(store.absolute(path)).subarray(HEADER.length).equals(bytes)).toBe(true);
          expect(sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
        },
      ),
      { numRuns: 30 },
    );
  });

  it('of 20 MB in pieces makes its writer wait, so that little of it is in memory', async () => {
    const file = store.create(HEADER);
    const piece = Buffer.alloc(64 * 1024, 7);
    let waits = 0;
    for (let n = 0; n < 320; n++) {
      const wait = file.write(piece);
      if (wait !== undefined) waits++;
      await wait;
    }
    expect(waits).toBeGreaterThan(3);
    expect((await file.commit()).bytes).toBe(320 * piece.length);
  });

  it('in tiny fragments too', async () => {
    const file = store.create(HEADER);
    for (let n = 0; n < 5000; n++) await file.write(Uint8Array.of(n & 0xff));
    expect((await file.commit()).bytes).toBe(5000);
  });

  it('its head can be read back before it is committed', async () => {
    const file = store.create(HEADER);
    await file.write(Buffer.from('0123456789'));
    expect(Buffer.from(await file.head(4)).toString()).toBe('0123');
    expect(Buffer.from(await file.head(400)).toString()).toBe('0123456789');
    await file.write(Buffer.from('abc'));
    const { path } = await file.commit();
    expect(readFileSync(store.absolute(path)).subarray(HEADER.length).toString()).toBe('0123456789abc');
  });

  it('one that comes alone is written while it comes; several gather, and are written in large pieces', async () => {
    const [alone, second] = [store.create(HEADER), store.create(HEADER)];
    await alone.write(Buffer.alloc(200_000));
    await expect.poll(() => files().length).toBe(1);
    await second.write(Buffer.alloc(200_000));
    await second.head(70_000);
    expect(files()).toHaveLength(2);
    await Promise.all([alone.abort(), second.abort()]);
    expect(files()).toEqual([]);
  });

  it('a thousand fill a folder, the next begins another', async () => {
    const paths = await Promise.all(
      Array.from({ length: 1001 }, async (_, n) => (await stored(Buffer.from(String(n)))).path),
    );
    const folders = new Set(paths.map((path) => path.slice(0, 17)));
    expect(folders.size).toBe(2);
    expect(new Set(paths).size).toBe(1001);
  });
});

describe('what is given up leaves nothing', () => {
  it.each([
    ['before its first byte', 0, 0],
    ['after a few bytes', 1, 100],
    ['while a write is under way', 20, 64 * 1024],
  ])('%s', async (_name, count, size) => {
    const file = store.create(HEADER);
    for (let n = 0; n < count; n++) void file.write(Buffer.alloc(size));
    await file.abort();
    await file.abort();
    expect(files()).toEqual([]);
    expect(openFiles()).toEqual([]);
  });

  it('longer than an instance may be: DATASET_TOO_LARGE at one byte more', async () => {
    const small = instanceStore({ directory, minFreeBytes: 0, maxInstanceBytes: 10 });
    const file = small.create(HEADER);
    await file.write(Buffer.alloc(10));
    expect(() => file.write(Buffer.alloc(1))).toThrow(expect.objectContaining({ code: 'DATASET_TOO_LARGE' }));
    await file.abort();
    expect(files()).toEqual([]);
  });

  it('below the free-space mark: STORE_FULL', async () => {
    const full = instanceStore({ directory, minFreeBytes: Number.MAX_SAFE_INTEGER, maxInstanceBytes: 10 });
    const file = full.create(HEADER);
    await file.write(Buffer.alloc(5));
    await expect(file.commit()).rejects.toMatchObject({ code: 'STORE_FULL' });
    await file.abort();
    expect(files()).toEqual([]);
    expect(openFiles()).toEqual([]);
  });

  it('a write that failed behind its back: the commit fails too, though the disk has room again', async () => {
    await store.sweep();
    let checks = 0;
    const file = new InstanceFile(
      {
        temporary: join(directory, 'incoming', 'one'),
        maxBytes: 10_000_000,
        ready: async () => {
          checks += 1;
          if (checks === 1) throw new AppError('STORE_FULL', 'free space is below the mark');
        },
        claim: () => Promise.reject(new Error('must not come this far')),
      },
      HEADER,
    );
    void file.write(Buffer.alloc(1_100_000))?.catch(() => {});
    await expect.poll(() => checks).toBeGreaterThan(0);
    await expect(file.commit()).rejects.toMatchObject({ code: 'STORE_FULL' });
    await file.abort();
    expect(files()).toEqual([]);
  });

  it('in a store that cannot be made: STORE_UNAVAILABLE, and again once it can', async () => {
    writeFileSync(directory, 'a file where the folder should be');
    const file = store.create(HEADER);
    await file.write(Buffer.alloc(5));
    const failure = await file.commit().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(AppError);
    expect(failure).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await file.abort();
    rmSync(directory);
    await stored(Buffer.from('now'));
    expect(files()).toHaveLength(1);
  });
});

describe('at start', () => {
  it('temporary files of a killed process are removed, instances are not', async () => {
    const { path } = await stored(Buffer.from('kept'));
    mkdirSync(join(directory, 'incoming'), { recursive: true });
    writeFileSync(join(directory, 'incoming', 'left-over'), 'half');
    expect(await store.sweep()).toBe(1);
    expect(files()).toEqual([path]);
  });

  it('in a new place, it makes its folder', async () => {
    expect(await store.sweep()).toBe(0);
    expect(readdirSync(directory)).toEqual(['incoming']);
  });
});

it('removes an instance that is not wanted after all, once and twice', async () => {
  const { path } = await stored(Buffer.from('twice'));
  await store.remove(path);
  await store.remove(path);
  expect(files()).toEqual([]);
});
