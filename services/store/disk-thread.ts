import { createHash, type Hash } from 'node:crypto';
import { closeSync, fdatasyncSync, fsyncSync, openSync, readSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { parentPort } from 'node:worker_threads';
import type { DiskOrder, DiskReply } from './disk-order.ts';

/**
 * A thread of `DiskThreads`: carries out orders one after the other, each with plain blocking calls, and answers each. One
 * hand-over between threads is worth several calls to the disk; so what belongs to an instance is asked for at once.
 */
interface OpenFile {
  /** `undefined` once it is closed for good. */
  fd: number | undefined;
  /** Its name now; `undefined`: it could not be made. */
  path: string | undefined;
  readonly hash: Hash;
  /** Written, to be given back with the next answer. */
  readonly blocks: ArrayBuffer[];
  /** Of an order before: what follows it would leave a hole. */
  failed?: DiskReply['failed'];
}

const open = new Map<number, OpenFile>();

/** By kind of order. */
const act: { readonly [Kind in DiskOrder['kind']]: (order: Extract<DiskOrder, { kind: Kind }>) => DiskReply } = {
  write({ file, create, block, bytes, hashedFrom, rename }) {
    if (create !== undefined) {
      const fd = openSync(create, 'wx+', 0o640);
      open.set(file, { fd, path: create, hash: createHash('sha256'), blocks: [] });
    }
    const { fd, hash } = opened(file);
    const part = new Uint8Array(block, 0, bytes);
    for (let at = 0; at < bytes; ) at += writeSync(fd, part, at, bytes - at);
    hash.update(part.subarray(hashedFrom));
    return rename === undefined ? {} : { sha256: committed(file, rename) };
  },
  read({ file, at, bytes }) {
    const read = new Uint8Array(bytes);
    return { read: read.subarray(0, readSync(opened(file).fd, read, 0, bytes, at)) };
  },
  remove({ file }) {
    const left = open.get(file);
    if (left === undefined) return {};
    open.delete(file);
    close(left);
    if (left.path !== undefined) unlinkSync(left.path);
    return {};
  },
};

/** Data, then name, then folder; a failed sync is final. Until all are done the file can be removed. */
function committed(file: number, rename: string): string {
  const whole = opened(file);
  fdatasyncSync(whole.fd);
  close(whole);
  renameSync(whole.path ?? '', rename);
  whole.path = rename;
  syncFolder(dirname(rename));
  open.delete(file);
  return whole.hash.digest('hex');
}

/** Threads that sync one folder at a time share a commit of the file system's journal. */
function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function opened(file: number): OpenFile & { readonly fd: number } {
  const found = open.get(file);
  if (found?.failed !== undefined) throw Object.assign(new Error(found.failed.message), { code: found.failed.code });
  if (found?.fd === undefined) throw Object.assign(new Error('the file is not open'), { code: 'EBADF' });
  return found as OpenFile & { readonly fd: number };
}

function close(file: OpenFile): void {
  if (file.fd !== undefined) closeSync(file.fd);
  file.fd = undefined;
}

const neverMade = (): OpenFile => ({ fd: undefined, path: undefined, hash: createHash('sha256'), blocks: [] });

function answered(order: DiskOrder): DiskReply {
  try {
    return act[order.kind](order as never);
  } catch (error) {
    const { message, code = '' } = error as NodeJS.ErrnoException;
    const failed = { message, code };
    const file = open.get(order.file);
    if (file !== undefined) file.failed = failed;
    else if (order.kind === 'write') open.set(order.file, { ...neverMade(), failed });
    return { failed };
  }
}

parentPort?.on('message', (order: DiskOrder) => {
  const written = open.get(order.file)?.blocks.splice(0) ?? [];
  const blocks = order.kind === 'write' ? [...written, order.block] : written;
  const reply = answered(order);
  if (order.kind === 'write' && order.unanswered === true) open.get(order.file)?.blocks.push(...blocks);
  else parentPort?.postMessage({ ...reply, blocks }, blocks);
});
