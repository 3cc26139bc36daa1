import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { diskThreads } from '../../services/store/disk-threads.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'overread-disk-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const block = (text: string) => Uint8Array.from(Buffer.from(text)).buffer;
const write = (text: string, more: { create?: string; rename?: string; bytes?: number } = {}) => ({
  ...{ kind: 'write' as const, block: block(text), bytes: text.length, hashedFrom: 0 },
  ...more,
});

it('orders of a file are carried out in turn, though nobody waits in between', async () => {
  const file = diskThreads.open();
  const [create, rename] = [join(folder, 'one'), join(folder, 'whole')];
  const orders = [write('one ', { create }), write('two '), write('three', { rename })];
  const replies = await Promise.all(orders.map((order) => file.tell(order)));
  file.over();
  expect(readFileSync(rename, 'utf8')).toBe('one two three');
  expect(replies.at(-1)?.sha256).toBe(createHash('sha256').update('one two three').digest('hex'));
  expect(readdirSync(folder)).toEqual(['whole']);
});

it('after an order that failed a file never gets its name, though the next orders were given already', async () => {
  const file = diskThreads.open();
  const [create, rename] = [join(folder, 'one'), join(folder, 'whole')];
  const orders = [write('one', { create }), write('two', { bytes: 4000 }), write('three', { rename })];
  const replies = await Promise.allSettled(orders.map((order) => file.tell(order)));
  expect(replies.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
  expect(existsSync(rename)).toBe(false);
  await file.tell({ kind: 'remove' });
  file.over();
  expect(readdirSync(folder)).toEqual([]);
});

it('what fails unanswered is told by the next answer, as it was', async () => {
  const file = diskThreads.open();
  const [create, rename] = [join(folder, 'no such folder', 'one'), join(folder, 'whole')];
  await file.tell({ ...write('one', { create }), unanswered: true });
  await expect(file.tell(write('two', { rename }))).rejects.toMatchObject({ code: 'ENOENT' });
  await file.tell({ kind: 'remove' });
  file.over();
  expect(readdirSync(folder)).toEqual([]);
});
