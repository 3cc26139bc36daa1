import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const REPOSITORY = join(import.meta.dirname, '../..');
/** Where `npm run build` leaves it, and from where a whole Overread serves it. */
const IN_PLACE = join(REPOSITORY, 'viewer/dist');
const SOURCES = ['viewer', 'services', 'vite.config.ts', 'package-lock.json'];

export interface BuiltViewer {
  readonly folder: string;
  /** Removes what was built for this test alone. */
  remove(): void;
}

/** The viewer as `npm run build` makes it: that in place when nothing has changed since, else built into a folder of its own. */
export async function builtViewer(): Promise<BuiltViewer> {
  if (isFresh()) return { folder: IN_PLACE, remove: () => {} };
  const folder = mkdtempSync(join(tmpdir(), 'overread-viewer-'));
  await build('--outDir', folder, '--emptyOutDir');
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The same where a whole Overread serves it from. */
export async function buildInPlace(): Promise<void> {
  if (!isFresh()) await build();
}

async function build(...options: readonly string[]): Promise<void> {
  const vite = join(REPOSITORY, 'node_modules/vite/bin/vite.js');
  const env = { NODE_ENV: 'production' };
  await promisify(execFile)(process.execPath, [vite, 'build', ...options], { cwd: REPOSITORY, env });
}

/** Is what was built newer than everything it is made of? After `npm test` has begun it is; the rest is for a test run alone. */
function isFresh(): boolean {
  const built = changedAt(join(IN_PLACE, 'index.html'));
  return built > 0 && SOURCES.every((source) => newestIn(join(REPOSITORY, source)) < built);
}

/** Of a folder also when an entry was taken away; 0 when there is none. */
const changedAt = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

function newestIn(path: string): number {
  const status = statSync(path, { throwIfNoEntry: false });
  if (!status?.isDirectory()) return status?.mtimeMs ?? 0;
  const entries = readdirSync(path).filter((name) => join(path, name) !== IN_PLACE);
  const own = path === join(REPOSITORY, 'viewer') ? 0 : status.mtimeMs;
  return Math.max(own, ...entries.map((name) => newestIn(join(path, name))));
}
