import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeFrame } from '../../services/dicom/pixel/codecs.ts';
import { framesIn, type SyntaxSlices, writeSlices } from './slices.ts';

const ROUNDS = 7;
/** Slices are decoded this often in a round, so that CPU time, which is counted in large steps, becomes exact. */
const PASSES = 3;

/** Milliseconds a slice took in one round: CPU on average, and at best. */
interface Round {
  readonly cpu: number;
  readonly best: number;
}

/**
 * Milliseconds to decode a slice of 512 x 512 x 12 bits in 16, ours and that of each GDCM in turn, of the same files.
 * `pythons` have one GDCM each: see test/dicom/pixel/reference/make.py. CPU is that of the whole process for GDCM, which
 * decodes JPEG 2000 in several threads, and that of the decoding thread for us; it hardly depends on what else the machine
 * does, while time on the clock does.
 */
export async function decode(...pythons: string[]): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'overread-bench-'));
  try {
    const slices = await writeSlices(root);
    const peers = (pythons.length > 0 ? pythons : ['python3']).map((python) => ({ python, name: versionOf(python) }));
    const [ours, theirs] = [new Map<string, Round[]>(), peers.map(() => new Map<string, Round[]>())];
    for (let round = 0; round <= ROUNDS; round++) {
      for (const { folder } of slices) add(ours, folder, round, await ourRound(folder));
      for (const [at, { python }] of peers.entries()) {
        const folders = slices.filter(({ isReadByGdcm }) => isReadByGdcm).map(({ folder }) => folder);
        for (const [folder, took] of theirRounds(python, folders)) add(theirs[at], folder, round, took);
      }
    }
    report(
      slices,
      ours,
      peers.map(({ name }, at) => ({ name, rounds: theirs[at] ?? new Map() })),
    );
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** The first round only warms up. */
function add(all: Map<string, Round[]> | undefined, folder: string, round: number, took: Round): void {
  if (round > 0) all?.set(folder, [...(all.get(folder) ?? []), took]);
}

async function ourRound(folder: string): Promise<Round> {
  const frames = await framesIn(folder);
  const started = process.threadCpuUsage();
  let best = Number.POSITIVE_INFINITY;
  for (let pass = 0; pass < PASSES; pass++) {
    for (const { frame, info } of frames) {
      const from = performance.now();
      await decodeFrame(frame, info);
      best = Math.min(best, performance.now() - from);
    }
  }
  const { user, system } = process.threadCpuUsage(started);
  return { cpu: (user + system) / 1000 / PASSES / frames.length, best };
}

const SCRIPT = join(import.meta.dirname, 'gdcm-decode.py');
const run = (python: string, ...args: string[]) =>
  execFileSync(python, [SCRIPT, ...args], { stdio: ['ignore', 'pipe', 'ignore'] }).toString();

const versionOf = (python: string): string => `GDCM ${run(python).trim()}`;

function theirRounds(python: string, folders: readonly string[]): readonly [string, Round][] {
  return Object.entries<Round>(JSON.parse(run(python, String(PASSES), ...folders)));
}

interface Peer {
  readonly name: string;
  readonly rounds: ReadonlyMap<string, readonly Round[]>;
}

function report(slices: readonly SyntaxSlices[], ours: ReadonlyMap<string, readonly Round[]>, peers: readonly Peer[]) {
  console.log(`${ROUNDS} rounds in turn; ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}; ms: CPU / best`);
  console.log(`\n| syntax (KB a slice) | ours | ${peers.map(({ name }) => `${name} | ratio`).join(' | ')} | goal |`);
  console.log(`|---|--:|${peers.map(() => '--:|--:|').join('')}---|`);
  for (const { name, goal, folder, bytesPerSlice } of slices) {
    const own = summary(ours.get(folder) ?? []);
    const cells = peers.map(({ rounds }) => {
      const theirs = summary(rounds.get(folder) ?? []);
      const ratio = `${(own.cpu / theirs.cpu).toFixed(2)}x / ${(own.best / theirs.best).toFixed(2)}x`;
      return rounds.has(folder) ? `${shown(theirs)} | ${ratio}` : 'cannot | –';
    });
    console.log(`| ${name} (${Math.round(bytesPerSlice / 1000)}) | ${[shown(own), ...cells, goal].join(' | ')} |`);
  }
}

const shown = ({ cpu, best }: Round): string => `${cpu.toFixed(2)} / ${best.toFixed(2)}`;

/** The median of CPU, the best of all. */
function summary(rounds: readonly Round[]): Round {
  const sorted = rounds.map(({ cpu }) => cpu).sort((a, b) => a - b);
  return { cpu: sorted[Math.floor(sorted.length / 2)] ?? 0, best: Math.min(...rounds.map(({ best }) => best)) };
}
