import { existsSync } from 'node:fs';
import { access, constants, mkdir, statfs } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Config, loadConfig } from '../../config.ts';
import { loadModel } from '../../detection/load-model.ts';
import { diagnoseError } from '../../dicom/net/diagnose-error.ts';
import { echo } from '../../dicom/net/verification-scu.ts';
import { Health } from '../../domain/contract/system.ts';
import { diagnosisWords } from '../../domain/diagnosis.ts';
import { AppError } from '../../domain/errors.ts';
import type { ModelState } from '../../domain/model.ts';
import { pinoLog } from '../../observability/pino-log.ts';
import { connect } from '../../store/connect.ts';
import { modelStore } from '../../store/model-store.ts';
import { addressOf, ourTitleFor, resultPeers } from '../destinations.ts';
import { modelsFolder } from '../models.ts';
import { loadPeers } from '../peers.ts';
import { isFree } from '../ports.ts';
import { endOfCertificate, loadTlsIdentity } from '../tls-identity.ts';
import { databaseUrl } from './switch-model.ts';

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

const MB = 1024 * 1024;

/** Checks machine and settings one by one; exit code 1 when one fails. Starts and changes nothing. */
export async function doctorCommand({ gpu }: { readonly gpu: boolean }): Promise<void> {
  const config = loadConfig(process.env);
  if (gpu) return gpuDoctor(config);
  const steps: readonly [string, () => Promise<string>][] = [
    ['Node', async () => node()],
    ['data folder', () => dataFolder(config)],
    ['disk space', () => diskSpace(config)],
    ['database', () => database(config)],
    ['DICOM port', () => dicomPort(config)],
    ['web port', () => webPort(config)],
    ...config.MODELS.map((id): [string, () => Promise<string>] => [`model ${id}`, () => model(config, id)]),
    ['viewer', async () => viewer()],
    ['peers', () => peers(config)],
    ...(await receivers(config)).map(({ called, us, peer }): [string, () => Promise<string>] => [
      `PACS ${called.AETitle}`,
      async () => {
        await echo(peer(), us, { timeoutSeconds: 5 }).catch((error: unknown) => {
          throw new Error(diagnosed(error, { us, ...called }));
        });
        return `${called.host}:${called.port} answers C-ECHO`;
      },
    ]),
  ];
  const checks: Check[] = [];
  for (const [name, step] of steps) {
    const check = await step().then(
      (detail) => ({ name, ok: true, detail }),
      (error: unknown) => ({ name, ok: false, detail: error instanceof Error ? error.message : String(error) }),
    );
    process.stdout.write(`${check.ok ? 'ok    ' : 'FAILED'}  ${name.padEnd(18)} ${check.detail}\n`);
    checks.push(check);
  }
  if (!steps.some(([name]) => name.startsWith('PACS ')))
    process.stdout.write('note    no PACS is set: results are kept here (setting PACS)\n');
  if (checks.some(({ ok }) => !ok)) process.exitCode = 1;
}

/** The file of peers and the certificate of this node are right. */
async function peers(config: Config): Promise<string> {
  const [table, identity] = [await loadPeers(config), await loadTlsIdentity(config)];
  const certificate =
    identity === undefined ? 'no TLS' : `certificate holds until ${endOfCertificate(identity).toISOString()}`;
  return `${table.peers.length} in the table, strangers: ${table.unknown}; ${certificate}`;
}

/** Who gets results; nobody where the table is wrong, which is a step of its own. */
async function receivers(config: Config) {
  const loaded = await Promise.all([loadPeers(config), loadTlsIdentity(config)]).catch((error: unknown) => {
    if (error instanceof AppError) return undefined;
    throw error;
  });
  if (loaded === undefined) return [];
  const [table, identity] = loaded;
  return resultPeers(table, config).map((called) => ({
    ...{ called, us: ourTitleFor(table, called) },
    peer: () => addressOf(called, identity),
  }));
}

/** In a sentence, and what to write to the other side. */
function diagnosed(error: unknown, called: Parameters<typeof diagnoseError>[2]): string {
  const { sentence, request } = diagnosisWords(diagnoseError(error, 'C-ECHO', called));
  return `${sentence}\n        ${''.padEnd(18)} → ${request}`;
}

