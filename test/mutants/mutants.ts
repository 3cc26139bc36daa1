import { mutant } from './mutate.ts';
import { picker } from './random.ts';
import { seedReader } from './seeds.ts';

/** Mutant `n` of a run: by its seed and its number alone. The first ones are the files themselves. */
export function mutants(seed: number, files: readonly string[]): (n: number) => Buffer {
  const fileAt = seedReader(files);
  return (n) => {
    const file = numbered(fileAt(n), n);
    if (n < files.length) return file;
    const pick = picker(Math.imul(seed, 1_000_003) + n);
    return mutant(file, fileAt(pick(files.length)), pick);
  };
}

const SOP_INSTANCE_UID = Buffer.from([0x03, 0x00, 0x55, 0x49]);

/**
 * The file with the last digits of its SOP Instance UID replaced by `n`, wherever the UID stands: each mutant is an
 * instance of its own, or a store would keep only the first of a file's.
 */
function numbered(file: Buffer, n: number): Buffer {
  const at = file.subarray(0, 600).indexOf(SOP_INSTANCE_UID);
  if (at < 0) return file;
  const uid = file.toString('latin1', at + 6, at + 6 + file.readUInt16LE(at + 4)).replace(/[\0 ]+$/, '');
  const digits = /[1-9]\d{5,}$/.exec(uid)?.[0].length ?? 0;
  if (digits === 0) return file;
  const own = Buffer.from(uid.slice(0, -5) + String(n % 100_000).padStart(5, '0'));
  const copy = Buffer.from(file);
  for (let found = copy.indexOf(uid); found >= 0; found = copy.indexOf(uid, found + own.length)) own.copy(copy, found);
  return copy;
}
