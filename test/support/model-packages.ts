import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const BLOB_LOG = join(import.meta.dirname, '../../models/blob-log-ct');

/** A manifest whose fields a test changes as it likes. */
// biome-ignore lint/suspicious/noExplicitAny: what is wrong with it is the point
export type LooseManifest = Record<string, any>;

/** An empty folder for packages. */
export const modelsFolder = (): string => mkdtempSync(join(tmpdir(), 'overread-models-'));

/** A copy of the shipped model below `folder` under another id, with a changed manifest or another graph, hashed anew. */
export function modelPackage(
  folder: string,
  id: string,
  { graph, change = () => {} }: { graph?: Uint8Array; change?: (manifest: LooseManifest) => void } = {},
): string {
  const directory = join(folder, id);
  cpSync(BLOB_LOG, directory, { recursive: true });
  const manifest: LooseManifest = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8'));
  manifest.id = id;
  if (graph !== undefined) {
    writeFileSync(join(directory, 'model.fp32.onnx'), graph);
    const sha256 = createHash('sha256').update(graph).digest('hex');
    Object.assign(manifest.artifacts[0], { bytes: graph.length, sha256 });
  }
  change(manifest);
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify(manifest));
  return directory;
}
