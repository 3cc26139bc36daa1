import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RawPeer } from '../../support/load-client.ts';
import { ctInstance } from './ct-instance.ts';
import { startReceiver } from './receiver.ts';

/** A file system of 8 MB of our own; only root may mount one. */
function mountSmallDisk(): string | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'overread-small-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'overread-test', folder], { stdio: 'ignore' });
    return folder;
  } catch {
    rmdirSync(folder);
    return undefined;
  }
}

const disk = mountSmallDisk();
afterAll(() => {
  if (disk === undefined) return;
  execFileSync('umount', [disk]);
  rmdirSync(disk);
});

describe.skipIf(disk === undefined)('a full disk (a tmpfs of 8 MB; needs root)', () => {
  let directory: string;
  beforeAll(() => {
    directory = disk ?? '';
  });

  it('is answered with A700; what was stored stays, nothing else is left, and room lets the next one in', async () => {
    const scp = await startReceiver({ directory });
    const peer = new RawPeer(scp.port);
    await peer.associate();
    const statuses: (number | undefined)[] = [];
    for (let n = 0; n < 12; n++) statuses.push(await peer.store(ctInstance(n, { pixelBytes: 1_000_000 })));
    const stored = statuses.filter((status) => status === 0).length;
    expect(stored).toBeGreaterThan(5);
    expect(statuses.slice(stored)).toEqual(new Array(12 - stored).fill(0xa700));
    expect(scp.files()).toHaveLength(stored);
    expect(scp.incoming()).toEqual([]);
    expect(scp.recorded).toHaveLength(stored);
    // Smaller ones still fit; the association was never lost.
    expect(await peer.store(ctInstance(99, { pixelBytes: 20_000 }))).toBe(0);
    peer.destroy();
    await scp.close();
    for (const name of readdirSync(directory)) execFileSync('rm', ['-rf', join(directory, name)]);
  });

  it('is foreseen: below the free-space mark nothing is written', async () => {
    const scp = await startReceiver({ directory, minFreeBytes: 7_500_000 });
    const peer = new RawPeer(scp.port);
    await peer.associate();
    expect(await peer.store(ctInstance(1, { pixelBytes: 20_000 }))).toBe(0);
    expect(await peer.store(ctInstance(2, { pixelBytes: 2_000_000 }))).toBe(0xa700);
    expect(scp.files()).toHaveLength(1);
    expect(scp.incoming()).toEqual([]);
    peer.destroy();
    await scp.close();
  });
});
