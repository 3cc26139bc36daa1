import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { PixelInfo } from '../../services/dicom/pixel/pixel-info.ts';
import { framesIn, writeSlices } from './slices.ts';

const ROUNDS = 9;
/** Each slice of a folder this often: starting and ending a round must not count. */
const PASSES = 6;

interface Encoded {
  readonly frame: Uint8Array;
  readonly info: PixelInfo;
}

/** Milliseconds of one round: on the clock, and of all cores. */
interface Took {
  readonly clock: number;
  readonly cpu: number;
}

/**
 * How much faster two threads decode the same slices than one: threads with codecs of their own, to which frames are copied
 * and from which samples are transferred, as in the analyzer. One thread and two take turns, so that both see the same load.
 */
export async function twoCores(): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'overread-bench-'));
  const workers = [0, 1].map(() => new Worker(join(import.meta.dirname, 'decode-worker.ts')));
  try {
    const slices = await writeSlices(root);
    console.log(`${ROUNDS} rounds in turn; ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}`);
    console.log(
      '\n| syntax | one thread, ms a slice: clock / CPU | two threads | faster, best / median | CPU, two to one |',
    );
    console.log('|---|--:|--:|--:|--:|');
    for (const { name, folder } of slices) {
      const frames = await framesIn(folder);
      const [one, two]: [Took[], Took[]] = [[], []];
      for (let round = 0; round <= ROUNDS; round++) {
        const single = await decoded(workers.slice(0, 1), frames);
        const both = await decoded(workers, frames);
        if (round === 0) continue;
        one.push(single);
        two.push(both);
      }
      console.log(`| ${name} | ${row(one, two, frames.length * PASSES)} |`);
    }
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
    rmSync(root, { recursive: true, force: true });
  }
}

/** Gives each thread the next frame when it has answered the last one. */
async function decoded(workers: readonly Worker[], frames: readonly Encoded[]): Promise<Took> {
  const queue = Array.from({ length: PASSES }, () => frames).flat();
  const [cpu, clock] = [process.cpuUsage(), performance.now()];
  await Promise.all(workers.map((worker) => drain(worker, queue)));
  const { user, system } = process.cpuUsage(cpu);
  return { clock: performance.now() - clock, cpu: (user + system) / 1000 };
}

function drain(worker: Worker, queue: Encoded[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const next = () => {
      const frame = queue.pop();
      if (frame) worker.postMessage(frame);
      else {
        worker.off('message', next).off('error', reject);
        resolve();
      }
    };
    worker.on('message', next);
    worker.on('error', reject);
    next();
  });
}

function row(one: readonly Took[], two: readonly Took[], slices: number): string {
  const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
  const clock = (rounds: readonly Took[]) => Math.min(...rounds.map((round) => round.clock));
  const cpu = (rounds: readonly Took[]) => median(rounds.map((round) => round.cpu));
  const shown = (rounds: readonly Took[]) =>
    `${(clock(rounds) / slices).toFixed(2)} / ${(cpu(rounds) / slices).toFixed(2)}`;
  const ratios = one.map((round, at) => round.clock / (two[at]?.clock ?? 1));
  const faster = `${(clock(one) / clock(two)).toFixed(2)}x / ${median(ratios).toFixed(2)}x`;
  return [shown(one), shown(two), faster, `${(cpu(two) / cpu(one)).toFixed(2)}x`].join(' | ');
}
