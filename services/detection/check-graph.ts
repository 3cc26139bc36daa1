import type { Artifact } from './manifest/artifact.ts';
import type { ModelManifest } from './model-manifest.ts';
import { dtypeName, type GraphFacts, type GraphTensor, STANDARD_OPSET } from './onnx/read-graph.ts';

/** What the manifest says of a tensor; outputs have no shape of their own. */
interface Promised {
  readonly name: string;
  readonly layout?: string | undefined;
  readonly shape?: readonly (number | string)[] | undefined;
}

/** How a graph differs from what its manifest promises, each in a sentence; none when they agree. */
export function graphProblems(
  graph: GraphFacts,
  manifest: Pick<ModelManifest, 'inputs' | 'outputs'>,
  artifact: Pick<Artifact, 'opset'>,
): string[] {
  const inputs: readonly Promised[] = manifest.inputs;
  const outputs: readonly Promised[] = manifest.outputs;
  const surplus = graph.inputs.filter(({ name }) => !inputs.some((input) => input.name === name));
  return [
    ...opsetProblems(graph, artifact),
    ...weightProblems(graph),
    ...inputs.flatMap((input) => tensorProblems('input', input, graph.inputs, ['float32'])),
    ...surplus.map(({ name }) => `the graph wants an input ${name} that the manifest does not give`),
    ...outputs.flatMap((output) => tensorProblems('output', output, graph.outputs, OUTPUT_TYPES)),
  ];
}

function opsetProblems({ opsets }: GraphFacts, { opset }: Pick<Artifact, 'opset'>): string[] {
  const found = opsets.get(STANDARD_OPSET);
  return found === opset ? [] : [`the graph is of opset ${found ?? 'none'}, the manifest says ${opset}`];
}

function weightProblems({ tensors }: GraphFacts): string[] {
  const external = tensors.filter((tensor) => tensor.external);
  // An infinite single value is a bound that is none (Clip); among weights it is damage.
  const broken = tensors.filter(({ notFinite, values }) => notFinite > 0 && values > 1);
  const names = (list: typeof tensors) => `${list[0]?.name || 'a constant'} and ${list.length - 1} more`;
  return [
    ...(external.length > 0 ? [`weights lie outside the file: ${names(external)}`] : []),
    ...(broken.length > 0
      ? [`weights are not finite numbers: ${names(broken)}, ${broken.reduce((sum, t) => sum + t.notFinite, 0)} values`]
      : []),
  ];
}

/** Labels of classes come as integers. */
const OUTPUT_TYPES = ['float32', 'int64', 'int32'];

function tensorProblems(
  kind: string,
  promised: Promised,
  found: readonly GraphTensor[],
  types: readonly string[],
): string[] {
  const tensor = found.find(({ name }) => name === promised.name);
  if (tensor === undefined) return [`the graph has no ${kind} ${promised.name}, but ${namesOf(found)}`];
  const { dtype, dims } = tensor;
  const problems: string[] = [];
  if (!types.includes(dtype)) problems.push(`${kind} ${promised.name} is ${dtype}, not ${types.join(' or ')}`);
  const rank = promised.shape?.length ?? rankOf(promised.layout);
  if (dims !== undefined && rank !== undefined && dims.length !== rank)
    problems.push(`${kind} ${promised.name} has ${dims.length} axes (${dims.join('x')}), the manifest says ${rank}`);
  else if (dims !== undefined && promised.shape?.some((length, axis) => !fits(length, dims[axis])))
    problems.push(`${kind} ${promised.name} is ${dims.join('x')}, the manifest says ${promised.shape.join('x')}`);
  return problems;
}

/** NCDHW and its like have an axis a letter; other layouts, `B(4+C)N`, say nothing here. */
const rankOf = (layout: string | undefined): number | undefined =>
  layout !== undefined && /^[NCDHW]{3,5}$/.test(layout) ? layout.length : undefined;

/** A length of the manifest needs the same or a free one in the graph; a free one of the manifest needs a free one. */
const fits = (promised: number | string, found: number | string | undefined): boolean =>
  typeof found === 'string' || promised === found;

const namesOf = (tensors: readonly GraphTensor[]): string => tensors.map(({ name }) => name).join(', ') || 'none';

/** `1x1xdxhxw float32`, for people. */
export const tensorWords = ({ dtype, dims }: GraphTensor): string => `${dims?.join('x') ?? 'any shape'} ${dtype}`;

/** Bytes of all weights by their type, the most first. */
export function weightBytes({ tensors }: GraphFacts): readonly { readonly dtype: string; readonly values: number }[] {
  const sums = new Map<string, number>();
  for (const { dtypeCode, values } of tensors) {
    const dtype = dtypeName(dtypeCode);
    sums.set(dtype, (sums.get(dtype) ?? 0) + values);
  }
  return [...sums].map(([dtype, values]) => ({ dtype, values })).sort((a, b) => b.values - a.values);
}
