/** A stream of numbers that its seed decides, the same on every machine. */
export interface Random {
  /** 0 <= x < 1, of 32 bits. */
  next(): number;
  /** A whole number, 0 <= n < count. */
  below(count: number): number;
}

/** xoshiro128** of Blackman and Vigna, its state filled by splitmix32. */
export function seededRandom(seed: number): Random {
  const mixed = { state: seed >>> 0 };
  const split = (): number => {
    mixed.state = (mixed.state + 0x9e3779b9) >>> 0;
    let z = mixed.state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  };
  const s = Uint32Array.of(split(), split(), split(), split());
  const rotate = (x: number, by: number) => (x << by) | (x >>> (32 - by));
  const next = (): number => {
    const [s0, s1, s2, s3] = s as unknown as [number, number, number, number];
    const result = Math.imul(rotate(Math.imul(s1, 5), 7), 9) >>> 0;
    s[2] = s2 ^ s0;
    s[3] = s3 ^ s1;
    s[1] = s1 ^ (s2 ^ s0);
    s[0] = s0 ^ (s3 ^ s1);
    s[2] = s2 ^ s0 ^ (s1 << 9);
    s[3] = rotate(s3 ^ s1, 11);
    return result / 2 ** 32;
  };
  return { next, below: (count) => Math.floor(next() * count) };
}
