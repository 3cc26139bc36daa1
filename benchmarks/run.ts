/** `npm run bench -- NAME`: one benchmark by its name; each prints its numbers and what it was measured on. */
const BENCHMARKS: Readonly<Record<string, (...args: string[]) => Promise<void>>> = {
  pixels: async (...pythons) => (await import('./pixels/decode.ts')).decode(...pythons),
  'two-cores': async () => (await import('./pixels/two-cores.ts')).twoCores(),
  volume: async () => (await import('./pixels/volume.ts')).volume(),
  arrival: async () => (await import('./pixels/arrival.ts')).arrival(),
  receive: async (folder, rounds) =>
    (await import('./network/receive.ts')).receive(folder, rounds ? Number(rounds) : undefined),
  send: async (rounds) => (await import('./network/send.ts')).send(rounds ? Number(rounds) : undefined),
  tls: async (rounds) => (await import('./network/tls.ts')).tls(rounds ? Number(rounds) : undefined),
  big: async (folder) => (await import('./network/big.ts')).big(folder),
  retrieve: async (slices, rounds) =>
    (await import('./dicomweb/retrieve.ts')).retrieve(
      slices ? Number(slices) : undefined,
      rounds ? Number(rounds) : undefined,
    ),
  search: async (studies) => (await import('./dicomweb/search.ts')).search(studies ? Number(studies) : undefined),
  worklist: async (studies) => (await import('./viewer/worklist.ts')).worklist(studies ? Number(studies) : undefined),
  find: async (studies) => (await import('./network/find.ts')).find(studies ? Number(studies) : undefined),
  announced: async (studies) =>
    (await import('./network/announced.ts')).announced(studies ? Number(studies) : undefined),
  cubes: async (folder, out, split, most) =>
    (await import('./cubes/write-cubes.ts')).writeCubes(folder, out, split, most),
  viewer: async (rounds, ...folders) =>
    (await import('./viewer/viewer.ts')).viewer(rounds ? Number(rounds) : undefined, folders),
  'end-to-end': async (folder) => (await import('./end-to-end.ts')).endToEnd(folder),
};

const [name = '', ...args] = process.argv.slice(2);
const benchmark = BENCHMARKS[name];
if (benchmark === undefined) {
  console.error(`usage: npm run bench -- ${Object.keys(BENCHMARKS).join(' | ')}`);
  process.exitCode = 64;
} else await benchmark(...args);
