import { type ChildProcess, fork, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sendInstances } from '../../dicom/net/storage-scu.ts';
import { type RunDetail, StudyDetail } from '../../domain/contract/worklist.ts';
import { AppError } from '../../domain/errors.ts';
import { EndState } from '../../domain/run.ts';
import { pinoLog } from '../../observability/pino-log.ts';
import { prometheusMetrics } from '../../observability/prometheus-metrics.ts';
import { type DemoPacs, startDemoPacs } from '../demo/demo-pacs.ts';
import { findingsTable, stagesTable } from '../demo/demo-report.ts';
import { compare, readGroundTruth } from '../demo/ground-truth.ts';
import { freePort } from '../ports.ts';
import { collect } from './send.ts';

const ROOT = join(import.meta.dirname, '../../..');
const SAMPLE = join(ROOT, 'dicom-samples/chest-phantom');
/** The floor model must find what it is made for. */
const MUST_FIND_MM = 8;
const ANALYSIS_MINUTES = 10;

/** The main job on a sample: real processes, real associations. Ends by itself with `--once` or without a terminal. */
export async function demoCommand({ once }: { once: boolean }): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());
  const dataDir = resolve(process.env.DATA_DIR ?? join(ROOT, 'data/demo'));
  await fresh(dataDir);
  await buildViewer();

  const context = { log: pinoLog('warn', 'demo'), metrics: prometheusMetrics(), signal: stop.signal };
  const pacs = await startDemoPacs(context, dataDir);
  say(`PACS: ${pacs.description}`);
  const serve = await startServe(dataDir, pacs);
  try {
    const complete = await runDemo(serve.url, serve.dimsePort, pacs, stop.signal);
    if (!once && process.stdout.isTTY && !stop.signal.aborted) {
      say('\nStays up until Ctrl-C.');
      await new Promise<void>((done) => stop.signal.addEventListener('abort', () => done()));
    } else if (!complete) process.exitCode = 1;
  } finally {
    say('Stopping; the data stays in place.');
    await serve.stop();
    await pacs.stop();
  }
}

/** A demo always starts empty, so that what it shows happened now. Only a folder that a demo made is emptied. */
async function fresh(dataDir: string): Promise<void> {
  const mark = join(dataDir, '.overread-demo');
  if (existsSync(dataDir) && !existsSync(mark))
    throw new AppError('CONFIG_INVALID', `${dataDir} exists and was not made by a demo: choose another DATA_DIR`);
  await rm(dataDir, { recursive: true, force: true });
  await mkdir(dataDir, { recursive: true });
  await writeFile(mark, 'Made by `overread demo`, emptied by the next one.\n');
}

