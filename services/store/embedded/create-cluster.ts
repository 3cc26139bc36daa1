import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { AppError } from '../../domain/errors.ts';
import { type Cluster, dyingWithUs, ENVIRONMENT, SUPERUSER } from './server-process.ts';

// Sorted by code points as in C, but with the upper and lower case of all scripts, by tables that the server brings along.
// biome-ignore format: an option a line
const INITDB_OPTIONS = [
  `--username=${SUPERUSER}`, '--pwfile=/dev/stdin', '--auth=scram-sha-256',
  '--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--data-checksums',
];

/**
 * Makes the cluster when there is none: beside its place first, so that a kill never leaves half of one there.
 *
 * @throws {AppError} DATABASE_UNAVAILABLE with the words of initdb.
 */
export async function createCluster(cluster: Cluster, password: string): Promise<void> {
  const { directory, account, binaries } = cluster;
  if (existsSync(join(directory, 'PG_VERSION'))) return;
  await removePartials(directory);
  const partial = `${directory}.new-${process.pid}`;
  await mkdir(partial, { mode: 0o700 });
  const secret = await unnamedFile(`${partial}.secret`, `${password}\n`);
  try {
    if (account !== undefined) {
      await secret.chown(account.uid, account.gid);
      const folder = await open(partial);
      await folder.chown(account.uid, account.gid);
      await folder.close();
    }
    const dataArgument = cluster.dataArgument === directory ? partial : cluster.dataArgument;
    const args = [...INITDB_OPTIONS, '-D', dataArgument];
    const initdb = spawn(...dyingWithUs('KILL', binaries.initdb, args), {
      ...account,
      cwd: partial,
      env: ENVIRONMENT,
      detached: true,
      stdio: [secret.fd, 'ignore', 'pipe'],
    });
    const ended = new Promise<boolean>((resolve) => {
      initdb.once('close', (code) => resolve(code === 0));
      initdb.once('error', () => resolve(false));
    });
    const words = initdb.stderr === null ? '' : await text(initdb.stderr).catch(() => '');
    if (!(await ended)) {
      throw new AppError('DATABASE_UNAVAILABLE', `The database cannot be created in ${directory}: ${words.trim()}`);
    }
  } finally {
    await secret.close();
  }
  await rename(partial, directory);
}

/** A file that only its open handle leads to: the password is on no disk path while initdb reads it. */
async function unnamedFile(path: string, content: string): Promise<FileHandle> {
  await writeFile(path, content, { mode: 0o600 });
  const handle = await open(path);
  await rm(path);
  return handle;
}

/** What a killed start left: never the cluster itself. */
async function removePartials(directory: string): Promise<void> {
  const names = await readdir(dirname(directory));
  const partials = names.filter((name) => name.startsWith(`${basename(directory)}.new-`));
  await Promise.all(partials.map((name) => rm(join(dirname(directory), name), { recursive: true, force: true })));
}