/** Of the first model of the settings: which cards run it. Exit code 1 when none does. */
async function gpuDoctor(config: Config): Promise<void> {
  const [id = 'lung-nodule-ct'] = config.MODELS;
  const runs = await (await import('./doctor-gpu.ts')).doctorGpu(config, join(modelsFolder(config), id));
  if (!runs) process.exitCode = 1;
}

function node(): string {
  const major = Number(process.versions.node.split('.')[0]);
  if (major !== 24)
    throw new Error(`Node ${process.versions.node}: start through \`npm run\` or ./overread, which use Node 24`);
  return process.versions.node;
}

async function dataFolder(config: Config): Promise<string> {
  const directory = resolve(config.DATA_DIR);
  await mkdir(directory, { recursive: true });
  await access(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  return directory;
}

async function diskSpace(config: Config): Promise<string> {
  const { bavail, bsize } = await statfs(resolve(config.DATA_DIR));
  const freeMb = Math.floor((bavail * bsize) / MB);
  if (freeMb < config.MIN_FREE_DISK_MB)
    throw new Error(`${freeMb} MB free, instances are refused below MIN_FREE_DISK_MB=${config.MIN_FREE_DISK_MB}`);
  return `${freeMb} MB free`;
}

async function database(config: Config): Promise<string> {
  if (config.DATABASE_URL === undefined) return 'embedded, started by `overread serve`';
  const store = await connect(config.DATABASE_URL, pinoLog('silent', 'doctor'));
  await store.close();
  return 'the server of DATABASE_URL answers and is safe';
}

async function dicomPort(config: Config): Promise<string> {
  if (config.DIMSE_PORT === 0) return 'closed in plaintext (DIMSE_PORT=0)';
  if (await isFree(config.DIMSE_PORT)) return `${config.DIMSE_PORT} is free`;
  const peer = { AETitle: config.AE_TITLE, host: '127.0.0.1', port: config.DIMSE_PORT };
  await echo(peer, 'DOCTOR', { timeoutSeconds: 5 }).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`${config.DIMSE_PORT} is taken, and not by ${config.AE_TITLE}: ${why}`);
  });
  return `${config.AE_TITLE} answers on ${config.DIMSE_PORT}`;
}

async function webPort(config: Config): Promise<string> {
  if (await isFree(config.HTTP_PORT)) return `${config.HTTP_PORT} is free`;
  const url = `http://127.0.0.1:${config.HTTP_PORT}/api/health`;
  const response = await fetch(url, { signal: AbortSignal.timeout(5000) }).catch(() => undefined);
  if (response === undefined) throw new Error(`${config.HTTP_PORT} is taken by another program`);
  const { success, data } = Health.safeParse(await response.json().catch(() => undefined));
  if (!success) throw new Error(`${config.HTTP_PORT} is taken by another program`);
  const failed = Object.entries(data.checks).filter(([, { ok }]) => !ok);
  if (failed.length > 0) throw new Error(failed.map(([name, { detail }]) => `${name}: ${detail}`).join('; '));
  return `Overread answers on ${config.HTTP_PORT} (health ${data.status})`;
}

async function model(config: Config, id: string): Promise<string> {
  const { manifest, modelHash } = await loadModel(join(modelsFolder(config), id));
  const state = await stateOf(config, id);
  const words = `${manifest.version}, hash ${modelHash.slice(0, 12)}`;
  if (state === undefined) return words;
  if (state.status === 'FAILED' && state.hash === modelHash) throw new Error(`${words}: disabled: ${state.problem}`);
  if (state.status === 'SWITCHED_OFF') throw new Error(`${words}: switched off; \`overread model enable ${id}\``);
  const { check } = state;
  return check ? `${words}, ran on ${check.provider}, ${check.selfTest?.detail ?? 'no self test'}` : words;
}

/** What the tables know, when the database answers. */
async function stateOf(config: Config, id: string): Promise<ModelState | undefined> {
  try {
    const store = await connect(await databaseUrl(config), pinoLog('silent', 'doctor'));
    try {
      return (await modelStore(store).modelStates()).find((state) => state.id === id);
    } finally {
      await store.close();
    }
  } catch {
    return undefined; // the line of the database says why
  }
}

function viewer(): string {
  if (!existsSync(join(import.meta.dirname, '../../../viewer/dist/index.html')))
    throw new Error('not built: run `npm run build`');
  return 'built';
}
