import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RawPeer } from '../../support/load-client.ts';
import { descendantsOf } from '../../support/processes.ts';
import { hasProgram } from '../../support/programs.ts';
import { ctInstance } from './ct-instance.ts';

/** Some containers have strace and forbid it. */
function canTrace(): boolean {
  try {
    execFileSync('strace', ['-o', '/dev/null', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!hasProgram('strace') || !canTrace())(
  'before success is answered, seen from the kernel (strace)',
  () => {
    let folder: string;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'overread-order-'));
    });
    const started: number[] = [];
    afterAll(() => {
      // The traced process, not strace, which ends with it; only left when the test failed half-way.
      for (const { pid } of started.flatMap(descendantsOf)) process.kill(pid, 'SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    });

    it('data is synced, renamed, its folder synced, then indexed; new folders and their parents are synced first', async () => {
      const trace = join(folder, 'trace');
      const script = join(import.meta.dirname, 'one-receiver.ts');
      const calls = 'trace=fdatasync,fsync,rename,write,writev,sendto,sendmsg';
      const args = ['-f', '-y', '-s', '40', '-e', calls, '-o', trace, process.execPath, script, join(folder, 'store')];
      const child = spawn('strace', args, { stdio: ['ignore', 'pipe', 'inherit'] });
      if (child.pid !== undefined) started.push(child.pid);
      const port = await new Promise<number>((resolve) => {
        createInterface({ input: child.stdout }).on('line', (line) => {
          if (line.startsWith('port ')) resolve(Number(line.slice(5)));
        });
      });
      const peer = new RawPeer(port);
      await peer.associate();
      const statuses = [await peer.store(ctInstance(1)), await peer.store(ctInstance(2))];
      await peer.release();
      const exited = new Promise((resolve) => child.once('exit', resolve));
      // The traced process, not strace: it ends with it.
      for (const { pid } of descendantsOf(child.pid ?? 0)) process.kill(pid);
      await exited;

      expect(statuses).toEqual([0, 0]);
      // The first instance makes the folders, the second finds them.
      expect(steps(readFileSync(trace, 'utf8'))).toEqual([
        ...['sync day', 'sync store', 'sync parent', 'sync data', 'rename', 'sync folder', 'indexed', 'respond'],
        ...['sync data', 'rename', 'sync folder', 'indexed', 'respond'],
      ]);
    });
  },
);

/** The calls that matter, when they were entered (renames and syncs of other threads are all waited for). */
function steps(trace: string): string[] {
  // biome-ignore format: a table
  const known: readonly (readonly [step: string, call: RegExp])[] = [
    ['sync data',   /fdatasync\(\d+<.*\/store\/incoming\/[0-9a-f-]+>/],
    ['rename',      /rename\(".*\/store\/incoming\//],
    ['sync folder', /fsync\(\d+<.*\/store\/\d{8}\/[0-9a-f]{8}>/],
    ['sync day',    /fsync\(\d+<.*\/store\/\d{8}>/],
    ['sync store',  /fsync\(\d+<.*\/store>/],
    ['sync parent', /fsync\(\d+<.*>/],
    ['indexed',     /write\(1<.*"indexed/],
    ['respond',     /write\(\d+<(socket|TCP).*"\\4\\0\\0\\0\\0/],
  ];
  return trace.split('\n').flatMap((line) => {
    const step = known.find(([, call]) => call.test(line))?.[0];
    return step === undefined ? [] : [step];
  });
}
