import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Mutants of one run; more by the environment, for the nights. */
export const MUTANTS = Number(process.env.MUTANTS ?? 10_000);
/** A new one each time, printed: the same seed makes the same mutants. */
export const SEED = Number(process.env.MUTANT_SEED ?? Date.now() % 1_000_000);

export function count(counts: Map<string, number>, name: string, more = 1): void {
  if (more > 0) counts.set(name, (counts.get(name) ?? 0) + more);
}

/** Prints what a run saw, and writes it to the folder `MUTANT_EVIDENCE` where that is set. */
export function evidence(kind: string, seen: object): void {
  const text = JSON.stringify({ kind, seed: SEED, at: new Date().toISOString(), ...seen }, plain, 1);
  console.log(text);
  const folder = process.env.MUTANT_EVIDENCE;
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `mutants-${kind}-${SEED}.json`), `${text}\n`);
}

const plain = (_key: string, value: unknown): unknown =>
  value instanceof Map ? Object.fromEntries([...value].toSorted()) : value;
