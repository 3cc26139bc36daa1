import { randomBytes, randomInt } from 'node:crypto';
import { chmod, open, readFile, rename } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { AppError } from '../../domain/errors.ts';

/** What the folder remembers about its server: readable by its owner only. */
export interface ServerSettings {
  readonly port: number;
  readonly password: string;
}

/** Below the ephemeral ports, so that no outgoing connection takes it while we are down. */
const FIRST_PORT = 20_000;
const LAST_PORT = 32_000;

/** The settings of the last start; the port chosen anew when something else has taken it since. */
export async function serverSettings(dataDir: string): Promise<ServerSettings> {
  const file = join(dataDir, 'database.json');
  const known = await readSettings(file);
  if (known !== undefined && (await isFree(known.port))) return known;
  const settings = { port: await freePort(), password: known?.password ?? randomBytes(24).toString('base64url') };
  await writeSettings(file, settings);
  return settings;
}

/** Those of a server that runs or ran here; `undefined` for a folder without one. */
export const knownSettings = (dataDir: string): Promise<ServerSettings | undefined> =>
  readSettings(join(dataDir, 'database.json'));

async function readSettings(file: string): Promise<ServerSettings | undefined> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new AppError('CONFIG_INVALID', `Cannot read ${file}`, {}, error);
  });
  if (text === undefined) return undefined;
  const { port, password } = parse(text, file);
  if (typeof port !== 'number' || typeof password !== 'string' || password === '') throw damaged(file);
  return { port, password };
}

function parse(text: string, file: string): { readonly port?: unknown; readonly password?: unknown } {
  try {
    return JSON.parse(text) ?? {};
  } catch (error) {
    throw damaged(file, error);
  }
}

const damaged = (file: string, cause?: unknown): AppError =>
  new AppError('CONFIG_INVALID', `${file} is damaged: restore it from the backup of this folder`, {}, cause);

async function writeSettings(file: string, settings: ServerSettings): Promise<void> {
  const partial = `${file}.new`;
  const handle = await open(partial, 'w', 0o600);
  await handle.writeFile(`${JSON.stringify(settings)}\n`);
  await handle.sync();
  await handle.close();
  await chmod(partial, 0o600);
  await rename(partial, file);
}

async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = randomInt(FIRST_PORT, LAST_PORT);
    if (await isFree(port)) return port;
  }
  throw new AppError('DATABASE_UNAVAILABLE', `No free port between ${FIRST_PORT} and ${LAST_PORT}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