async function buildViewer(): Promise<void> {
  if (existsSync(join(ROOT, 'viewer/dist/index.html'))) return;
  const vite = join(ROOT, 'node_modules/vite/bin/vite.js');
  if (!existsSync(vite)) return say('The viewer is not built and Vite is not installed (--omit=dev): no screens.');
  say('Building the viewer (once) ...');
  const child = spawn(process.execPath, [vite, 'build', '--logLevel', 'error'], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const code = await new Promise<number | null>((done) => child.once('exit', done));
  if (code !== 0) throw new AppError('CONFIG_INVALID', 'the viewer could not be built: see the lines above');
}

interface Serve {
  readonly url: string;
  readonly dimsePort: number;
  stop(): Promise<void>;
}

async function startServe(dataDir: string, pacs: DemoPacs): Promise<Serve> {
  const [dimsePort, httpPort] = [await freePort(11_112), await freePort(8080)];
  const env = {
    ...process.env,
    DATA_DIR: dataDir,
    DIMSE_HOST: '127.0.0.1',
    DIMSE_PORT: String(dimsePort),
    HTTP_PORT: String(httpPort),
    PACS: `${pacs.AETitle}@127.0.0.1:${pacs.port}`,
    LOG_LEVEL: process.env.LOG_LEVEL ?? 'warn',
  };
  say('Starting database, receiver, worker and web server ...');
  const child = fork(join(ROOT, 'services/main/cli.ts'), ['serve'], {
    env,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    detached: true,
  });
  await new Promise<void>((ready, reject) => {
    child.once('message', () => ready());
    child.once('exit', (code) =>
      reject(new AppError('CONFIG_INVALID', `overread serve ended with code ${code}: see the lines above`)),
    );
  });
  return { url: `http://127.0.0.1:${httpPort}`, dimsePort, stop: () => ended(child) };
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((done) => {
    if (child.exitCode !== null || child.signalCode !== null) return done();
    child.once('exit', () => done());
    child.kill('SIGTERM');
  });
}

/** Sends, waits, prints; true when every nodule that must be found was, and the report is at the PACS. */
async function runDemo(url: string, dimsePort: number, pacs: DemoPacs, signal: AbortSignal): Promise<boolean> {
  const truth = await readGroundTruth(SAMPLE);
  const { instances } = await collect([SAMPLE]);
  say(`Sending ${instances.length} images to OVERREAD@127.0.0.1:${dimsePort} ...`);
  const sentAt = performance.now();
  const results = await sendInstances({ AETitle: 'OVERREAD', host: '127.0.0.1', port: dimsePort }, 'DEMO', instances);
  const refused = results.find(({ taken }) => !taken);
  if (refused !== undefined) throw new AppError('PACS_REFUSED', `an image was not taken: ${refused.error}`);
  const received = (performance.now() - sentAt) / 1000;

  say('Waiting for the analysis ...');
  const run = await untilEnded(url, truth.StudyInstanceUID, signal);
  if (run === undefined) return false;
  const waitedFrom = performance.now();
  const arrived = run.SRSOPInstanceUID !== null && (await untilHeld(pacs, run.SRSOPInstanceUID, signal));
  const delivered = (performance.now() - waitedFrom) / 1000;

  const marks = run.findings.filter(({ score }) => score >= run.threshold);
  const comparison = compare(truth, marks);
  const missed = comparison.hits.filter(
    ({ nodule, finding }) => nodule.diameterMm >= MUST_FIND_MM && finding === undefined,
  );
  say(`\n${run.model.id} ${run.model.version}: ${run.state}, ${marks.length} marks at ${run.threshold}\n`);
  say(findingsTable(comparison));
  say(`\n${stagesTable(run, received, delivered)}`);
  say(`\nReport: ${arrived ? 'arrived at' : 'NOT at'} ${pacs.description}`);
  say(`Viewer: ${url}/study/${truth.StudyInstanceUID}`);
  say(run.banner);
  if (missed.length > 0) say(`FAILED: ${missed.length} planted nodules of ${MUST_FIND_MM} mm or more were missed`);
  return arrived && missed.length === 0;
}

async function untilEnded(url: string, StudyInstanceUID: string, signal: AbortSignal): Promise<RunDetail | undefined> {
  const until = Date.now() + ANALYSIS_MINUTES * 60_000;
  for (let shown = ''; Date.now() < until && !signal.aborted; await sleep(250)) {
    const response = await fetch(`${url}/api/studies/${StudyInstanceUID}`);
    if (!response.ok) continue;
    const { study, runs } = StudyDetail.parse(await response.json());
    const run = runs.at(0);
    const now = run?.state ?? (study.receiving ? 'RECEIVING' : 'COMPLETE');
    if (now !== shown) say(`  ${now.toLowerCase()}`);
    shown = now;
    if (run !== undefined && EndState.safeParse(run.state).success) return run;
  }
  if (!signal.aborted) throw new AppError('ANALYZER_DEADLINE', `no result within ${ANALYSIS_MINUTES} minutes`);
  return undefined;
}

async function untilHeld(pacs: DemoPacs, SOPInstanceUID: string, signal: AbortSignal): Promise<boolean> {
  for (const until = Date.now() + 60_000; Date.now() < until && !signal.aborted; await sleep(100))
    if (await pacs.holds(SOPInstanceUID)) return true;
  return false;
}

const say = (text: string): void => void process.stdout.write(`${text}\n`);
