import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { PYNETDICOM_PYTHON } from '../../support/fetched-peers.ts';

const SCRIPT = join(import.meta.dirname, 'pynetdicom-services.py');
const run = promisify(execFile);

/** Runs one command of the script; its last line, parsed. */
export async function pynetdicom(command: string, given: unknown): Promise<Record<string, unknown>> {
  const { stdout } = await run(PYNETDICOM_PYTHON, [SCRIPT, command, JSON.stringify(given)]);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

/** Starts its commitment SCP; resolves when it listens. What it says is kept. */
export async function pynetdicomScp(given: unknown) {
  const child = spawn(PYNETDICOM_PYTHON, [SCRIPT, 'serve', JSON.stringify(given)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const said: unknown[] = [];
  const ready = Promise.withResolvers<void>();
  createInterface(child.stdout).on('line', (line) => {
    said.push(JSON.parse(line));
    ready.resolve();
  });
  child.once('exit', () => ready.reject(new Error('pynetdicom ended')));
  await ready.promise;
  return {
    said,
    stop: () =>
      new Promise<void>((resolve) => {
        child.removeAllListeners('exit');
        child.once('exit', () => resolve());
        child.kill('SIGTERM');
      }),
  };
}
