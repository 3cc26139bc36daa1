import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PreparedFolder } from '../../services/store/prepared-folder.ts';

const held = { directory: '' };
beforeEach(() => {
  held.directory = mkdtempSync(join(tmpdir(), 'overread-prepared-'));
});
afterEach(() => rmSync(held.directory, { recursive: true, force: true }));

const folder = (maxBytes: number, minFreeBytes = 0) =>
  new PreparedFolder({ directory: held.directory, maxBytes, minFreeBytes });

function put(name: string, secondsAgo: number): void {
  const path = join(held.directory, name);
  writeFileSync(path, new Uint8Array(100));
  const at = Date.now() / 1000 - secondsAgo;
  utimesSync(path, at, at);
}

describe('the folder of prepared images', () => {
  it('is empty at the start', async () => {
    put('old.slices', 1);
    await folder(1000).clear();
    expect(readdirSync(held.directory)).toEqual([]);
  });

  it('keeps for minutes what an analysis may still come for', async () => {
    put('new.slices', 10);
    put('forgotten.slices', 600);
    put('forgotten.partial', 600);
    expect(await folder(1000).sweep()).toBe(true);
    expect(readdirSync(held.directory)).toEqual(['new.slices']);
  });

  it('gives up the oldest when it is full, and takes no more', async () => {
    for (const [name, ago] of [
      ['a', 30],
      ['b', 20],
      ['c', 10],
    ] as const)
      put(name, ago);
    expect(await folder(250).sweep()).toBe(true);
    expect(readdirSync(held.directory).sort()).toEqual(['b', 'c']);
    expect(await folder(200).sweep()).toBe(false);
  });

  it('takes nothing of the space that is kept for received instances', async () => {
    expect(await folder(1000, Number.MAX_SAFE_INTEGER).sweep()).toBe(false);
  });
});
