import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isEncapsulated } from '../../services/dicom/dataset/transfer-syntax.ts';
import { type OutgoingInstance, sendInstances } from '../../services/dicom/net/storage-scu.ts';
import { readVolume } from '../../services/imaging/read-volume.ts';
import { SliceThreads } from '../../services/imaging/slice-threads.ts';
import { StageClock } from '../../services/imaging/stage-clock.ts';
import { collect } from '../../services/main/commands/send.ts';
import { PREPARED_FOLDER } from '../../services/main/folders.ts';
import { startOverread } from '../../test/support/overread.ts';
import { analysisInputs } from '../analysis-inputs.ts';
import { CRITERIA } from './criteria.ts';
import { SLICES, writeSeries } from './volume.ts';

const ROUNDS = 3;
/** As fast as it goes, and about as fast as a scanner reconstructs. */
const SLICES_PER_SECOND = [Number.POSITIVE_INFINITY, 30];

const PATIENCE_MS = 60_000;

/** Seconds of one round, all since the last C-STORE response but the first. */
interface Arrival {
  readonly receiving: number;
  readonly decoded: number;
  readonly volume: number;
}

/**
 * Last slice received -> volume of 300 slices, in a whole Overread whose preparer decodes while they arrive: until the last
 * slice is decoded, and until the volume stands. Native slices are not decoded ahead. The quiet time, which is a setting, and planning are left out.
 */
export async function arrival(): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'overread-arrival-'));
  try {
    const folders = await writeSeries(root);
    console.log(
      `${SLICES} slices of 512 x 512, best of ${ROUNDS}; ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}`,
    );
    console.log(
      '\n| series | slices/s sent | received in, s | last slice -> all decoded, s | last slice -> volume, s |',
    );
    console.log('|---|--:|--:|--:|--:|');
    for (const folder of folders) for (const rate of SLICES_PER_SECOND) await report(folder, rate);
    console.log(`\nload ${loadavg()[0]?.toFixed(1)}`);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

async function report(folder: string, rate: number): Promise<void> {
  const rounds: Arrival[] = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(await once(folder, rate));
  const least = (value: (arrival: Arrival) => number) => Math.min(...rounds.map(value)).toFixed(2);
  const cells = [least((each) => each.receiving), least((each) => each.decoded), least((each) => each.volume)];
  console.log(`| ${basename(folder)} | ${Number.isFinite(rate) ? rate : 'all it takes'} | ${cells.join(' | ')} |`);
}

/** A fresh Overread: what was prepared before must not count. It would analyse after a minute, which nobody awaits. */
async function once(folder: string, rate: number): Promise<Arrival> {
  const { instances } = await collect([folder]);
  const inputs = analysisInputs(folder);
  const threads = new SliceThreads(cpus().length);
  // A warm analyzer has started its threads.
  await Promise.all(inputs.slice(0, 2 * threads.size).map((input) => threads.run({ kind: 'verify', input })));
  const overread = await startOverread({ SERIES_QUIET_SECONDS: '60', SERIES_RELEASED_QUIET_SECONDS: '60' });
  try {
    const started = performance.now();
    const peer = { AETitle: 'OVERREAD', host: '127.0.0.1', port: overread.dimsePort };
    const results = await sendInstances(peer, 'BENCH', paced(instances, rate));
    if (results.some(({ taken }) => !taken)) throw new Error('not every instance was taken');
    const last = performance.now();
    const preparedDirectory = join(overread.dataDir, PREPARED_FOLDER);
    const ahead = inputs.filter(({ TransferSyntaxUID }) => isEncapsulated(TransferSyntaxUID)).length;
    const done = () => readdirSync(preparedDirectory).filter((name) => !name.endsWith('.partial')).length;
    while (done() < ahead) {
      if (performance.now() - last > PATIENCE_MS) throw new Error(`only ${done()} of ${ahead} slices were prepared`);
      await sleep(5);
    }
    const decoded = performance.now();
    const reader = { threads, clock: new StageClock(), progress: () => {}, preparedDirectory };
    const answer = await readVolume(inputs, CRITERIA, reader);
    if ('error' in answer) throw answer.error;
    const volume = performance.now();
    return { receiving: (last - started) / 1000, decoded: (decoded - last) / 1000, volume: (volume - last) / 1000 };
  } finally {
    await threads.close();
    await overread.stop();
    overread.remove();
  }
}

async function* paced(instances: readonly OutgoingInstance[], rate: number): AsyncGenerator<OutgoingInstance> {
  const started = performance.now();
  for (const [index, instance] of instances.entries()) {
    const due = started + (1000 * index) / rate - performance.now();
    if (due > 0) await sleep(due);
    yield instance;
  }
}
