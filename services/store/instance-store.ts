import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncDirectory } from './directory-sync.ts';
import { FreeSpace } from './free-space.ts';
import { InstanceFile, storeError } from './instance-file.ts';

export interface InstanceStoreOptions {
  readonly directory: string;
  /** Below this much free space nothing is taken. */
  readonly minFreeBytes: number;
  readonly maxInstanceBytes: number;
  /** Where files lie while they arrive, below `directory`; one for each process that writes. Default `incoming`. */
  readonly incomingFolder?: string;
  /** How the names of its folders begin, by which each process that writes knows its own. Default: with nothing. */
  readonly folderPrefix?: string;
  /** The same of processes that run no more: what they left is cleared up by this one. */
  readonly abandoned?: readonly AbandonedFolders[];
}

interface AbandonedFolders {
  readonly incomingFolder: string;
  readonly folderPrefix: string;
}

/** A folder of committed files, and when something was last put in or taken out, by the file system. */
interface CommittedFolder {
  readonly folder: string;
  readonly changedAtMs: number;
}

export interface InstanceStore {
  /** Begins an instance: `header` is what stands before the data set. No file exists until the first write. */
  create(header: Uint8Array): InstanceFile;
  /** Where the file of a stored path lies. */
  absolute(path: string): string;
  /** Removes a committed file that is not wanted after all; a missing one is no error. */
  remove(path: string): Promise<void>;
  /** At start: removes temporary files that an earlier process left in the same folder. Answers how many. */
  sweep(): Promise<number>;
  /** Is this a file of ours whose row is being written? It may get one until it is settled. */
  isUnsettled(path: string): boolean;
  /** Folders that this process, or earlier ones in its place, put files in. */
  committedFolders(): Promise<readonly CommittedFolder[]>;
  /** Paths of the files in one of them. */
  committedFiles(folder: string): Promise<readonly string[]>;
}

const FILES_PER_FOLDER = 1000;

/**
 * Instances as files — `DIRECTORY/<day>/<folder>/<uuid>.dcm`, `DIRECTORY/incoming/<uuid>` while they arrive.
 *
 * Names are ours: no value of the data is ever part of one. A folder is filled before the next is begun, so that
 * folders are made (and their parents synced) rarely, and concurrent syncs of one folder share a commit of its journal.
 */
export function instanceStore(options: InstanceStoreOptions): InstanceStore {
  const { directory, minFreeBytes, maxInstanceBytes, incomingFolder = 'incoming', folderPrefix = '' } = options;
  const { abandoned = [] } = options;
  const incoming = join(directory, incomingFolder);
  const folders = new FolderSequence(directory, folderPrefix);
  const unsettled = new Set<string>();
  const freeSpace = new FreeSpace(incoming, minFreeBytes);
  const absolute = (path: string) => join(directory, path);
  const made = { incoming: undefined as Promise<void> | undefined, isMade: false };
  const makeIncoming = () => {
    made.incoming ??= mkdir(incoming, { recursive: true }).then(
      () => {
        made.isMade = true;
      },
      (error: unknown) => {
        made.incoming = undefined;
        throw storeError(error);
      },
    );
    return made.incoming;
  };
  return {
    absolute,
    create: (header) =>
      new InstanceFile(
        {
          temporary: join(incoming, randomUUID()),
          maxBytes: maxInstanceBytes,
          ready: (bytes) => (made.isMade ? freeSpace.check(bytes) : makeIncoming().then(() => freeSpace.check(bytes))),
          claim: async () => {
            const folder = await folders.next();
            const path = join(folder, `${randomUUID()}.dcm`);
            unsettled.add(path);
            const settle = () => void unsettled.delete(path);
            return { path, absolute: absolute(path), settle };
          },
        },
        header,
      ),
    remove: async (path) => {
      await unlink(absolute(path)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw storeError(error);
      });
    },
    sweep: async () => {
      await makeIncoming();
      const others = abandoned.map((one) => emptied(join(directory, one.incomingFolder)));
      const removed = await Promise.all([emptied(incoming), ...others]);
      return removed.reduce((sum, files) => sum + files, 0);
    },
    isUnsettled: (path) => unsettled.has(path),
    committedFolders: () => foldersBelow(directory, [folderPrefix, ...abandoned.map((one) => one.folderPrefix)]),
    committedFiles: async (folder) => (await readdir(join(directory, folder))).map((name) => join(folder, name)),
  };
}

/** Removes the files in a folder, where there is one; answers how many. */
async function emptied(folder: string): Promise<number> {
  const left = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  await Promise.all(left.map((name) => rm(join(folder, name), { force: true })));
  return left.length;
}

async function foldersBelow(directory: string, prefixes: readonly string[]): Promise<readonly CommittedFolder[]> {
  const days = (await readdir(directory)).filter((name) => /^\d{8}$/.test(name));
  const own = new RegExp(`^(?:${prefixes.join('|')})[\\da-f]{8}$`);
  const found: CommittedFolder[] = [];
  for (const day of days) {
    for (const name of (await readdir(join(directory, day))).filter((each) => own.test(each))) {
      const folder = join(day, name);
      found.push({ folder, changedAtMs: (await stat(join(directory, folder))).mtimeMs });
    }
  }
  return found;
}

/** Hands out folders that exist durably: made, and their parents synced, before a file is put in. */
class FolderSequence {
  readonly #directory: string;
  readonly #prefix: string;
  #current: Promise<string> | undefined;
  #used = 0;

  constructor(directory: string, prefix: string) {
    this.#directory = directory;
    this.#prefix = prefix;
  }

  /** The folder for the next file, relative to the store. */
  next(): Promise<string> {
    if (this.#current === undefined || this.#used >= FILES_PER_FOLDER) {
      this.#used = 0;
      const made = this.#make();
      this.#current = made;
      // A folder that could not be made is not remembered: the next instance tries again.
      made.catch(() => {
        if (this.#current === made) this.#current = undefined;
      });
    }
    this.#used += 1;
    return this.#current;
  }

  async #make(): Promise<string> {
    const day = new Date().toISOString().slice(0, 10).replaceAll('-', '');
    const folder = join(day, `${this.#prefix}${randomUUID().slice(0, 8)}`);
    const path = join(this.#directory, folder);
    try {
      await mkdir(path, { recursive: true });
      // From the new folder's parent up to the store's own parent: each may hold a new entry.
      for (const parent of [dirname(path), this.#directory, dirname(this.#directory)]) await syncDirectory(parent);
    } catch (error) {
      throw storeError(error);
    }
    return folder;
  }
}
