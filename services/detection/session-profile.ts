import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Provider } from '../domain/model.ts';

/** The runtime's own names for its providers, in its profiles. */
const PROVIDERS: Readonly<Record<string, Provider>> = {
  CPUExecutionProvider: 'cpu',
  CUDAExecutionProvider: 'cuda',
  TensorrtExecutionProvider: 'tensorrt',
  NvTensorRTRTXExecutionProvider: 'tensorrt',
  WebGpuExecutionProvider: 'webgpu',
  CoreMLExecutionProvider: 'coreml',
  DmlExecutionProvider: 'dml',
};

/**
 * Which providers ran the nodes of `work`, the busiest first: a session that it opens with the prefix writes a profile,
 * which is read and removed.
 */
export async function profiledProviders<T>(
  work: (prefix: string) => Promise<T>,
): Promise<{ readonly ran: readonly string[]; readonly result: T }> {
  const folder = await mkdtemp(join(tmpdir(), 'overread-profile-'));
  try {
    const result = await work(join(folder, 'session'));
    const counts = new Map<string, number>();
    for (const file of await readdir(folder)) countNodes(await readFile(join(folder, file), 'utf8'), counts);
    const ran = [...counts].sort(([, a], [, b]) => b - a).map(([name]) => name);
    return { ran, result };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The format is a list of trace events; each kernel that ran names its provider. */
function countNodes(profile: string, counts: Map<string, number>): void {
  for (const [, name = ''] of profile.matchAll(/"provider"\s*:\s*"(\w+)"/g)) {
    const provider = PROVIDERS[name] ?? name;
    counts.set(provider, (counts.get(provider) ?? 0) + 1);
  }
}
