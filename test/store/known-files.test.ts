import { describe, expect, it } from 'vitest';
import type { StoredFile } from '../../services/domain/ports.ts';
import { KnownFiles } from '../../services/store/known-files.ts';

const SERIES = { StudyInstanceUID: '1', SeriesInstanceUID: '1.1' };

function store(count: number) {
  const file = (number: number, isForEver = true) => ({
    file: { ...SERIES, SOPInstanceUID: `1.1.${number}`, file: `/${number}` } as StoredFile,
    isForEver,
  });
  const held = Array.from({ length: count }, (_, number) => file(number));
  const asked: (string | undefined)[] = [];
  const state = { fails: false };
  const known = new KnownFiles(async ({ SeriesInstanceUID, SOPInstanceUID }) => {
    asked.push(SOPInstanceUID);
    if (state.fails) throw new Error('the database does not answer');
    return held.filter(
      ({ file: each }) =>
        each.SeriesInstanceUID === SeriesInstanceUID &&
        (SOPInstanceUID === undefined || each.SOPInstanceUID === SOPInstanceUID),
    );
  });
  const find = async (number: number, series = SERIES) =>
    (await known.instance({ ...series, SOPInstanceUID: `1.1.${number}` })).map((each) => each.file);
  return { held, asked, state, find, file };
}

describe('where instances lie', () => {
  it('is asked once for a series, also by many at once', async () => {
    const { find, asked } = store(5);
    expect(await Promise.all([find(0), find(1), find(4)])).toEqual([['/0'], ['/1'], ['/4']]);
    expect(await find(3)).toEqual(['/3']);
    expect(asked).toEqual([undefined]);
  });

  it('of one that came later is asked when it is wanted', async () => {
    const { find, held, file } = store(2);
    expect(await find(7)).toEqual([]);
    held.push(file(7));
    expect(await find(7)).toEqual(['/7']);
  });

  it('of a series that was not there is asked again', async () => {
    const { find, held, file } = store(0);
    expect(await find(0)).toEqual([]);
    held.push(file(0), file(1));
    expect([await find(0), await find(1)]).toEqual([['/0'], ['/1']]);
  });

  it('of a report that may be replaced is never remembered', async () => {
    const { find, held, file } = store(1);
    held.push(file(8, false));
    expect(await find(8)).toEqual(['/8']);
    held.pop();
    expect(await find(8)).toEqual([]);
  });

  it('is asked again after a failure', async () => {
    const { find, state } = store(1);
    state.fails = true;
    await expect(find(0)).rejects.toThrow('does not answer');
    state.fails = false;
    expect(await find(0)).toEqual(['/0']);
  });

  it('is under its own series and study only', async () => {
    const { find } = store(1);
    expect(await find(0)).toEqual(['/0']);
    expect(await find(0, { StudyInstanceUID: '1', SeriesInstanceUID: '1.2' })).toEqual([]);
  });
});
