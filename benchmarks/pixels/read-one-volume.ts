import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readVolume } from '../../services/imaging/read-volume.ts';
import { SliceThreads } from '../../services/imaging/slice-threads.ts';
import { StageClock } from '../../services/imaging/stage-clock.ts';
import { analysisInputs } from '../analysis-inputs.ts';
import { CRITERIA } from './criteria.ts';

/** What one process measured; megabytes of 10^6 bytes. */
export interface VolumeTimes {
  readonly seconds: number;
  readonly preparedSeconds: number;
  /** Resident at most, while the volume was read for the first time. */
  readonly peakMb: number;
  /** Resident before it was. */
  readonly idleMb: number;
}

/** `node read-one-volume.ts FOLDER THREADS`: prints VolumeTimes as JSON. */
const [folder = '', threadCount = '1'] = process.argv.slice(2);
const inputs = analysisInputs(folder);
const threads = new SliceThreads(Number(threadCount));
// A warm analyzer has started its threads.
await Promise.all(inputs.slice(0, 2 * threads.size).map((input) => threads.run({ kind: 'verify', input })));
const idleMb = process.memoryUsage.rss() / 1e6;

async function read(preparedDirectory?: string): Promise<number> {
  const reader = { threads, clock: new StageClock(), progress: () => {}, preparedDirectory };
  const start = performance.now();
  const answer = await readVolume(inputs, CRITERIA, reader);
  if ('error' in answer) throw answer.error;
  return (performance.now() - start) / 1000;
}

const seconds = await read();
const peakMb = process.resourceUsage().maxRSS / 1000;
const directory = mkdtempSync(join(tmpdir(), 'overread-prepared-'));
await Promise.all(inputs.map((input) => threads.run({ kind: 'prepare', input, directory })));
const preparedSeconds = await read(directory);
rmSync(directory, { recursive: true, force: true });
await threads.close();
console.log(JSON.stringify({ seconds, preparedSeconds, peakMb, idleMb } satisfies VolumeTimes));
