import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { peakRssMb } from '../peak-rss.ts';
import { cpuSeconds, rssMb } from './process-usage.ts';
import { type Candidate, candidates, ours, removeStores } from './servers.ts';
import { writeSlices } from './slices.ts';

const run = promisify(execFile);
const SLICES = 500;
const ROUNDS = 3;

interface Measurement {
  readonly perSecond: number;
  readonly megabytesPerSecond: number;
  readonly cpuPerGigabyte: number;
  readonly peakMb: number;
  readonly clientCpuShare: number;
}

/**
 * C-STORE receive beside dcmtk and Orthanc: 500 CT slices of 525 kB over 1 and 4 associations, each server fresh, in
 * turn; then 1 GB into our receiver and its memory meanwhile.
 *
 *   node benchmarks/network/receive.ts [FOLDER on the disk to measure] [ROUNDS]
 */
export async function receive(directory = tmpdir(), rounds = ROUNDS): Promise<void> {
  const folder = mkdtempSync(join(directory, 'overread-bench-'));
  const slices = join(folder, 'slices');
  try {
    writeSlices(slices, SLICES);
    console.log(`${SLICES} CT slices of 525 kB, ${rounds} rounds in turn, median; ${conditions(directory)}`);
    for (const associations of [1, 4]) await compare(folder, slices, associations, rounds);
    await memoryCurve(folder, slices);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function compare(folder: string, slices: string, associations: number, rounds: number): Promise<void> {
  const measured = new Map<string, Measurement[]>();
  for (let round = 0; round < rounds; round++) {
    for (const candidate of candidates()) {
      const one = await measure(candidate, join(folder, 'stores'), slices, associations);
      measured.set(candidate.name, [...(measured.get(candidate.name) ?? []), one]);
    }
  }
  console.log(`\n${associations} association${associations === 1 ? '' : 's'}\n`);
  console.log(
    '| SCP | instances/s | MB/s | server CPU s per GB | peak RSS MB | client CPU |\n|---|--:|--:|--:|--:|--:|',
  );
  for (const [name, all] of measured) {
    const of = (pick: (one: Measurement) => number) => median(all.map(pick));
    const cells = [
      `${of((m) => m.perSecond).toFixed(0)} (${all.map((m) => m.perSecond.toFixed(0)).join(' ')})`,
      of((m) => m.megabytesPerSecond).toFixed(0),
      of((m) => m.cpuPerGigabyte).toFixed(2),
      Math.max(...all.map((m) => m.peakMb)).toFixed(0),
      `${(100 * of((m) => m.clientCpuShare)).toFixed(0)} %`,
    ];
    console.log(`| ${name} | ${cells.join(' | ')} |`);
  }
}

async function measure(
  candidate: Candidate,
  folder: string,
  slices: string,
  associations: number,
): Promise<Measurement> {
  const server = await candidate.start(folder);
  try {
    const before = cpuSeconds(server.pid);
    const sent = await send(slices, server, associations, 1);
    const cpu = cpuSeconds(server.pid) - before;
    return {
      perSecond: sent.instances / sent.seconds,
      megabytesPerSecond: sent.bytes / sent.seconds / 1e6,
      cpuPerGigabyte: cpu / (sent.bytes / 1e9),
      peakMb: peakRssMb(server.pid),
      clientCpuShare: sent.cpuSeconds / sent.seconds,
    };
  } finally {
    await server.stop();
    removeStores(folder);
  }
}

/** 1 GB in over four associations: resident memory four times a second. */
async function memoryCurve(folder: string, slices: string): Promise<void> {
  const stores = join(folder, 'stores');
  const server = await ours(stores, false);
  try {
    const curve: number[] = [rssMb(server.pid)];
    const timer = setInterval(() => curve.push(rssMb(server.pid)), 250);
    const { bytes, seconds } = await send(slices, server, 4, 4);
    clearInterval(timer);
    const step = Math.max(1, Math.floor(curve.length / 16));
    const shown = curve.filter((_, at) => at % step === 0).join(' ');
    console.log(`\n${(bytes / 1e9).toFixed(2)} GB in ${seconds.toFixed(1)} s over 4 associations, our receiver`);
    console.log(`RSS MB: ${shown}; peak ${peakRssMb(server.pid)}`);
  } finally {
    await server.stop();
    removeStores(stores);
  }
}

interface Sent {
  readonly instances: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly failures: number;
  readonly cpuSeconds: number;
}

async function send(
  slices: string,
  { AETitle, port }: { AETitle: string; port: number },
  associations: number,
  times: number,
): Promise<Sent> {
  const script = join(import.meta.dirname, 'sender.ts');
  const args = [script, slices, String(port), AETitle, String(associations), String(times)];
  const sent = JSON.parse((await run(process.execPath, args)).stdout) as Sent;
  if (sent.failures > 0) throw new Error(`${AETitle} refused ${sent.failures} instances`);
  return sent;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function conditions(directory: string): string {
  const [cpu] = cpus();
  return `${cpus().length} cores (${cpu?.model.trim()}), load ${loadavg()[0]?.toFixed(1)}, Node ${process.version}, files below ${directory}`;
}

if (process.argv[1] === import.meta.filename) await receive(process.argv[2], Number(process.argv[3] ?? ROUNDS));
