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
const MEMORY = '/dev/shm';

export interface SentByUs {
  readonly seconds: number;
  readonly instances: number;
  readonly failures: number;
  readonly cpuSeconds: number;
  readonly peakMb: number;
}

/**
 * C-STORE of 500 CT slices over one association, our SCU and dcmtk's dcmsend in turn to the same receivers, which write to
 * memory: `npm run bench -- send [ROUNDS]`. Whole programs are timed; of ours also without the start of Node.
 */
export async function send(rounds = 5): Promise<void> {
  const folder = mkdtempSync(join(MEMORY, 'overread-bench-'));
  const [slices, stores] = [join(folder, 'slices'), join(folder, 'stores')];
  try {
    writeSlices(slices, SLICES);
    const bytes = SLICES * 525_000;
    console.log(`${SLICES} CT slices of 525 kB, ${rounds} rounds in turn, median; ${conditions()}`);
    for (const [name, start] of receivers(stores)) {
      const server = await start();
      const times: Record<'ours' | 'program' | 'dcmsend', number[]> = { ours: [], program: [], dcmsend: [] };
      try {
        for (let round = 0; round <= rounds; round++) {
          const startedAt = performance.now();
          const sent = await sendOurs(slices, server);
          const programSeconds = (performance.now() - startedAt) / 1000;
          const theirs = hasProgram('dcmsend') ? await dcmsend(slices, server) : Number.NaN;
          // The first round warms the receiver up.
          if (round === 0) continue;
          times.ours.push(sent.seconds);
          times.program.push(programSeconds);
          times.dcmsend.push(theirs);
        }
      } finally {
        await server.stop();
        removeStores(stores);
      }
      const rate = (all: readonly number[]) => SLICES / median(all);
      const shown = (all: readonly number[]) =>
        `${rate(all).toFixed(0)}/s (${(bytes / median(all) / 1e6).toFixed(0)} MB/s)`;
      console.log(`\nto ${name}, load ${load()}`);
      console.log(`  ours            ${shown(times.ours)}; with the start of Node ${shown(times.program)}`);
      console.log(`  dcmsend         ${shown(times.dcmsend)}`);
      console.log(
        `  ours / dcmsend  ${(rate(times.ours) / rate(times.dcmsend)).toFixed(2)}; whole programs ${(rate(times.program) / rate(times.dcmsend)).toFixed(2)}`,
      );
      console.log(`  from one request to the next ${((1000 * median(times.ours)) / SLICES).toFixed(2)} ms`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function receivers(stores: string): (readonly [name: string, start: () => Promise<Server>])[] {
  return [
    ['our receiver', () => ours(stores)],
    ...(hasProgram('storescp') ? [['storescp +B -pdu 131072', () => storescp(stores)] as const] : []),
  ];
}

/** Our SCU in a process of its own. */
export async function sendOurs(folder: string, { AETitle, port }: Server): Promise<SentByUs> {
  const args = [join(import.meta.dirname, 'our-sender.ts'), folder, String(port), AETitle];
  const sent = JSON.parse((await run(process.execPath, args)).stdout) as SentByUs;
  if (sent.failures > 0) throw new Error(`${AETitle} refused ${sent.failures} instances`);
  return sent;
}

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
