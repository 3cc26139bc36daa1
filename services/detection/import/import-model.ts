import { createHash } from 'node:crypto';
import { access, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import { leftToFillIn } from '../load-model.ts';
import { MAX_GRAPH_BYTES } from '../manifest/artifact.ts';
import { type GraphFacts, readGraph } from '../onnx/read-graph.ts';
import { draftOf, GRAPH_FILE, type Imported } from './draft.ts';
import { importMonai, MonaiMetadata } from './monai.ts';
import { importNnunet, NnunetDataset, NnunetPlans } from './nnunet.ts';
import { importUltralytics, isUltralytics } from './ultralytics.ts';

/** A package that was written, and what a person must still do. */
export interface ImportedModel {
  readonly source: string;
  /** Places of the manifest that say `FILL IN`. */
  readonly open: readonly string[];
  readonly assumed: readonly string[];
}

const MAX_JSON_BYTES = 8 * 1024 * 1024;

/**
 * Writes a package with a draft of its manifest from an export: a file of Ultralytics, a bundle of MONAI, or a folder of
 * nnU-Net with its graph. The draft does not load before a person has filled in what the export does not say.
 *
 * @throws {AppError} MODEL_INVALID when it is none of them, or holds what this version cannot run.
 */
export async function importModel(source: string, id: string, directory: string): Promise<ImportedModel> {
  if (await exists(directory)) throw new AppError('MODEL_INVALID', `${directory} exists already`);
  const { file, read } = await exportAt(source);
  const bytes = await boundedFile(file, MAX_GRAPH_BYTES);
  const facts = readGraph(bytes);
  const imported = await read(facts);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const draft = draftOf(id, imported, { facts, sha256, bytes: bytes.length });
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, GRAPH_FILE), bytes);
  await writeFile(join(directory, 'manifest.json'), `${JSON.stringify(draft, null, 2)}\n`);
  return { source: imported.source, open: leftToFillIn(draft), assumed: imported.assumed };
}

interface FoundExport {
  /** Its graph. */
  readonly file: string;
  readonly read: (graph: GraphFacts) => Imported | Promise<Imported>;
}

async function exportAt(source: string): Promise<FoundExport> {
  if (source.endsWith('.onnx')) return { file: source, read: ultralyticsOnly };
  const at = (...path: string[]) => join(source, ...path);
  if (await exists(at('configs', 'metadata.json')))
    return {
      file: await onlyGraph(at('models')),
      read: async (graph) =>
        importMonai(
          graph,
          await json(at('configs', 'metadata.json'), MonaiMetadata),
          await json(at('configs', 'inference.json'), z.unknown()),
        ),
    };
  if (await exists(at('plans.json')))
    return {
      file: await onlyGraph(source),
      read: async (graph) =>
        importNnunet(graph, await json(at('dataset.json'), NnunetDataset), await json(at('plans.json'), NnunetPlans)),
    };
  throw new AppError('MODEL_INVALID', `${source} is no .onnx file, no MONAI bundle and no folder of nnU-Net`);
}

function ultralyticsOnly(graph: GraphFacts): Imported {
  if (isUltralytics(graph)) return importUltralytics(graph);
  throw new AppError(
    'MODEL_INVALID',
    'the file has not the metadata of an Ultralytics export: write its manifest by hand',
  );
}

async function onlyGraph(folder: string): Promise<string> {
  const files = await readdir(folder).catch(() => []);
  const [file, another] = files.filter((name) => name.endsWith('.onnx'));
  if (file === undefined || another !== undefined)
    throw new AppError('MODEL_INVALID', `${folder} must hold one .onnx file: export the network to it`);
  return join(folder, file);
}

async function json<T>(file: string, schema: z.ZodType<T>): Promise<T> {
  const text = (await boundedFile(file, MAX_JSON_BYTES)).toString('utf8');
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    const issue = error instanceof z.ZodError ? error.issues[0] : undefined;
    const what = issue ? `${issue.path.join('.')}: ${issue.message}` : 'it is not JSON';
    throw new AppError('MODEL_INVALID', `${basename(file)}: ${what}`, {}, error);
  }
}

/** Its size is asked before it is read. */
async function boundedFile(file: string, maxBytes: number): Promise<Buffer> {
  const size = await stat(file).then(
    (found) => found.size,
    (error: unknown) => {
      throw new AppError('MODEL_INVALID', `${file} cannot be read`, {}, error);
    },
  );
  if (size > maxBytes) throw new AppError('MODEL_INVALID', `${file} has ${size} bytes, the limit is ${maxBytes}`);
  return readFile(file);
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
