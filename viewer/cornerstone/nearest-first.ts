/** Work on the images of a series, at most `parallel` at a time, always next the one nearest to what is on screen. */
export interface NearestFirst {
  run<T>(index: number, work: () => Promise<T>): Promise<T>;
  /** The image on screen: what waits is done outwards from here. */
  focus(index: number): void;
}

interface Waiting {
  readonly index: number;
  readonly start: () => Promise<void>;
}

export function nearestFirst(parallel: number): NearestFirst {
  const waiting: Waiting[] = [];
  const state = { running: 0, focus: 0 };

  const takeNearest = (): Waiting | undefined => {
    const distances = waiting.map(({ index }) => Math.abs(index - state.focus));
    const at = distances.indexOf(Math.min(...distances));
    return waiting.splice(at, 1)[0];
  };

  const next = () => {
    while (state.running < parallel && waiting.length > 0) {
      const job = takeNearest();
      if (!job) return;
      state.running += 1;
      void job.start().finally(() => {
        state.running -= 1;
        next();
      });
    }
  };

  return {
    focus: (index) => {
      state.focus = index;
    },
    run: (index, work) =>
      new Promise((resolve, reject) => {
        waiting.push({ index, start: () => work().then(resolve, reject) });
        // After this tick: orders that come together are sorted before the first is started.
        queueMicrotask(next);
      }),
  };
}
