import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { tensorWords, weightBytes } from '../../detection/check-graph.ts';
import { readManifest } from '../../detection/load-model.ts';
import { MAX_GRAPH_BYTES } from '../../detection/manifest/artifact.ts';
import type { ModelManifest } from '../../detection/model-manifest.ts';
import { type GraphFacts, readGraph } from '../../detection/onnx/read-graph.ts';
import { AppError } from '../../domain/errors.ts';
import type { ModelCheck } from '../../domain/model.ts';

const MB = 1024 * 1024;
const SHOWN_VALUE = 100;

/**
 * What a graph says about itself, as an object and in lines; of a package its first graph, with what it costs.
 *
 * @throws {AppError} MODEL_INVALID for a file that is too large, or no ONNX model.
 */
export async function inspection(path: string, isFile: boolean, check: ModelCheck | undefined) {
  const manifest = isFile ? undefined : (await readManifest(path)).manifest;
  const file = manifest ? join(path, manifest.artifacts[0]?.path ?? '') : path;
  const { size } = await stat(file).catch((error: unknown) => {
    throw new AppError('MODEL_INVALID', `${file} cannot be read`, {}, error);
  });
  if (size > MAX_GRAPH_BYTES)
    throw new AppError('MODEL_INVALID', `${file} has ${size} bytes, the limit is ${MAX_GRAPH_BYTES}`);
  const graph = readGraph(await readFile(file));
  return { facts: factsOf(file, size, graph, check), text: linesOf(file, size, graph, manifest, check) };
}

function factsOf(file: string, bytes: number, graph: GraphFacts, check: ModelCheck | undefined) {
  const { irVersion, producer, opsets, metadata, inputs, outputs, operators } = graph;
  return {
    file,
    bytes,
    ...{ irVersion, producer, inputs, outputs },
    opsets: Object.fromEntries(opsets),
    metadata: Object.fromEntries(metadata),
    operators: Object.fromEntries(operators),
    weights: weightBytes(graph),
    ...(check && { provider: check.provider, probe: check.probe }),
  };
}

function linesOf(
  file: string,
  bytes: number,
  graph: GraphFacts,
  manifest: ModelManifest | undefined,
  check: ModelCheck | undefined,
): string {
  const lines: [string, string][] = [
    ['file', `${file}, ${(bytes / MB).toFixed(2)} MB`],
    ['made by', `${graph.producer || 'unknown'}, IR version ${graph.irVersion}`],
    ...[...graph.opsets].map(([domain, version]): [string, string] => ['operators of', `${domain} ${version}`]),
    ...graph.inputs.map((tensor): [string, string] => ['input', `${tensor.name}  ${tensorWords(tensor)}`]),
    ...graph.outputs.map((tensor): [string, string] => ['output', `${tensor.name}  ${tensorWords(tensor)}`]),
    ...weightBytes(graph).map(({ dtype, values }): [string, string] => ['weights', `${values} ${dtype}`]),
    ['operators', operatorWords(graph.operators)],
    ...[...graph.metadata].map(([key, value]): [string, string] => ['metadata', `${key}: ${shown(value)}`]),
    ...costLines(manifest, check),
  ];
  return lines.map(([name, value]) => `${name.padEnd(12)}  ${value}\n`).join('');
}

function costLines(manifest: ModelManifest | undefined, check: ModelCheck | undefined): [string, string][] {
  if (manifest === undefined) return [];
  const { gflopPerStudy, cpuMemoryMb } = manifest.runtime.estimate;
  const stated: [string, string] = ['cost', `stated: ${gflopPerStudy} GFLOP a study, ${cpuMemoryMb} MB`];
  if (check === undefined) return [stated];
  const { values, seconds } = check.probe;
  const perMillion = (seconds / values) * 1e6;
  return [stated, ['cost', `measured on ${check.provider}: ${perMillion.toPrecision(2)} s for a million input values`]];
}

const operatorWords = (operators: ReadonlyMap<string, number>): string =>
  [...operators]
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');

/** One line, no control characters: metadata is text of somebody else's. */
function shown(value: string): string {
  const line = value.replace(/\p{Cc}+/gu, ' ');
  return line.length > SHOWN_VALUE ? `${line.slice(0, SHOWN_VALUE)}… (${value.length} characters)` : line;
}
