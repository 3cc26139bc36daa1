import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { AppError } from '../../domain/errors.ts';

const run = promisify(execFile);
const NAME = 'postgres';

/** The account the server runs as when we are root, for PostgreSQL refuses to be. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Who the server must run as: nobody else when we are not root, else the owner of the data there is, else the account
 * `postgres`, made when the machine has none.
 *
 * @throws {AppError} CONFIG_INVALID when the data belongs to another account than ours, or none can be made.
 */
export async function serverAccount(cluster: string): Promise<Account | undefined> {
  const owner = await stat(join(cluster, 'PG_VERSION')).catch(() => undefined);
  const ourUid = process.getuid?.();
  if (ourUid !== 0) {
    if (owner === undefined || owner.uid === ourUid) return undefined;
    throw new AppError(
      'CONFIG_INVALID',
      `${cluster} belongs to the account with uid ${owner.uid}: start Overread by that account or by root`,
    );
  }
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  return (await named()) ?? (await created());
}

async function named(): Promise<Account | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', NAME]), run('id', ['-g', NAME])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}

async function created(): Promise<Account> {
  try {
    await run('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', NAME]);
  } catch (error) {
    throw new AppError(
      'CONFIG_INVALID',
      `PostgreSQL does not run as root, and the account "${NAME}" could not be made: make it, start Overread by another account, or set DATABASE_URL`,
      {},
      error,
    );
  }
  const account = await named();
  if (account === undefined) throw new AppError('CONFIG_INVALID', `The account "${NAME}" cannot be found`);
  return account;
}

/** The folder nearest to the root, `folder` itself included, that the account may not enter. */
export async function closedFolder(folder: string, { uid, gid }: Account): Promise<string | undefined> {
  const above: string[] = [];
  for (let at = resolve(folder); ; at = dirname(at)) {
    above.unshift(at);
    if (at === dirname(at)) break;
  }
  for (const each of above) {
    const found = await stat(each);
    const enter = found.uid === uid ? 0o100 : found.gid === gid ? 0o010 : 0o001;
    if ((found.mode & enter) === 0) return each;
  }
  return undefined;
}
