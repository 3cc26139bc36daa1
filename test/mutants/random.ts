/** A number from 0 to `below`, exclusive. */
export type Pick = (below: number) => number;

/** mulberry32: what is picked depends on the seed alone. */
export function picker(seed: number): Pick {
  let a = seed | 0;
  return (below) => {
    a = (a + 0x6d2b79f5) | 0;
    const t = Math.imul(a ^ (a >>> 15), 1 | a);
    const u = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((u ^ (u >>> 14)) >>> 0) % below;
  };
}

export function oneOf<T>(pick: Pick, all: readonly T[]): T {
  const one = all[pick(all.length)];
  if (one === undefined) throw new Error('nothing to pick from');
  return one;
}
