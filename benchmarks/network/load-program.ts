import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hasProgram } from '../../test/support/programs.ts';

const run = promisify(execFile);

/** The load client in C that lies beside the design: a process per association, files mapped, one `writev` per message. */
const SOURCE = join(import.meta.dirname, '../../../shared/design/dicom-tools/fastscu.c');

export interface Sent {
  readonly instances: number;
  readonly bytes: number;
  readonly seconds: number;
}

export interface LoadProgram {
  readonly name: string;
  /** Sends every file of a folder, in turn over `associations`. @throws when one was not stored. */
  send(folder: string, to: { AETitle: string; port: number }, associations: number): Promise<Sent>;
}

/** Built into `folder`; where its source or a compiler is missing, the client of the tests takes its place and is named. */
export async function loadProgram(folder: string): Promise<LoadProgram> {
  if (!existsSync(SOURCE) || !hasProgram('cc')) return { name: 'sender.ts (no C client here)', send: sendWithNode };
  const program = join(folder, 'fastscu');
  await run('cc', ['-O2', '-o', program, SOURCE]);
  return {
    name: 'fastscu (C)',
    async send(slices, { AETitle, port }, associations) {
      const files = readdirSync(slices).map((name) => join(slices, name));
      const args = ['127.0.0.1', String(port), AETitle, String(associations), '0', ...files];
      const said = JSON.parse((await run(program, args)).stdout) as { n: number; s: number; MBps: number; rc: number };
      if (said.rc !== 0) throw new Error(`${AETitle} did not store everything`);
      return { instances: said.n, bytes: said.MBps * 1e6 * said.s, seconds: said.s };
    },
  };
}

async function sendWithNode(
  folder: string,
  to: { AETitle: string; port: number },
  associations: number,
): Promise<Sent> {
  const args = [join(import.meta.dirname, 'sender.ts'), folder, String(to.port), to.AETitle, String(associations), '1'];
  const sent = JSON.parse((await run(process.execPath, args)).stdout) as Sent & { failures: number };
  if (sent.failures > 0) throw new Error(`${to.AETitle} refused ${sent.failures} instances`);
  return sent;
}
