import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { AppError } from '../domain/errors.ts';
import type { Algorithm } from '../domain/report-source.ts';
import { type Artifact, MAX_GRAPH_BYTES } from './manifest/artifact.ts';
import { ModelManifest } from './model-manifest.ts';

/** A model package whose manifest is valid and whose artifacts are the bytes that it names. */
export interface LoadedModel {
  readonly manifest: ModelManifest;
  /** SHA-256 over manifest and artifacts, 64 hex digits. */
  readonly modelHash: string;
  readonly directory: string;
  /** For the report; what really ran (`provider=…`) is added after the analysis. */
  readonly algorithm: Algorithm;
  /** Of the default operating point. */
  readonly threshold: number;
}

const MAX_MANIFEST_BYTES = 1024 * 1024;
/** What `overread model import` writes where only a person knows the answer. */
export const FILL_IN = 'FILL IN';

/** @throws {AppError} MODEL_INVALID naming what is wrong: a missing file, an unknown key, other bytes than promised. */
export async function loadModel(directory: string): Promise<LoadedModel> {
  const { manifest, text } = await readManifest(directory);
  const hash = createHash('sha256').update(text);
  for (const artifact of manifest.artifacts) {
    await verifyArtifact(directory, artifact);
    hash.update(`\n${artifact.path} ${artifact.sha256}\n`);
  }
  const modelHash = hash.digest('hex');
  const point = manifest.operatingPoints.find((candidate) => candidate.default) ?? manifest.operatingPoints[0];
  const threshold = point?.threshold ?? 1;
  return {
    manifest,
    modelHash,
    directory,
    threshold,
    algorithm: {
      name: manifest.report.algorithm.name,
      version: manifest.version,
      modelHash,
      parameters: [`threshold=${threshold}`],
      manufacturer: manifest.report.algorithm.manufacturer,
      banner: manifest.report.banner,
      classes: manifest.classes.map(({ name, code, site }) => ({ name, code, site })),
    },
  };
}

/** The verified package with the bytes of its fp32 graph. */
export async function openModel(
  directory: string,
): Promise<{ manifest: ModelManifest; modelHash: string; graph: Uint8Array }> {
  const { manifest, modelHash } = await loadModel(directory);
  const artifact = manifest.artifacts.find(({ precision }) => precision === 'fp32');
  if (artifact === undefined) throw invalidModel(directory)('there is no fp32 artifact');
  return { manifest, modelHash, graph: await readArtifact(directory, artifact) };
}

/**
 * The manifest and its text, before any artifact is looked at.
 *
 * @throws {AppError} MODEL_INVALID
 */
export async function readManifest(directory: string): Promise<{ manifest: ModelManifest; text: Buffer }> {
  const id = basename(directory);
  const invalid = invalidModel(directory);
  const text = await readManifestText(directory);
  const manifest = parse(text.toString('utf8'), invalid);
  if (manifest.id !== id) throw invalid(`id is ${manifest.id}, the folder is ${id}`);
  return { manifest, text };
}

/** @throws {AppError} MODEL_INVALID when it is too large or cannot be read. */
export async function readManifestText(directory: string): Promise<Buffer> {
  await sizeOf(directory, 'manifest.json', MAX_MANIFEST_BYTES);
  return readFile(join(directory, 'manifest.json')).catch(unreadable(directory, 'manifest.json'));
}

/** The bytes that were checked, so that they are what runs. @throws {AppError} MODEL_INVALID */
export async function readArtifact(directory: string, artifact: Artifact): Promise<Uint8Array> {
  await sizedAsPromised(directory, artifact);
  const bytes = await readFile(join(directory, artifact.path)).catch(unreadable(directory, artifact.path));
  expectHash(directory, artifact, createHash('sha256').update(bytes).digest('hex'));
  return bytes;
}

/** Holds size and hash of a file against the manifest, a piece at a time. @throws {AppError} MODEL_INVALID */
export async function verifyArtifact(directory: string, artifact: Artifact): Promise<void> {
  await sizedAsPromised(directory, artifact);
  const hash = createHash('sha256');
  try {
    for await (const piece of createReadStream(join(directory, artifact.path))) hash.update(piece);
  } catch (error) {
    throw invalidModel(directory)(`${artifact.path} cannot be read`, error);
  }
  expectHash(directory, artifact, hash.digest('hex'));
}

async function sizedAsPromised(directory: string, { path, bytes }: Artifact): Promise<void> {
  const size = await sizeOf(directory, path, MAX_GRAPH_BYTES);
  if (size !== bytes) throw invalidModel(directory)(`${path} has ${size} bytes, not ${bytes}`);
}

function expectHash(directory: string, { path, sha256 }: Artifact, actual: string): void {
  if (actual !== sha256) throw invalidModel(directory)(`${path} is not the file its sha256 names`);
}

/** Asked of the file system, before a byte is read. @throws {AppError} MODEL_INVALID */
async function sizeOf(directory: string, file: string, maxBytes: number): Promise<number> {
  const { size } = await stat(join(directory, file)).catch(unreadable(directory, file));
  if (size > maxBytes) throw invalidModel(directory)(`${file} has ${size} bytes, the limit is ${maxBytes}`);
  return size;
}

type Invalid = (detail: string, cause?: unknown) => AppError;

const invalidModel = (directory: string): Invalid => {
  const model = basename(directory);
  return (detail, cause) =>
    new AppError('MODEL_INVALID', `model ${model}: ${detail}`, { model, detail: detail.slice(0, 200) }, cause);
};

const unreadable = (directory: string, file: string) => (error: unknown) => {
  throw invalidModel(directory)(`${file} cannot be read`, error);
};

function parse(text: string, invalid: Invalid): ModelManifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw invalid('manifest.json is not JSON', error);
  }
  const [open] = leftToFillIn(json);
  if (open !== undefined) throw invalid(`manifest.json: ${open} is still to be filled in by a person`);
  const result = ModelManifest.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw invalid(`manifest.json: ${issue?.path.join('.') || '(root)'}: ${issue?.message ?? 'invalid'}`, result.error);
}

/** The places of a draft that say `FILL IN`, by their path. */
export function leftToFillIn(json: unknown, path: readonly string[] = []): string[] {
  if (typeof json === 'string') return json.startsWith(FILL_IN) ? [path.join('.')] : [];
  if (json === null || typeof json !== 'object') return [];
  return Object.entries(json).flatMap(([key, value]) => leftToFillIn(value, [...path, key]));
}
