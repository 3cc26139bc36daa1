import { Agent, get } from 'node:http';

/** How long an answer took, from the request to its first byte and to its last. */
export interface Measured {
  readonly status: number;
  readonly bytes: number;
  readonly firstByteMs: number;
  readonly totalMs: number;
}

export function keepAlive(connections: number): Agent {
  return new Agent({ keepAlive: true, maxSockets: connections });
}

/** Asks and drops what comes: a client that does nothing is no limit. */
export function measuredGet(url: string, accept: string, agent: Agent): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const seen = { bytes: 0, firstByteMs: 0 };
    get(url, { agent, headers: { accept } }, (answer) => {
      answer.on('data', (chunk: Buffer) => {
        if (seen.bytes === 0) seen.firstByteMs = performance.now() - startedAt;
        seen.bytes += chunk.length;
      });
      answer.on('error', reject);
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, ...seen, totalMs: performance.now() - startedAt }),
      );
    }).on('error', reject);
  });
}

/** All of them, so many at once. @throws {Error} when one is not answered with 200 */
export async function measuredAll(
  urls: readonly string[],
  accept: string,
  atOnce: number,
): Promise<readonly Measured[]> {
  const agent = keepAlive(atOnce);
  const queue = urls.values();
  const results: Measured[] = [];
  const work = async () => {
    for (const url of queue) {
      const measured = await measuredGet(url, accept, agent);
      if (measured.status !== 200) throw new Error(`${measured.status} for ${url}`);
      results.push(measured);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  agent.destroy();
  return results;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
