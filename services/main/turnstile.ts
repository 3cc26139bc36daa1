/** Runs a piece of work when it is its turn. */
export type Turnstile = <T>(work: () => Promise<T>) => Promise<T>;

/** Lets `size` pieces of work run at once; others wait, in order. */
export function turnstile(size: number): Turnstile {
  const waiting: (() => void)[] = [];
  const state = { running: 0 };
  return async (work) => {
    if (state.running >= size) await new Promise<void>((resolve) => waiting.push(resolve));
    else state.running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      // Its place is handed on, so that nobody slips in between.
      if (next === undefined) state.running -= 1;
      else next();
    }
  };
}
