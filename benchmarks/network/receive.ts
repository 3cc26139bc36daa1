import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { peakRssMb } from '../peak-rss.ts';
import { type LoadProgram, loadProgram } from './load-program.ts';
import { cpuSeconds } from './process-usage.ts';
import { type Candidate, inMemory, onDisk, ours, removeStores, type Server } from './servers.ts';
import { readSlice, writeSlices } from './slices.ts';

const SLICES = 500;
const ROUNDS = 3;
/** Sent first and not measured: receivers live for months, so it is the steady state that counts. */
const WARM_UP_SLICES = 400;
const WARM_UPS = 3;
const MEMORY = '/dev/shm';

interface Measurement {
  readonly perSecond: number;
  readonly megabytesPerSecond: number;
  readonly cpuPerGigabyte: number;
  readonly peakMb: number;
  readonly lateMs: number;
}

interface Bench {
  readonly client: LoadProgram;
  readonly slices: string;
  readonly warmUp: string;
  readonly rounds: number;
}

/**
 * C-STORE receive beside dcmtk into memory, and beside Orthanc onto a disk: 500 CT slices of 525 kB over 1 and 4
 * associations, each server fresh and warmed up, in turn. Then what was stored is compared byte for byte.
 *
 *   npm run bench -- receive [FOLDER on the disk to measure] [ROUNDS]
 */
export async function receive(directory = tmpdir(), rounds = ROUNDS): Promise<void> {
  const [memory, disk] = [MEMORY, directory].map((place) => mkdtempSync(join(place, 'overread-bench-')));
  if (memory === undefined || disk === undefined) return;
  try {
    const [slices, warmUp] = [join(memory, 'slices'), join(memory, 'warm-up')];
    writeSlices(slices, SLICES);
    writeSlices(warmUp, WARM_UP_SLICES, SLICES);
    const bench = { client: await loadProgram(memory), slices, warmUp, rounds };
    console.log(
      `${SLICES} CT slices of 525 kB from ${bench.client.name}, ${rounds} rounds in turn, median; ${conditions()}`,
    );
    for (const associations of [1, 4]) await compare(bench, inMemory(), join(memory, 'stores'), associations);
    for (const associations of [1, 4]) await compare(bench, onDisk(), join(disk, 'stores'), associations);
    await identity(bench, join(memory, 'stores'));
    console.log('\nDICOM TLS: not measured here yet.');
  } finally {
    for (const folder of [memory, disk]) rmSync(folder, { recursive: true, force: true });
  }
}

async function compare(bench: Bench, all: readonly Candidate[], folder: string, associations: number): Promise<void> {
  const measured = new Map<string, Measurement[]>(all.map(({ name }) => [name, []]));
  for (let round = 0; round < bench.rounds; round++) {
    for (const candidate of all) {
      measured.get(candidate.name)?.push(await measure(bench, candidate, folder, associations));
    }
  }
  console.log(`\n${associations} association${associations === 1 ? '' : 's'}, files below ${folder}, load ${load()}\n`);
  console.log(
    '| SCP | instances/s | of storescp +B | of --fork | of Orthanc | MB/s | CPU s per GB | of storescp +B | peak RSS MB | loop late p99 ms |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|',
  );
  const median = (name: string, pick: (one: Measurement) => number) => medianOf((measured.get(name) ?? []).map(pick));
  for (const [name, rounds] of measured) {
    const ratio = (to: string, pick: (one: Measurement) => number) =>
      measured.has(to) ? (median(name, pick) / median(to, pick)).toFixed(2) : '–';
    const rate = (one: Measurement) => one.perSecond;
    const cells = [
      `${median(name, rate).toFixed(0)} (${rounds.map((one) => one.perSecond.toFixed(0)).join(' ')})`,
      ...['storescp +B', 'storescp --fork +B', 'Orthanc'].map((to) => ratio(to, rate)),
      median(name, (one) => one.megabytesPerSecond).toFixed(0),
      median(name, (one) => one.cpuPerGigabyte).toFixed(2),
      ratio('storescp +B', (one) => one.cpuPerGigabyte),
      Math.max(...rounds.map((one) => one.peakMb)).toFixed(0),
      name.startsWith('Overread') ? median(name, (one) => one.lateMs).toFixed(1) : '–',
    ];
    console.log(`| ${name} | ${cells.join(' | ')} |`);
  }
}

async function measure(
  { client, slices, warmUp }: Bench,
  candidate: Candidate,
  folder: string,
  associations: number,
): Promise<Measurement> {
  const server = await candidate.start(folder);
  try {
    for (let pass = 0; pass < WARM_UPS; pass++) await client.send(warmUp, server, 4);
    await server.late?.();
    const before = usedSeconds(server);
    const sent = await client.send(slices, server, associations);
    const late = await server.late?.();
    return {
      perSecond: sent.instances / sent.seconds,
      megabytesPerSecond: sent.bytes / sent.seconds / 1e6,
      cpuPerGigabyte: (usedSeconds(server) - before) / (sent.bytes / 1e9),
      peakMb: server.pids.reduce((sum, pid) => sum + peakRssMb(pid), 0),
      lateMs: late?.p99Ms ?? Number.NaN,
    };
  } finally {
    await server.stop();
    removeStores(folder);
  }
}

const usedSeconds = ({ pids }: Server): number => pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0);

/** Every data set, as it was sent and as it lies in our store. */
async function identity({ client, slices }: Bench, folder: string): Promise<void> {
  const server = await ours(folder);
  try {
    await client.send(slices, server, 4);
    const sent = new Map(
      readdirSync(slices)
        .map((name) => readSlice(join(slices, name)))
        .map((slice) => [slice.SOPInstanceUID, slice.dataset]),
    );
    const stored = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.dcm'));
    const same = stored
      .map((name) => readSlice(join(folder, name)))
      .filter(
        ({ SOPInstanceUID, dataset }) =>
          sent.get(SOPInstanceUID) !== undefined && Buffer.compare(dataset, sent.get(SOPInstanceUID) ?? dataset) === 0,
      );
    console.log(`\nbyte-identical data sets: ${new Set(same.map((one) => one.SOPInstanceUID)).size} of ${sent.size}`);
  } finally {
    await server.stop();
    removeStores(folder);
  }
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

const load = (): string => loadavg()[0]?.toFixed(1) ?? '?';

function conditions(): string {
  const [cpu] = cpus();
  return `${cpus().length} cores (${cpu?.model.trim()}), load ${load()}, Node ${process.version}`;
}

if (process.argv[1] === import.meta.filename) await receive(process.argv[2], Number(process.argv[3] ?? ROUNDS));
