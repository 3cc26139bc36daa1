import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../services/main/ports.ts';
import { jobQueue } from '../../services/queue/job-queue.ts';
import { startWorker } from '../../services/queue/job-worker.ts';
import { postgresBackend, redisBackend } from '../../services/queue/queue-backend.ts';
import { startDatabase } from '../support/database.ts';
import { fakeContext } from '../support/fake-context.ts';
import { hasProgram } from '../support/programs.ts';

/** The suite both backends must pass: what the pipeline relies on, and nothing else. */
type Backend = Awaited<ReturnType<typeof postgresBackend>> | ReturnType<typeof redisBackend>;

const servers: { database?: Awaited<ReturnType<typeof startDatabase>>; redis?: ChildProcess; redisUrl?: string } = {};
const hasRedis = hasProgram('redis-server');

beforeAll(async () => {
  servers.database = await startDatabase();
  if (!hasRedis) return;
  const port = await freePort(6390);
  servers.redis = spawn('redis-server', ['--port', String(port), '--save', '', '--appendonly', 'no'], {
    stdio: 'ignore',
  });
  servers.redisUrl = `redis://127.0.0.1:${port}`;
  await sleep(500);
}, 90_000);
afterAll(async () => {
  servers.redis?.kill('SIGKILL');
  await servers.database?.stop();
});

const open: Record<string, () => Promise<Backend>> = {
  postgres: () => postgresBackend(servers.database?.config ?? {}, fakeContext().log),
  redis: async () => redisBackend(servers.redisUrl ?? ''),
};

describe.each([
  ['postgres', true],
  ['redis', hasRedis],
] as const)('queue on %s', (name, available) => {
  describe.skipIf(!available)('(redis-server needed for redis)', () => {
    async function withQueue(work: (backend: Backend, queue: ReturnType<typeof jobQueue>) => Promise<void>) {
      const context = fakeContext();
      const backend = (await open[name]?.()) as Backend;
      const queue = jobQueue(backend as never, 'analysis', context.log);
      try {
        await work(backend, queue);
      } finally {
        await queue.close();
        await backend.close();
      }
    }

    const work = (backend: Backend, step: (id: string) => Promise<void>) =>
      startWorker(fakeContext(), backend as never, 'analysis', 1, (_context, id) => step(id));

    it('runs a job once however often it was added, and knows its state before and after', async () => {
      await withQueue(async (backend, queue) => {
        const job = { id: randomUUID(), generation: 0 };
        expect(await queue.stateOf(job)).toBe('absent');
        for (let i = 0; i < 3; i += 1) await queue.enqueue(job);
        expect(await queue.stateOf(job)).toBe('live');
        const ran: string[] = [];
        const worker = work(backend, async (id) => void ran.push(id));
        while ((await queue.stateOf(job)) !== 'ended') await sleep(50);
        await worker.close();
        expect(ran).toEqual([job.id]);
      });
    });

    it('swallows an ended job of the same id, but takes the next generation', async () => {
      await withQueue(async (backend, queue) => {
        const job = { id: randomUUID(), generation: 0 };
        const ran: string[] = [];
        const worker = work(backend, async (id) => void ran.push(id));
        await queue.enqueue(job);
        while ((await queue.stateOf(job)) !== 'ended') await sleep(50);
        await queue.enqueue(job);
        await queue.enqueue({ ...job, generation: 1 });
        while ((await queue.stateOf({ ...job, generation: 1 })) !== 'ended') await sleep(50);
        await worker.close();
        expect(ran).toEqual([job.id, job.id]);
      });
    });

    it('takes urgent work first', async () => {
      await withQueue(async (backend, queue) => {
        const routine = { id: randomUUID(), generation: 0 };
        const urgent = { id: randomUUID(), generation: 0 };
        await queue.enqueue(routine);
        await queue.enqueue(urgent, 1);
        const ran: string[] = [];
        const worker = work(backend, async (id) => void ran.push(id));
        while (ran.length < 2) await sleep(50);
        await worker.close();
        expect(ran).toEqual([urgent.id, routine.id]);
      });
    });

    it('moves a waiting job to another place; what runs, has ended or is unknown is left alone', async () => {
      await withQueue(async (backend, queue) => {
        const made = () => ({ id: randomUUID(), generation: 0 });
        const [first, second, third] = [made(), made(), made()];
        for (const job of [first, second, third]) await queue.enqueue(job);
        await queue.move(third, 10);
        await queue.move(first, 70);
        await queue.move(made(), 10);
        const ran: string[] = [];
        const worker = work(backend, async (id) => {
          await queue.move({ id, generation: 0 }, 1);
          ran.push(id);
        });
        while ((await queue.stateOf(first)) !== 'ended') await sleep(50);
        await queue.move(first, 10);
        await worker.close();
        expect(ran).toEqual([third.id, second.id, first.id]);
        expect(await queue.stateOf(first)).toBe('ended');
      });
    });

    it('tries a failed job again', async () => {
      await withQueue(async (backend, queue) => {
        const job = { id: randomUUID(), generation: 0 };
        const tries: string[] = [];
        const worker = work(backend, async (id) => {
          if (tries.push(id) === 1) throw new Error('first try');
        });
        await queue.enqueue(job);
        while (tries.length < 2) await sleep(50);
        await worker.close();
        expect(tries).toHaveLength(2);
      });
    });
  });
});

it('carries no patient data: a payload is a key and a generation', async () => {
  const context = fakeContext();
  const backend = await postgresBackend(servers.database?.config ?? {}, context.log);
  const queue = jobQueue(backend, 'delivery', context.log);
  await queue.enqueue({ id: randomUUID(), generation: 0 });
  const pool = new Pool({ ...servers.database?.config, options: '-c search_path=bullmq' });
  // `end` resolves before the sockets are closed, so the stopping server may still be heard.
  pool.on('error', () => {});
  const { rows } = await pool.query<{ data: object }>("select data from job where name = 'delivery'");
  expect(rows.map(({ data }) => Object.keys(data).toSorted())).toEqual([['generation', 'id']]);
  await pool.end();
  await queue.close();
  await backend.close();
});
