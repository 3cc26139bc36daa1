import { afterAll, beforeAll, expect, it } from 'vitest';
import { TRANSFER_SYNTAX, type TransferSyntax } from '../support/dicom-bytes.ts';
import { syntheticSeries } from '../support/synthetic-series.ts';
import { workMeter } from '../support/work-meter.ts';
import { stowBody } from './stow-body.ts';
import { startStow } from './stow-server.ts';

const MUTANTS = 500;
const SEED = Number(process.env.MUTANT_SEED ?? Date.now() % 100_000);
const SYNTAXES = Object.keys(TRANSFER_SYNTAX) as TransferSyntax[];

/** mulberry32: the mutants depend on the seed alone. */
function random(seed: number): (below: number) => number {
  const state = { a: seed };
  return (below) => {
    state.a = (state.a + 0x6d2b79f5) | 0;
    const t = Math.imul(state.a ^ (state.a >>> 15), 1 | state.a);
    const u = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((u ^ (u >>> 14)) >>> 0) % below;
  };
}

const started: { server?: Awaited<ReturnType<typeof startStow>> } = {};
beforeAll(async () => {
  started.server = await startStow();
});
afterAll(() => started.server?.close());

/** Bytes changed, cut, doubled or put in, in the head where the structure is. */
function mutated(body: Buffer, below: (n: number) => number): Buffer {
  const at = below(Math.min(body.length, 2000));
  const length = 1 + below(40);
  const noise = Buffer.from(Array.from({ length }, () => below(256)));
  const rest = body.subarray(Math.min(body.length, at + length));
  const kinds = [
    () => Buffer.concat([body.subarray(0, at), noise.subarray(0, 1), body.subarray(at + 1)]),
    () => Buffer.concat([body.subarray(0, at), Buffer.alloc(4, 255), body.subarray(at + 4)]),
    () => Buffer.concat([body.subarray(0, at), noise, rest]),
    () => Buffer.concat([body.subarray(0, at), rest]),
    () => Buffer.concat([body.subarray(0, at), noise, body.subarray(at)]),
    () => body.subarray(0, at + below(body.length - at)),
    () => Buffer.concat([body.subarray(0, at), body]),
  ];
  return (kinds[below(kinds.length)] ?? (() => body))();
}

it(`answers ${MUTANTS} broken bodies by name, and keeps nothing of them`, async () => {
  const { server } = started;
  if (server === undefined) throw new Error('not started');
  console.log(`mutant seed ${SEED}`);
  const below = random(SEED);
  const seeds = SYNTAXES.map((transferSyntax) =>
    stowBody(
      syntheticSeries({ seed: transferSyntax, slices: 2, rows: 16, columns: 16, transferSyntax }).instances.map(
        ({ file }) => file,
      ),
    ),
  );
  const statuses = new Map<number, number>();
  for (let n = 0; n < MUTANTS; n += 1) {
    const { body, headers } = seeds[n % seeds.length] ?? stowBody([]);
    const work = workMeter();
    const answer = await fetch(server.root, { method: 'POST', body: mutated(body, below), headers });
    await answer.arrayBuffer();
    expect([200, 202, 400, 409], `mutant ${n} of seed ${SEED}`).toContain(answer.status);
    expect(work(), `mutant ${n} of seed ${SEED}`).toBeLessThan(1200);
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
  }
  console.log(JSON.stringify(Object.fromEntries(statuses)));
  expect([...statuses.keys()].toSorted()).toEqual([200, 202, 400, 409]);
  expect(server.incoming()).toEqual([]);
  const [good] = syntheticSeries({ slices: 1, rows: 16, columns: 16, seed: 'good' }).instances;
  expect((await server.store([good?.file ?? Buffer.of()])).status).toBe(200);
}, 120_000);
