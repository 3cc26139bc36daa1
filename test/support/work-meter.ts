const BYTES = Buffer.alloc(8 * 2 ** 20, 1);
const state: { readingMs?: number } = {};

/**
 * Begins to measure work; the answer tells how much was done since, in readings: one is as much as to add up 8 MB, byte by
 * byte. By the CPU time of this thread and beside a yardstick on the same machine, so that neither a slow machine nor a busy
 * one fails a test.
 */
export function workMeter(): () => number {
  state.readingMs ??= readingMs();
  const { readingMs: unit } = state;
  const before = process.threadCpuUsage();
  return () => cpuMs(before) / unit;
}

function readingMs(): number {
  const add = () => {
    let sum = 0;
    for (let at = 0; at < BYTES.length; at += 1) sum += BYTES[at] ?? 0;
    if (sum !== BYTES.length) throw new Error('they are all one');
  };
  // The first is slow: it is not compiled yet.
  const times = Array.from({ length: 5 }, () => {
    const before = process.threadCpuUsage();
    add();
    return cpuMs(before);
  });
  return times.toSorted((a, b) => a - b)[2] ?? Number.NaN;
}

function cpuMs(before: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}
