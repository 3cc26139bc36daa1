import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { type AnalyzerPool, type AnalyzerPoolOptions, analyzerPool } from '../../services/detection/analyzer-pool.ts';
import { AppError } from '../../services/domain/errors.ts';
import type { AnalysisRequest } from '../../services/domain/run.ts';
import { fakeContext } from '../support/fake-context.ts';
import { hasProgram } from '../support/programs.ts';

const ENTRY = join(import.meta.dirname, 'entries/scripted.ts');
const pools: AnalyzerPool[] = [];
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
});

function startPool(options: Partial<AnalyzerPoolOptions> = {}): AnalyzerPool {
  const { log } = fakeContext();
  const pool = analyzerPool({
    size: 1,
    deadlineSeconds: 30,
    memoryMb: 1500,
    threads: 1,
    entry: ENTRY,
    log,
    ...options,
  });
  pools.push(pool);
  return pool;
}

const request = (id: string): AnalysisRequest => ({
  id,
  modelDirectory: '/nowhere',
  modelHash: '0'.repeat(64),
  inputs: [],
});
const never = new AbortController().signal;
const pidOf = async (pool: AnalyzerPool) => (await pool.analyze(request('works'), never)).stageSeconds.pid ?? 0;
const lives = (pid: number) =>
  existsSync(`/proc/${pid}/stat`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));

async function failure(pool: AnalyzerPool, id: string, signal = never): Promise<AppError> {
  const outcome = await pool.analyze(request(id), signal).catch((error: unknown) => error);
  if (!(outcome instanceof AppError)) throw new Error(`no failure but ${JSON.stringify(outcome)}`);
  return outcome;
}

async function gone(pid: number, withinMs: number): Promise<boolean> {
  const until = Date.now() + withinMs;
  while (lives(pid) && Date.now() < until) await sleep(20);
  return !lives(pid);
}

describe('an analyzer', () => {
  it('stays warm from one request to the next, and has no environment', async () => {
    const pool = startPool();
    const pid = await pidOf(pool);
    const { stageSeconds } = await pool.analyze(request('tells'), never);
    expect(stageSeconds).toEqual({ environment: 0, pid });
  });

  it('has the card of its slot, by turns; what is beyond the slots has none, and a new child takes the free slot', async () => {
    const pool = startPool({ size: 3, gpuSlots: 2, gpuDevices: [4, 7], gpuMemoryMb: 8000 });
    const ids = ['slowly a', 'slowly b', 'slowly c'].map((id) => pool.analyze(request(id), never));
    await Promise.all(ids);
    const cards = async () => {
      const answers = await Promise.all(['a', 'b', 'c'].map((id) => pool.analyze(request(`parameters ${id}`), never)));
      return answers.map(({ stageSeconds: { p0, p1, p2 } }) => [p0, p1, p2].join(' ')).toSorted();
    };
    expect(await cards()).toEqual(['1 4 8000', '1 7 8000', '1 99 8000']);
    await failure(pool, 'dies');
    expect(await cards()).toEqual(['1 4 8000', '1 7 8000', '1 99 8000']);
  });

  it('tells its progress', async () => {
    const heard: string[] = [];
    await startPool().analyze(request('slowly'), never, (stage, done, total) =>
      heard.push(`${stage} ${done}/${total}`),
    );
    expect(heard.length).toBeGreaterThan(5);
    expect(heard[0]).toBe('decode 1/9');
  });

  it('serves requests one after the other; two serve two at once', async () => {
    const one = startPool();
    await pidOf(one);
    const order: string[] = [];
    await Promise.all(['slowly a', 'works b'].map((id) => one.analyze(request(id), never).then(() => order.push(id))));
    expect(order).toEqual(['slowly a', 'works b']);
    const two = startPool({ size: 2 });
    const answers = await Promise.all(['slowly a', 'slowly b'].map((id) => two.analyze(request(id), never)));
    expect(new Set(answers.map(({ stageSeconds }) => stageSeconds.pid)).size).toBe(2);
  });
});

// biome-ignore format: a table
describe.each<[string, string, string, object]>([
  ['is killed', 'dies', 'ANALYZER_DIED', { reason: 'INTERNAL', detail: 'SIGKILL' }],
  ['ends', 'exits', 'ANALYZER_DIED', { reason: 'INTERNAL', detail: 'exit code 7' }],
  ['has a bug', 'throws', 'ANALYZER_DIED', { reason: 'INTERNAL', detail: 'exit code 1' }],
  ['meets a bug and says so', 'stumbles', 'ANALYZER_DIED', { reason: 'INTERNAL', detail: 'x' }],
  ['says no JSON', 'babbles', 'ANALYZER_INVALID', { reason: 'INVALID_MODEL_OUTPUT' }],
  ['says what is no message', 'invents', 'ANALYZER_INVALID', { reason: 'INVALID_MODEL_OUTPUT' }],
  ['answers another request', 'mistakes', 'ANALYZER_INVALID', { reason: 'INVALID_MODEL_OUTPUT', detail: 'the id of another request' }],
  ['never ends its sentence', 'floods', 'ANALYZER_INVALID', { reason: 'INVALID_MODEL_OUTPUT', detail: 'a message that does not end' }],
  ['speaks of another study', 'foreign', 'ANALYZER_INVALID', { reason: 'INVALID_MODEL_OUTPUT', detail: 'a series that was not sent' }],
  ['finds a file changed', 'refuses', 'ANALYZER_INVALID', { reason: 'INTEGRITY', slice: '1.2.3' }],
])('an analyzer that %s', (_what, id, code, detail) => {
  it(`is ${code}, and the next request is served`, async () => {
    const pool = startPool();
    const error = await failure(pool, id);
    expect(error).toMatchObject({ code, detail });
    expect(error.message.length).toBeLessThan(200);
    expect(lives(await pidOf(pool))).toBe(true);
  });
});

