import { expect, it } from 'vitest';
import { leftoverSweep, type SweepPorts } from '../../services/pipeline/sweep-leftovers.ts';
import { fakeContext } from '../support/fake-context.ts';

const GRACE = 1000;
const LONG_AGO = 0;

/** A store of two folders; what is named, unsettled or changed is set by the test. */
function store(given: Partial<SweepPorts> = {}) {
  const files = new Map([
    ['day/a', ['day/a/1', 'day/a/2', 'day/a/3']],
    ['day/b', ['day/b/1']],
  ]);
  const named = new Set(['day/a/1', 'day/b/1']);
  const unsettled = new Set<string>();
  const clock = { now: 0 };
  const listed: string[] = [];
  const removed: string[] = [];
  const changed = new Map([...files.keys()].map((folder) => [folder, LONG_AGO]));
  const context = fakeContext();
  const sweep = leftoverSweep(context, {
    committedFolders: async () =>
      [...files.keys()].map((folder) => ({ folder, changedAtMs: changed.get(folder) ?? 0 })),
    committedFiles: async (folder) => {
      listed.push(folder);
      return files.get(folder) ?? [];
    },
    isUnsettled: (path) => unsettled.has(path),
    unnamedFiles: async (paths) => paths.filter((path) => !named.has(path)),
    removeFile: async (path) => {
      removed.push(path);
      for (const [folder, paths] of files)
        files.set(
          folder,
          paths.filter((each) => each !== path),
        );
    },
    graceMs: GRACE,
    nowMs: () => clock.now,
    ...given,
  });
  const at = async (now: number) => {
    clock.now = now;
    await sweep();
  };
  return { files, named, unsettled, removed, listed, changed, context, at };
}

it('a file that no row names is told of, and removed when the grace has passed', async () => {
  const { at, removed, context } = store();
  await at(0);
  await at(GRACE - 1);
  expect(removed).toEqual([]);
  expect(context.events).toEqual(['leftovers.found']);
  await at(GRACE);
  expect(removed).toEqual(['day/a/2', 'day/a/3']);
  expect(context.events).toEqual(['leftovers.found', 'leftovers.removed']);
  await at(2 * GRACE);
  expect(removed).toHaveLength(2);
});

it('a file that got its row meanwhile stays, and so does one that loses and regains its turn', async () => {
  const { at, removed, named } = store();
  await at(0);
  named.add('day/a/2');
  await at(GRACE);
  expect(removed).toEqual(['day/a/3']);
  named.delete('day/a/2');
  await at(GRACE + 1);
  expect(removed).toEqual(['day/a/3']);
});

it('a file whose row is being written stays for however long that takes', async () => {
  const { at, removed, unsettled } = store();
  unsettled.add('day/a/2').add('day/a/3');
  for (let now = 0; now < 10 * GRACE; now += GRACE) await at(now);
  expect(removed).toEqual([]);
  unsettled.clear();
  await at(10 * GRACE);
  expect(removed).toEqual([]);
  await at(11 * GRACE);
  expect(removed).toEqual(['day/a/2', 'day/a/3']);
});

it('a folder in which every file has its row is looked into again only when it has changed', async () => {
  const { at, listed, changed, files } = store();
  await at(0);
  await at(1);
  expect(listed).toEqual(['day/a', 'day/b', 'day/a']);
  files.set('day/b', ['day/b/1', 'day/b/2']);
  changed.set('day/b', 1);
  await at(2);
  expect(listed.slice(3)).toEqual(['day/a', 'day/b']);
});

it('one that changed a moment ago is not taken for clean: the file system is slow to tell', async () => {
  const { at, listed, changed } = store();
  changed.set('day/b', Date.now());
  await at(0);
  await at(1);
  expect(listed.filter((folder) => folder === 'day/b')).toHaveLength(2);
});

it('a database that does not answer removes nothing', async () => {
  const { at, removed } = store({ unnamedFiles: () => Promise.reject(new Error('away')) });
  await expect(at(0)).rejects.toThrow('away');
  await expect(at(GRACE)).rejects.toThrow('away');
  expect(removed).toEqual([]);
});
