import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { AppError } from '../../services/domain/errors.ts';
import { type ImagerPool, type ImagerPoolOptions, imagerPool } from '../../services/imaging/imager-pool.ts';
import { fakeContext } from '../support/fake-context.ts';

const ENTRY = join(import.meta.dirname, 'entries/scripted-imager.ts');
const EXPLICIT = '1.2.840.10008.1.2.1';
const pools: ImagerPool[] = [];
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
});

function startPool(options: Partial<ImagerPoolOptions> = {}): ImagerPool {
  const { log } = fakeContext();
  const pool = imagerPool({ size: 1, deadlineSeconds: 30, memoryMb: 1500, entry: ENTRY, log, ...options });
  pools.push(pool);
  return pool;
}

const never = new AbortController().signal;
const ask = (pool: ImagerPool, script: string, signal = never) => pool.frame(script, 0, EXPLICIT, signal);
const textOf = async (pool: ImagerPool) => Buffer.concat(await ask(pool, 'works')).toString();
const pidOf = async (pool: ImagerPool) => Number((await textOf(pool)).split(' ')[0]);
const lives = (pid: number) =>
  existsSync(`/proc/${pid}/stat`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));

async function failure(pool: ImagerPool, script: string): Promise<AppError> {
  const outcome = await ask(pool, script).catch((error: unknown) => error);
  if (!(outcome instanceof AppError)) throw new Error(`no failure but ${JSON.stringify(outcome)}`);
  return outcome;
}

describe('an imager', () => {
  it('stays warm, and has no environment', async () => {
    const pool = startPool();
    const first = await textOf(pool);
    expect(first).toMatch(/^\d+ 0$/);
    expect(await textOf(pool)).toBe(first);
  });

  it('hands over many megabytes as they are', async () => {
    const bytes = Buffer.concat(await ask(startPool(), 'large'));
    expect(bytes).toHaveLength(40 * 2 ** 20);
    expect(Array.from({ length: 40 }, (_, at) => bytes[at * 2 ** 20])).toEqual(
      Array.from({ length: 40 }, (_, at) => at),
    );
  });
});

// biome-ignore format: a table
describe.each<[string, string, string, object]>([
  ['is killed',                        'dies',     'IMAGER_DIED',     { detail: 'SIGKILL' }],
  ['ends',                             'exits',    'IMAGER_DIED',     { detail: 'exit code 7' }],
  ['throws where nobody catches',      'throws',   'IMAGER_DIED',     { detail: 'exit code 1' }],
  ['meets a bug and says so',          'stumbles', 'IMAGER_DIED',     { place: 'Error at x.ts:1' }],
  ['says what is no message',          'invents',  'IMAGER_DIED',     {}],
  ['answers another request',          'mistakes', 'IMAGER_DIED',     {}],
  ['answers another question',         'confuses', 'IMAGER_DIED',     {}],
  ['sends more than any frame has',    'floods',   'IMAGER_DIED',     {}],
  ['never answers',                    'silent',   'IMAGER_DEADLINE', { seconds: 2 }],
  ['blocks as a codec does',           'blocks',   'IMAGER_DEADLINE', { seconds: 2 }],
])('an imager that %s', (_what, script, code, detail) => {
  it(`is ${code}, and the next request is served by another`, async () => {
    const pool = startPool({ deadlineSeconds: 2 });
    const pid = await pidOf(pool);
    expect(await failure(pool, script)).toMatchObject({ code, detail });
    expect(lives(pid)).toBe(false);
    expect(await pidOf(pool)).not.toBe(pid);
  });
});

describe('an imager that refuses', () => {
  it('says why, and stays', async () => {
    const pool = startPool();
    const pid = await pidOf(pool);
    expect(await failure(pool, 'refuses')).toMatchObject({ code: 'NOT_ACCEPTABLE', message: 'because' });
    expect(await pidOf(pool)).toBe(pid);
  });
});

describe.skipIf(!existsSync('/proc/self/status'))('an imager that takes too much memory', () => {
  it('is killed at its limit', async () => {
    const pool = startPool({ memoryMb: 400 });
    const pid = await pidOf(pool);
    expect(await failure(pool, 'hogs')).toMatchObject({ code: 'IMAGER_DIED', detail: { reason: 'OUT_OF_MEMORY' } });
    expect(lives(pid)).toBe(false);
  });
});

describe('requests that wait', () => {
  it('are served in their turn; more than may wait are refused at once', async () => {
    const pool = startPool({ maxWaiting: 2 });
    const asked = ['slowly', 'works', 'works'].map((script) => ask(pool, script));
    expect(await failure(pool, 'works')).toMatchObject({ code: 'IMAGER_BUSY' });
    expect(await Promise.all(asked)).toHaveLength(3);
  });

  it('are taken back when the client leaves; what is in hand is let finish, for a warm imager is worth more', async () => {
    const pool = startPool();
    const pid = await pidOf(pool);
    const [first, second] = [new AbortController(), new AbortController()];
    const asked = [ask(pool, 'slowly', first.signal), ask(pool, 'works', second.signal)].map((each) =>
      each.catch((error: unknown) => error),
    );
    await sleep(100);
    for (const each of [first, second]) each.abort(new Error('left'));
    expect((await Promise.all(asked)).map((error) => (error as Error).message)).toEqual(['left', 'left']);
    expect(await pidOf(pool)).toBe(pid);
  });
});