describe('an analyzer that hangs', () => {
  it.each(['silent', 'blocks'])('is killed at its deadline: %s', async (id) => {
    const pool = startPool({ deadlineSeconds: 3 });
    const pid = await pidOf(pool);
    expect(await failure(pool, id)).toMatchObject({
      code: 'ANALYZER_DEADLINE',
      detail: { reason: 'DEADLINE', seconds: 3 },
    });
    expect(lives(pid)).toBe(false);
    expect(await pidOf(pool)).not.toBe(pid);
  });

  it('is killed after silence, long before its deadline; one that tells its progress is not', async () => {
    const pool = startPool({ silenceSeconds: 0.6 });
    await pidOf(startPool()); // the next start finds its files in memory
    expect(await startPool({ silenceSeconds: 5 }).analyze(request('slowly'), never)).toMatchObject({
      outcome: 'NOT_ANALYSABLE',
    });
    expect(await failure(pool, 'silent')).toMatchObject({
      code: 'ANALYZER_DEADLINE',
      detail: { reason: 'DEADLINE', seconds: 0.6 },
    });
  });
});

describe.skipIf(!existsSync('/proc/self/status'))('an analyzer that takes too much memory', () => {
  it('is killed at its limit, not at that of the machine', async () => {
    const pool = startPool({ memoryMb: 400 });
    const pid = await pidOf(pool);
    expect(await failure(pool, 'hogs')).toMatchObject({
      code: 'ANALYZER_DIED',
      detail: { reason: 'OUT_OF_MEMORY', limit: 400 },
    });
    expect(lives(pid)).toBe(false);
  });
});

describe('stopping', () => {
  it('kills an analysis whose signal is aborted, and serves the next', async () => {
    const pool = startPool();
    const pid = await pidOf(pool);
    const stop = new AbortController();
    const running = pool.analyze(request('blocks'), stop.signal).catch((error: unknown) => error);
    await sleep(200);
    stop.abort(new Error('asked to'));
    expect(await running).toMatchObject({ message: 'asked to' });
    expect(await gone(pid, 1000)).toBe(true);
    expect(await pidOf(pool)).not.toBe(pid);
  });

  it('takes a waiting request out of the queue, and one that was aborted before never starts', async () => {
    const pool = startPool();
    const stop = new AbortController();
    const first = pool.analyze(request('slowly'), never);
    const second = pool.analyze(request('works'), stop.signal).catch((error: unknown) => error);
    stop.abort(new Error('asked to'));
    expect(await second).toMatchObject({ message: 'asked to' });
    expect(await pool.analyze(request('works'), stop.signal).catch((error: unknown) => error)).toMatchObject({
      message: 'asked to',
    });
    expect(await first).toMatchObject({ outcome: 'NOT_ANALYSABLE' });
  });

  it('leaves no listener on the signal of the process', async () => {
    const pool = startPool();
    const stop = new AbortController();
    let listeners = 0;
    const { signal } = stop;
    const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners += 1;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...args);
    };
    await Promise.all(['works', 'works', 'slowly'].map((id) => pool.analyze(request(id), signal)));
    expect(listeners).toBe(0);
  });

  it('closes: what runs and what waits is rejected, no child is left, nothing starts again', async () => {
    const pool = startPool();
    const pid = await pidOf(pool);
    const outcomes = Promise.all(['blocks', 'works'].map((id) => failure(pool, id)));
    await sleep(100);
    await pool.close();
    expect((await outcomes).map(({ code }) => code)).toEqual(['ANALYZER_DIED', 'ANALYZER_DIED']);
    expect(lives(pid)).toBe(false);
    expect(await failure(pool, 'works')).toMatchObject({ code: 'ANALYZER_DIED' });
  });
});

describe('orphans', () => {
  /** Starts a worker with one analysis, kills it -9, answers how its child fared. */
  async function childAfterKill(id: string): Promise<boolean> {
    const parent = spawn(process.execPath, [join(import.meta.dirname, 'entries/parent.ts'), ENTRY, id], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [, pid] = await new Promise<string[]>((resolve) => {
      parent.stdout.on('data', (bytes: Buffer) => resolve(/child (\d+)/.exec(String(bytes)) ?? []));
    });
    await sleep(1500); // the child has its request
    expect(lives(Number(pid))).toBe(true);
    parent.kill('SIGKILL');
    return gone(Number(pid), 5000);
  }

  it('there are none: the channel of a child closes with its worker', async () => {
    expect(await childAfterKill('silent')).toBe(true);
  });

  it.skipIf(!hasProgram('setpriv'))('there are none in the middle of a native run either (setpriv)', async () => {
    expect(await childAfterKill('blocks')).toBe(true);
  });
});
