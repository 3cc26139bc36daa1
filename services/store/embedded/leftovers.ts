import { execFile } from 'node:child_process';
import { readdir, readFile, readlink, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Log } from '../../domain/context.ts';
import { AppError } from '../../domain/errors.ts';

const run = promisify(execFile);

/**
 * Ends what a killed owner, or a killed postmaster, left running on this cluster, and removes its pid file.
 *
 * Only after the folder is locked: then any server on it is an orphan. A server is told by its working folder, which
 * is its cluster, so that a pid file whose number now belongs to a stranger never costs the stranger its life.
 */
export async function stopLeftovers(cluster: string, log: Log): Promise<void> {
  const orphans = await serversOn(cluster);
  if (orphans.length > 0) log.warn('database.leftovers-ended', { processes: orphans.length });
  for (const { signal, seconds } of ESCALATION) {
    if (await signalUntilGone(cluster, signal, seconds)) {
      await rm(join(cluster, 'postmaster.pid'), { force: true });
      return;
    }
  }
  throw new AppError('DATA_DIR_IN_USE', `Processes of an earlier PostgreSQL on ${cluster} cannot be ended`);
}

/** Fast shutdown, immediate shutdown, then by force. Backends of a dead postmaster end by themselves meanwhile. */
const ESCALATION = [
  { signal: 'SIGINT', seconds: 30 },
  { signal: 'SIGQUIT', seconds: 10 },
  { signal: 'SIGKILL', seconds: 10 },
] as const;

async function signalUntilGone(cluster: string, signal: NodeJS.Signals, seconds: number): Promise<boolean> {
  const deadline = Date.now() + seconds * 1000;
  for (let first = true; Date.now() < deadline; first = false) {
    const pids = await serversOn(cluster);
    if (pids.length === 0) return true;
    if (first) for (const pid of pids) tell(pid, signal);
    await sleep(50);
  }
  return false;
}

function tell(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended in between.
  }
}

async function serversOn(cluster: string): Promise<number[]> {
  const folder = await realpath(cluster).catch(() => undefined);
  if (folder === undefined) return [];
  if (process.platform !== 'linux') return postmasterOf(folder);
  const entries = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    entries.map(async (pid) => {
      const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '');
      if (cwd !== folder || Number(pid) === process.pid) return [];
      const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      // `pid (name) state …`: a zombie has ended, its parent has not looked yet.
      return /^\d+ \(postgres\) [^ZX]/.test(status) ? [Number(pid)] : [];
    }),
  );
  return found.flat();
}

/** Where there is no /proc: the process that the pid file names, if it is a server started on this cluster. */
async function postmasterOf(cluster: string): Promise<number[]> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number.parseInt(text, 10);
  if (!(pid > 0)) return [];
  const { stdout } = await run('ps', ['-p', `${pid}`, '-o', 'command=']).catch(() => ({ stdout: '' }));
  return stdout.includes('postgres') && stdout.includes(`-D ${cluster} `) ? [pid] : [];
}
