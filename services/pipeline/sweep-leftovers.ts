import type { Context } from '../domain/context.ts';

export interface SweepPorts {
  committedFolders(): Promise<readonly { readonly folder: string; readonly changedAtMs: number }[]>;
  committedFiles(folder: string): Promise<readonly string[]>;
  /** May a row for this file still be written by this process? */
  isUnsettled(path: string): boolean;
  /** Those that no row names. */
  unnamedFiles(paths: readonly string[]): Promise<readonly string[]>;
  removeFile(path: string): Promise<void>;
  readonly graceMs: number;
  /** Milliseconds of a clock that nobody sets. */
  nowMs(): number;
}

/** A file system may note a change some milliseconds late. */
const SETTLED_AFTER_MS = 5000;

/**
 * A step, run again and again, that removes stored files which no row names: left by a process that was killed between
 * naming the file and its row, and never acknowledged.
 *
 * It removes a file only when it has itself seen it without a row in an earlier pass, `graceMs` before, and now again. Of
 * what this process is just storing it knows which files may still get a row; a statement that a killed process sent
 * before it died ends within the grace. The age that the file system tells is not asked: clocks are set.
 */
export function leftoverSweep(context: Context, ports: SweepPorts): () => Promise<void> {
  /** When each was first seen without a row. */
  const leftovers = new Map<string, number>();
  /** When folders were last changed in which every file has its row. */
  const clean = new Map<string, number>();

  /** Notes which files of a folder have no row now; answers those that had none long enough. */
  function due(folder: string, files: readonly string[], unnamed: ReadonlySet<string>): readonly string[] {
    const now = ports.nowMs();
    for (const path of files) if (!unnamed.has(path)) leftovers.delete(path);
    const found = [...unnamed].filter((path) => !leftovers.has(path));
    for (const path of found) leftovers.set(path, now);
    if (found.length > 0) context.log.warn('leftovers.found', { folder, files: found.length });
    return [...unnamed].filter((path) => now - (leftovers.get(path) ?? now) >= ports.graceMs);
  }

  async function remove(folder: string, paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      await ports.removeFile(path);
      leftovers.delete(path);
    }
    if (paths.length === 0) return;
    context.log.warn('leftovers.removed', { folder, files: paths.length });
    context.metrics.count('leftover_files_removed', paths.length);
  }

  async function sweepFolder(folder: string, changedAtMs: number): Promise<void> {
    const files = await ports.committedFiles(folder);
    // Asked before the index is: what is settled by now has its row by then, or never gets one.
    const settled = files.filter((path) => !ports.isUnsettled(path));
    const unnamed = new Set(await ports.unnamedFiles(settled));
    await remove(folder, due(folder, files, unnamed));
    const isQuiet = Date.now() - changedAtMs > SETTLED_AFTER_MS;
    if (unnamed.size === 0 && settled.length === files.length && isQuiet) clean.set(folder, changedAtMs);
  }

  return async () => {
    for (const { folder, changedAtMs } of await ports.committedFolders()) {
      if (context.signal.aborted) return;
      if (clean.get(folder) !== changedAtMs) await sweepFolder(folder, changedAtMs);
    }
  };
}
