import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hasProgram } from '../../test/support/programs.ts';
import { ours, removeStores, type Server, storescp } from './servers.ts';
import { writeSlices } from './slices.ts';

const run = promisify(execFile);
const SLICES = 500;
const BYTES = SLICES * 525_000;
/** The SCU of a process that lives is warm; the first pass of a process is told too. */
const PASSES = 4;
const WARM_UP_PASSES = 3;
const MEMORY = '/dev/shm';

export interface SentByUs {
  /** Of each pass. */
  readonly seconds: readonly number[];
  readonly cpuSeconds: readonly number[];
  readonly failures: number;
  readonly peakMb: number;
}

/**
 * C-STORE of 500 CT slices over one association, our SCU and dcmtk's dcmsend in turn to the same receivers, which write to
 * memory: `npm run bench -- send [ROUNDS]`. Of dcmsend the whole program is timed, of ours an association from its request.
 */
export async function send(rounds = 5): Promise<void> {
  const folder = mkdtempSync(join(MEMORY, 'overread-bench-'));
  const [slices, stores] = [join(folder, 'slices'), join(folder, 'stores')];
  try {
    writeSlices(slices, SLICES);
    console.log(`${SLICES} CT slices of 525 kB, ${rounds} rounds in turn, median; ${conditions()}`);
    console.log(
      '| receiver | ours | ours, first 500 of a process | dcmsend | ours / dcmsend | first 500 / dcmsend | ms an instance | CPU s per GB |',
    );
    console.log('|---|--:|--:|--:|--:|--:|--:|--:|');
    for (const [name, start] of receivers(stores))
      console.log(`| ${name} | ${(await compare(slices, { start, stores }, rounds)).join(' | ')} |`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Receiver {
  readonly start: () => Promise<Server>;
  readonly stores: string;
}

async function compare(slices: string, { start, stores }: Receiver, rounds: number): Promise<string[]> {
  const [warm, cold, theirs, cpu]: [number[], number[], number[], number[]] = [[], [], [], []];
  for (let round = 0; round < rounds; round++) {
    // Fresh in each round: what a receiver has stored fills the memory that the next would write to.
    const server = await start();
    await sendOurs(slices, server, WARM_UP_PASSES);
    const runs = { ours: () => sendOurs(slices, server, PASSES), theirs: () => dcmsendIfThere(slices, server) };
    // Each is first in every other round.
    const early = round % 2 === 0 ? undefined : await runs.theirs();
    const sent = await runs.ours();
    const dcmsendSeconds = early ?? (await runs.theirs());
    await server.stop();
    removeStores(stores);
    warm.push(sent.seconds.at(-1) ?? Number.NaN);
    cold.push(sent.seconds[0] ?? Number.NaN);
    cpu.push((sent.cpuSeconds.at(-1) ?? Number.NaN) / (BYTES / 1e9));
    theirs.push(dcmsendSeconds);
  }
  const rate = (all: readonly number[]) => SLICES / median(all);
  const shown = (all: readonly number[]) =>
    `${rate(all).toFixed(0)}/s (${(BYTES / median(all) / 1e6).toFixed(0)} MB/s)`;
  const ratio = (all: readonly number[]) => (rate(all) / rate(theirs)).toFixed(2);
  const [each, cpuPerGigabyte] = [((1000 * median(warm)) / SLICES).toFixed(2), median(cpu).toFixed(2)];
  return [shown(warm), shown(cold), shown(theirs), ratio(warm), ratio(cold), each, cpuPerGigabyte];
}

function receivers(stores: string): (readonly [name: string, start: () => Promise<Server>])[] {
  return [
    ['our receiver', () => ours(stores)],
    ...(hasProgram('storescp') ? [['storescp +B -pdu 131072', () => storescp(stores)] as const] : []),
  ];
}

/** Our SCU in a process of its own. */
export async function sendOurs(folder: string, { AETitle, port }: Server, passes: number): Promise<SentByUs> {
  const args = [join(import.meta.dirname, 'our-sender.ts'), folder, String(port), AETitle, String(passes)];
  const sent = JSON.parse((await run(process.execPath, args)).stdout) as SentByUs;
  if (sent.failures > 0) throw new Error(`${AETitle} refused ${sent.failures} objects`);
  return sent;
}

const dcmsendIfThere = async (folder: string, server: Server): Promise<number> =>
  hasProgram('dcmsend') ? await dcmsend(folder, server) : Number.NaN;

async function dcmsend(folder: string, { AETitle, port }: Server): Promise<number> {
  const files = readdirSync(folder).map((name) => join(folder, name));
  const env = { ...process.env, TCP_NODELAY: '1' };
  const startedAt = performance.now();
  await run('dcmsend', ['-aec', AETitle, '--max-send-pdu', '131072', '127.0.0.1', String(port), ...files], { env });
  return (performance.now() - startedAt) / 1000;
}

const load = (): string => loadavg()[0]?.toFixed(1) ?? '?';
const conditions = (): string => `${cpus().length} cores, load ${load()}, Node ${process.version}`;

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
