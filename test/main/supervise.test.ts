import { fork } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { supervise } from '../../services/main/supervise.ts';
import { fakeContext } from '../support/fake-context.ts';
import { processesWith } from '../support/processes.ts';

const folder = mkdtempSync(join(tmpdir(), 'overread-supervise-'));
const script = (name: string, source: string): string => {
  const file = join(folder, `${name}.ts`);
  writeFileSync(file, source);
  return file;
};
const steady = script(
  'steady',
  `process.on('disconnect', () => process.exit(2));
   process.on('SIGTERM', () => process.exit(0));
   process.send?.({ type: 'ready', port: 4711 });
   process.send?.({ type: 'metrics', snapshot: [1] });
   setInterval(() => {}, 1000);`,
);
const role = (name: string, entry: string) => ({ name, entry, env: process.env });

it('starts a role again when it is killed, and stops it for good', async () => {
  const { log, events } = fakeContext();
  const metrics: unknown[] = [];
  const supervised = supervise({ ...role('steady', steady), onMetrics: (snapshot) => metrics.push(snapshot) }, log);
  expect(await supervised.ready).toBe(4711);
  const first = supervised.pid();
  process.kill(first ?? 0, 'SIGKILL');
  while (supervised.pid() === first || supervised.pid() === undefined) await sleep(20);
  expect(events).toEqual(['role.died']);
  // Until the second one has said so: the first may be killed between its two messages, the second before both.
  while (metrics.length === 0) await sleep(20);
  await supervised.stop(5);
  expect(supervised.pid()).toBeUndefined();
  expect(metrics[0]).toEqual([1]);
  await sleep(800);
  expect(processesWith(steady)).toEqual([]);
});

it('gives up a role that never serves, and says where the reason is', async () => {
  const supervised = supervise(role('broken', script('broken', 'process.exit(1)')), fakeContext().log);
  await expect(supervised.ready).rejects.toMatchObject({ code: 'CONFIG_INVALID', message: /broken does not start/ });
  await supervised.stop(5);
}, 30_000);

it('leaves no role behind when the supervisor itself is killed', async () => {
  const parent = script(
    'parent',
    `import { supervise } from ${JSON.stringify(join(import.meta.dirname, '../../services/main/supervise.ts'))};
     const log = { info() {}, warn() {}, error() {}, child: () => log };
     await supervise({ name: 'steady', entry: ${JSON.stringify(steady)}, env: process.env }, log).ready;
     process.send?.('started');`,
  );
  const child = fork(parent, [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  await new Promise((started) => child.once('message', started));
  expect(processesWith(steady)).not.toEqual([]);
  child.kill('SIGKILL');
  for (const until = Date.now() + 5000; Date.now() < until && processesWith(steady).length > 0; await sleep(50));
  expect(processesWith(steady)).toEqual([]);
}, 30_000);
