import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { AppError } from '../domain/errors.ts';
import type { Algorithm } from '../domain/report-source.ts';
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

/** @throws {AppError} MODEL_INVALID naming what is wrong: a missing file, an unknown key, other bytes than promised. */
export async function loadModel(directory: string): Promise<LoadedModel> {
  const { manifest, modelHash } = await openModel(directory);
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

/** The verified package with the bytes of its graph, so that what was checked is what runs. */
export async function openModel(
  directory: string,
): Promise<{ manifest: ModelManifest; modelHash: string; graph: Uint8Array }> {
  const id = basename(directory);
  const invalid = (detail: string, cause?: unknown) =>
    new AppError('MODEL_INVALID', `model ${id}: ${detail}`, { model: id, detail: detail.slice(0, 200) }, cause);
  const read = (file: string) =>
    readFile(join(directory, file)).catch((error: unknown) => {
      throw invalid(`${file} cannot be read`, error);
    });

  const text = await read('manifest.json');
  if (text.length > MAX_MANIFEST_BYTES) throw invalid(`manifest.json is larger than ${MAX_MANIFEST_BYTES} bytes`);
  const manifest = parse(text.toString('utf8'), invalid);
  if (manifest.id !== id) throw invalid(`id is ${manifest.id}, the folder is ${id}`);

  const [artifact] = manifest.artifacts;
  const graph = await read(artifact.path);
  if (graph.length !== artifact.bytes)
    throw invalid(`${artifact.path} has ${graph.length} bytes, not ${artifact.bytes}`);
  const sha256 = createHash('sha256').update(graph).digest('hex');
  if (sha256 !== artifact.sha256) throw invalid(`${artifact.path} is not the file its sha256 names`);
  const modelHash = createHash('sha256').update(text).update(`\n${artifact.path} ${sha256}\n`).digest('hex');
  return { manifest, modelHash, graph };
}

function parse(text: string, invalid: (detail: string, cause?: unknown) => AppError): ModelManifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw invalid('manifest.json is not JSON', error);
  }
  const result = ModelManifest.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw invalid(`manifest.json: ${issue?.path.join('.') || '(root)'}: ${issue?.message ?? 'invalid'}`, result.error);
}
