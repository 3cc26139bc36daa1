import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evidence, MUTANTS, SEED } from './evidence.ts';
import { seedFiles } from './seeds.ts';
import { type Bounds, newTally, watchedRun } from './watched-child.ts';

const state: { folder: string; files: readonly string[] } = { folder: '', files: [] };
beforeAll(async () => {
  state.folder = mkdtempSync(join(tmpdir(), 'overread-mutants-'));
  state.files = await seedFiles(state.folder);
});
afterAll(() => rmSync(state.folder, { recursive: true, force: true }));

/** Seconds of a processor and megabytes that a mutant may cost. */
const BOUNDS: Bounds = { seconds: 5, megabytes: 1024 };

async function run(kind: 'read' | 'decode') {
  const tally = newTally();
  const script = join(import.meta.dirname, 'entries/reader.ts');
  await watchedRun([script, kind, String(SEED), state.folder, ...state.files], 0, MUTANTS, BOUNDS, tally);
  const bugs = [...tally.outcomes.keys()].filter((outcome) => outcome.includes(' bug: '));
  evidence(kind, { mutants: MUTANTS, files: state.files.length, bounds: BOUNDS, ...tally });
  const done = [...tally.outcomes].filter(([outcome]) => outcome.startsWith(kind === 'read' ? 'meta ' : 'decode '));
  expect(done.reduce((sum, [, times]) => sum + times, 0) + tally.ended.length).toBe(MUTANTS);
  return { ...tally, bugs };
}

describe(`${MUTANTS} mutants of real, odd and synthetic files`, () => {
  it(
    'are read to attributes, metadata and frames, or refused by name, within the bounds',
    async () => {
      const { bugs, ended } = await run('read');
      expect(bugs, `seed ${SEED}`).toEqual([]);
      // Receiver and web server do this themselves: no mutant may end it, not even by a limit.
      expect(ended, `seed ${SEED}`).toEqual([]);
    },
    60_000 + MUTANTS * 60,
  );

  it(
    'are decoded to exactly their pixels, refused by name, or ended in time by a limit of the child',
    async () => {
      const { bugs, ended } = await run('decode');
      expect(bugs, `seed ${SEED}`).toEqual([]);
      // A codec may run away; its child is killed then, and nothing else notices.
      expect(
        ended.filter(({ how }) => !how.startsWith('the limit')),
        `seed ${SEED}`,
      ).toEqual([]);
      expect(ended.length).toBeLessThan(1 + MUTANTS / 500);
    },
    60_000 + MUTANTS * 60,
  );
});
