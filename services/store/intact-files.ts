import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import {
  type FailedInstance,
  NOT_HELD,
  NOT_INTACT,
  OTHER_CLASS,
  type ReferencedInstance,
} from '../domain/commitment.ts';
import type { Store } from './connect.ts';

interface Held {
  readonly SOPInstanceUID: string;
  readonly SOPClassUID: string;
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** Hashed in one turn of the event loop: less than a millisecond. */
const CHUNK_BYTES = 256 * 1024;
const ASKED_AT_ONCE = 1000;
const FILES_AT_ONCE = 4;

/**
 * Which of some instances cannot be committed, and why: the truth is the index and the bytes of the file, read and hashed. A
 * chunk at a time, so that whoever asks goes on with other work.
 */
export async function notIntact(
  { database }: Store,
  instanceDirectory: string,
  references: readonly ReferencedInstance[],
): Promise<readonly FailedInstance[]> {
  const failed: FailedInstance[] = [];
  for (let at = 0; at < references.length; at += ASKED_AT_ONCE) {
    const asked = references.slice(at, at + ASKED_AT_ONCE);
    const { rows } = await sql<Held>`
      SELECT "SOPInstanceUID", "SOPClassUID", path, sha256, bytes FROM instance
      WHERE "SOPInstanceUID" = ANY(${asked.map(({ SOPInstanceUID }) => SOPInstanceUID)}::text[])`.execute(database);
    const held = new Map(rows.map((row) => [row.SOPInstanceUID, row]));
    const waiting = asked.values();
    const work = async () => {
      for (const reference of waiting) {
        const reason = await failureReason(instanceDirectory, reference, held.get(reference.SOPInstanceUID));
        if (reason !== undefined) failed.push({ ...reference, reason });
      }
    };
    await Promise.all(Array.from({ length: FILES_AT_ONCE }, work));
  }
  return failed;
}

async function failureReason(
  directory: string,
  { SOPClassUID }: ReferencedInstance,
  held: Held | undefined,
): Promise<number | undefined> {
  if (held === undefined) return NOT_HELD;
  if (held.SOPClassUID !== SOPClassUID) return OTHER_CLASS;
  return (await isIntact(join(directory, held.path), held)) ? undefined : NOT_INTACT;
}

/** The data set is the end of the file, behind a header of ours. */
async function isIntact(file: string, { bytes, sha256 }: Held): Promise<boolean> {
  try {
    await using handle = await open(file, 'r');
    const { size } = await handle.stat();
    if (size < bytes) return false;
    const hash = createHash('sha256');
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, Math.max(bytes, 1)));
    for (let at = size - bytes; at < size; ) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) return false;
      hash.update(buffer.subarray(0, bytesRead));
      at += bytesRead;
    }
    return hash.digest('hex') === sha256;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}
