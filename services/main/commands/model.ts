import { randomUUID } from 'node:crypto';
import { join, resolve } from 'node:path';
import { type Config, loadConfig } from '../../config.ts';
import { analyzerPool } from '../../detection/analyzer-pool.ts';
import { importModel } from '../../detection/import/import-model.ts';
import { loadModel } from '../../detection/load-model.ts';
import { type ModelFinding, validatePackage } from '../../detection/validate-model.ts';
import { AppError } from '../../domain/errors.ts';
import type { ModelCheck, Provider } from '../../domain/model.ts';
import { pinoLog } from '../../observability/pino-log.ts';
import { modelsFolder } from '../models.ts';
import { inspection } from './inspect-model.ts';
import type { ModelImportOptions, ModelTestOptions } from './model-options.ts';

/** Prints each check, and every problem of each; exit code 1 when there is one. */
export async function validateCommand(name: string): Promise<void> {
  const config = loadConfig(process.env);
  const directory = packageFolder(config, name);
  const findings = await validatePackage(directory);
  findings.forEach(printFinding);
  const isSound = findings.every(({ problems }) => problems.length === 0);
  const loading = isSound ? await loadingFinding(config, directory) : undefined;
  if (loading) printFinding(loading);
  if (!isSound || loading?.problems.length !== 0) process.exitCode = 1;
}

async function loadingFinding(config: Config, directory: string): Promise<ModelFinding> {
  try {
    const { provider, passedOver } = await checkModel(config, directory, { selfTest: false });
    const others = passedOver.map(({ provider: other }) => `, not on ${other}`).join('');
    return { check: `loads on ${provider}${others}`, problems: [] };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { check: 'loads', problems: [whyNot(error)] };
  }
}

function printFinding({ check, problems }: ModelFinding): void {
  process.stdout.write(`${problems.length === 0 ? 'ok    ' : 'FAILED'}  ${check}\n`);
  for (const problem of problems) process.stdout.write(`          ${problem}\n`);
}

/** Runs the known-answer test; exit code 1 when it fails or there is none. */
export async function selfTestCommand(name: string, { provider, json }: ModelTestOptions): Promise<void> {
  const config = loadConfig(process.env);
  const check = await checkModel(config, packageFolder(config, name), {
    selfTest: true,
    ...(provider && { providers: provider }),
  });
  if (json) process.stdout.write(`${JSON.stringify(check)}\n`);
  else printCheck(check);
  if (check.selfTest?.passed !== true) process.exitCode = 1;
}

function printCheck({ provider, precision, passedOver, selfTest }: ModelCheck): void {
  for (const { provider: other, detail } of passedOver) process.stdout.write(`note    not on ${other}: ${detail}\n`);
  process.stdout.write(`ok      runs on ${provider}, ${precision}\n`);
  if (selfTest === null) process.stdout.write('FAILED  the manifest has no selfTest\n');
  else
    process.stdout.write(
      `${selfTest.passed ? 'ok    ' : 'FAILED'}  self test: ${selfTest.detail} (${selfTest.seconds.toFixed(1)} s)\n`,
    );
}

/** Writes the draft of a package and says what a person must still fill in. */
export async function importCommand(source: string, { id, out }: ModelImportOptions): Promise<void> {
  const directory = join(out === undefined ? modelsFolder(loadConfig(process.env)) : resolve(out), id);
  const { source: from, open, assumed } = await importModel(resolve(source), id, directory);
  const lines = [
    `${directory}: a draft from ${from}. It does not load before these are filled in:`,
    ...open.map((path) => `  ${path}`),
    'Assumed, to be checked:',
    ...assumed.map((sentence) => `  ${sentence}`),
    '  runtime.estimate, accepts, the threshold, and a selfTest with known lesions',
    `Then: overread model validate ${directory}`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

export async function inspectCommand(name: string, json: boolean): Promise<void> {
  const config = loadConfig(process.env);
  const isFile = name.endsWith('.onnx');
  const path = isFile ? resolve(name) : packageFolder(config, name);
  const probe = isFile ? undefined : await checkModel(config, path, { selfTest: false }).catch(() => undefined);
  const { facts, text } = await inspection(path, isFile, probe);
  process.stdout.write(json ? `${JSON.stringify(facts)}\n` : text);
}

/** An id names a folder below MODELS_DIR; with a slash it is a path. */
export const packageFolder = (config: Config, name: string): string =>
  name.includes('/') ? resolve(name) : join(modelsFolder(config), name);

/** Loads a model in an analyzer, which may crash. @throws {AppError} */
export async function checkModel(
  config: Config,
  directory: string,
  wanted: { readonly selfTest: boolean; readonly providers?: readonly Provider[] },
): Promise<ModelCheck> {
  const { modelHash } = await loadModel(directory);
  const pool = analyzerPool({
    size: 1,
    deadlineSeconds: config.ANALYSIS_DEADLINE_SECONDS,
    memoryMb: config.ANALYSIS_MEMORY_MB,
    threads: config.INFERENCE_THREADS,
    entry: join(import.meta.dirname, '../analyzer.ts'),
    log: pinoLog('silent', 'model'),
  });
  const { selfTest, providers = [] } = wanted;
  const request = { id: randomUUID(), modelDirectory: directory, modelHash, providers: [...providers], selfTest };
  try {
    return await pool.check(request, new AbortController().signal);
  } finally {
    await pool.close();
  }
}

/** What an analyzer says of a model that it cannot use. */
function whyNot({ message, detail }: AppError): string {
  return detail.reason === 'MODEL_DISABLED' ? String(detail.detail ?? message) : message;
}
