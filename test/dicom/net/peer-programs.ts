import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { DCMJS_DIMSE_FOLDER, PYNETDICOM_PYTHON } from '../../support/fetched-peers.ts';

/** Services of other toolkits, as programs that speak JSON: a command, what is given to it, and lines of what happened. */
const run = promisify(execFile);
const python = [PYNETDICOM_PYTHON, join(import.meta.dirname, 'pynetdicom-services.py')];
const node = [process.execPath, join(import.meta.dirname, 'entries/dcmjs-dimse.ts'), DCMJS_DIMSE_FOLDER];

export const pynetdicom = (command: string, given: unknown) => answerOf(python, command, given);
export const pynetdicomScp = (given: unknown) => startedScp(python, given);
export const dcmjsDimse = (command: string, given: unknown) => answerOf(node, command, given);
export const dcmjsDimseScp = (given: unknown) => startedScp(node, given);

/** Its last line, parsed. */
async function answerOf(
  [program = '', ...args]: readonly string[],
  command: string,
  given: unknown,
): Promise<Record<string, unknown>> {
  const { stdout } = await run(program, [...args, command, JSON.stringify(given)]);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

/** A commitment SCP; resolves when it listens. What it says is kept. */
async function startedScp([program = '', ...args]: readonly string[], given: unknown) {
  const child = spawn(program, [...args, 'serve', JSON.stringify(given)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const said: unknown[] = [];
  const ready = Promise.withResolvers<void>();
  createInterface(child.stdout).on('line', (line) => {
    said.push(JSON.parse(line));
    ready.resolve();
  });
  child.once('exit', () => ready.reject(new Error(`${program} ended`)));
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
