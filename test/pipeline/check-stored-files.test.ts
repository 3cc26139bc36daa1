import { expect, it } from 'vitest';
import { storedFileCheck } from '../../services/pipeline/check-stored-files.ts';
import { fakeContext } from '../support/fake-context.ts';

const PAGE = 200;

/** An index of so many instances, whose files are 10 bytes longer than their data sets. */
function checked(count: number) {
  const context = fakeContext();
  const rows = Array.from({ length: count }, (_, at) => `1.2.${100_000 + at}`);
  const lengths = new Map(rows.map((uid) => [uid, 110]));
  const asked: string[] = [];
  const check = storedFileCheck(context, {
    placesAfter: async (after, limit) =>
      rows
        .filter((uid) => uid > after)
        .slice(0, limit)
        .map((uid) => ({ SOPInstanceUID: uid, path: uid, bytes: 100 })),
    lengthOf: async (path) => {
      asked.push(path);
      return lengths.get(path);
    },
  });
  const steps = async (times: number) => {
    for (let step = 0; step < times; step += 1) await check.step();
  };
  return { context, rows, lengths, asked, check, steps };
}

it('says nothing of files that are there', async () => {
  const { check, steps, context, asked, rows } = checked(450);
  await steps(3);
  expect([check.missing, context.events]).toEqual([0, []]);
  expect(asked).toEqual(rows);
});

it('asks for a page of files at a time, and begins again behind the last', async () => {
  const { steps, asked, rows } = checked(2 * PAGE);
  await steps(1);
  expect(asked).toEqual(rows.slice(0, PAGE));
  await steps(2);
  expect(asked).toEqual(rows);
  await steps(1);
  expect(asked.slice(2 * PAGE)).toEqual(rows.slice(0, PAGE));
});

it('tells once of a file that is gone or cut, and no more when it is back', async () => {
  const { check, steps, context, lengths } = checked(5);
  lengths.delete('1.2.100003');
  lengths.set('1.2.100001', 100);
  await steps(3);
  expect(check.missing).toBe(2);
  expect(context.events).toEqual(['stored-files.missing']);
  lengths.set('1.2.100003', 110);
  await steps(1);
  expect(check.missing).toBe(1);
});

it('forgets an instance whose row is gone', async () => {
  const { check, steps, lengths, rows } = checked(5);
  lengths.delete('1.2.100003');
  await steps(1);
  expect(check.missing).toBe(1);
  rows.splice(3, 1);
  await steps(2);
  expect(check.missing).toBe(0);
});

it('keeps little of a folder that is gone whole', async () => {
  const { check, steps, context, lengths } = checked(60 * PAGE);
  lengths.clear();
  await steps(61);
  expect(check.missing).toBe(10_000);
  expect(context.events).toHaveLength(10_000 / PAGE);
});
