import { lstat, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readPart10Meta } from '../../dicom/dataset/part10.ts';
import { type OutgoingInstance, sendInstances } from '../../dicom/net/storage-scu.ts';
import { AppError } from '../../domain/errors.ts';
import type { SendOptions } from './options.ts';

/** File meta information is small; a file whose head is not read within this is not Part 10. */
const HEAD_BYTES = 16_384;

/** Sends every Part 10 file; says what was refused and why. Exit code 1 when anything was not taken. */
export async function sendCommand(paths: readonly string[], { to, from, associations }: SendOptions): Promise<void> {
  const { instances, skipped } = await collect(paths);
  for (const file of skipped) process.stderr.write(`skipped, not a DICOM file: ${file}\n`);
  if (instances.length === 0) throw new AppError('BAD_REQUEST', 'none of the paths holds a DICOM file');

  const startedAt = performance.now();
  const counts = { done: 0 };
  const onResult = () => {
    counts.done += 1;
    progress(counts.done, instances.length);
  };
  const lanes = Array.from({ length: associations }, (_, lane) =>
    instances.filter((_instance, i) => i % associations === lane),
  ).filter((lane) => lane.length > 0);
  const results = (await Promise.all(lanes.map((lane) => sendInstances(to, from, lane, { onResult })))).flat();
  progressEnd();

  const failed = results.filter(({ taken }) => !taken);
  const seconds = (performance.now() - startedAt) / 1000;
  const bytes = instances.reduce((sum, { dataset }) => sum + (dataset instanceof Uint8Array ? 0 : dataset.length), 0);
  process.stdout.write(
    `${results.length - failed.length} of ${instances.length} instances taken by ${to.AETitle}@${to.host}:${to.port} in ${seconds.toFixed(1)} s (${(bytes / 1e6 / seconds).toFixed(0)} MB/s)\n`,
  );
  const reasons = Map.groupBy(failed, ({ error }) => error ?? 'no answer');
  for (const [reason, results] of reasons)
    process.stderr.write(
      `not taken: ${results.length} (${results[0]?.SOPInstanceUID}${results.length > 1 ? ', ...' : ''}): ${reason}\n`,
    );
  if (failed.length > 0) process.exitCode = 1;
}

/** Every Part 10 file below the paths; a path that does not exist is an error, another kind of file is skipped. */
export async function collect(
  paths: readonly string[],
): Promise<{ instances: readonly OutgoingInstance[]; skipped: readonly string[] }> {
  const instances: OutgoingInstance[] = [];
  const skipped: string[] = [];
  for (const file of await filesBelow(paths)) {
    const instance = await outgoing(file);
    if (instance === undefined) skipped.push(file);
    else instances.push(instance);
  }
  return { instances, skipped };
}

async function filesBelow(paths: readonly string[]): Promise<readonly string[]> {
  const files: string[] = [];
  for (const path of paths) {
    const kind = await stat(path).catch(() => undefined);
    if (kind === undefined) throw new AppError('BAD_REQUEST', `no such file or folder: ${path}`);
    if (!kind.isDirectory()) files.push(path);
    else
      for (const entry of (await readdir(path, { recursive: true })).toSorted()) {
        const file = join(path, entry);
        if ((await lstat(file)).isFile()) files.push(file);
      }
  }
  return files;
}

async function outgoing(file: string): Promise<OutgoingInstance | undefined> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const head = Buffer.alloc(Math.min(size, HEAD_BYTES));
    await handle.read(head, 0, head.length, 0);
    const { datasetOffset, ...meta } = readPart10Meta(head);
    return { ...meta, dataset: { file, offset: datasetOffset, length: size - datasetOffset } };
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  } finally {
    await handle.close();
  }
}

function progress(done: number, total: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${done}/${total}`);
  else if (done % 100 === 0) process.stderr.write(`${done}/${total}\n`);
}

const progressEnd = (): void => void (process.stderr.isTTY && process.stderr.write('\r\x1b[K'));
