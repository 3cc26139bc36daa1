import { AppError } from '../domain/errors.ts';
import { graphProblems } from './check-graph.ts';
import { leftToFillIn, readArtifact, readManifest, readManifestText, verifyArtifact } from './load-model.ts';
import { ModelManifest } from './model-manifest.ts';
import { readGraph } from './onnx/read-graph.ts';

/** One thing that was looked at, and everything that is wrong with it. */
export interface ModelFinding {
  readonly check: string;
  readonly problems: readonly string[];
}

/**
 * Everything that can be said of a package without running it: schema, hashes, and each graph against the manifest. Every
 * problem is named, not only the first.
 */
export async function validatePackage(directory: string): Promise<ModelFinding[]> {
  const findings: ModelFinding[] = [{ check: 'manifest', problems: await manifestProblems(directory) }];
  const read = await readManifest(directory).catch(() => undefined);
  if (read === undefined) return findings;
  const { manifest } = read;
  for (const artifact of manifest.artifacts) {
    const wrong = await problemOf(() => verifyArtifact(directory, artifact));
    findings.push({ check: `file ${artifact.path}`, problems: wrong });
    if (wrong.length > 0) continue;
    const problems: string[] = [];
    const unreadable = await problemOf(async () => {
      problems.push(...graphProblems(readGraph(await readArtifact(directory, artifact)), manifest, artifact));
    });
    findings.push({ check: `graph ${artifact.path}`, problems: [...unreadable, ...problems] });
  }
  return findings;
}

async function manifestProblems(directory: string): Promise<string[]> {
  const json = await readManifestText(directory)
    .then((text): unknown => JSON.parse(text.toString('utf8')))
    .catch(() => undefined);
  if (json === undefined) return problemOf(() => readManifest(directory));
  const open = leftToFillIn(json).map((path) => `${path} is still to be filled in by a person`);
  const issues = ModelManifest.safeParse(json).error?.issues ?? [];
  const wrong = issues.map(({ path, message }) => `${path.join('.') || '(root)'}: ${message}`);
  const found = [...open, ...wrong];
  return found.length > 0 ? found : problemOf(() => readManifest(directory));
}

/** What a named error says; a bug stays an error. */
async function problemOf(check: () => Promise<unknown>): Promise<string[]> {
  try {
    await check();
    return [];
  } catch (error) {
    if (error instanceof AppError) return [error.message];
    throw error;
  }
}
