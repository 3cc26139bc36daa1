import { type Field, fields, malformed, numbers, text } from './protobuf.ts';
import { readTensor, type TensorFacts } from './read-tensor.ts';

/** A tensor that the graph reads or answers; an axis of free length has a name, or `?`. */
export interface GraphTensor {
  readonly name: string;
  readonly dtype: string;
  /** `undefined` when the graph does not say. */
  readonly dims: readonly (number | string)[] | undefined;
}

/** What an ONNX file says about itself, without its weights. */
export interface GraphFacts {
  readonly irVersion: number;
  readonly producer: string;
  /** Version of each operator set that is imported; `ai.onnx` is the standard one. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly metadata: ReadonlyMap<string, string>;
  /** Without those that have a value in the file. */
  readonly inputs: readonly GraphTensor[];
  readonly outputs: readonly GraphTensor[];
  /** How often each operator appears, subgraphs included; one of another operator set as `domain.Op`. */
  readonly operators: ReadonlyMap<string, number>;
  /** Weights and constants. */
  readonly tensors: readonly TensorFacts[];
}

export const STANDARD_OPSET = 'ai.onnx';

const MAX_NAME_BYTES = 512;
const MAX_METADATA_BYTES = 256 * 1024;
const MAX_METADATA_ENTRIES = 1024;
const MAX_DEPTH = 16;
const MAX_NODES = 200_000;
const MAX_TENSORS = 100_000;

interface Reading {
  readonly operators: Map<string, number>;
  readonly tensors: TensorFacts[];
  nodes: number;
}

/**
 * Reads an ONNX model (ModelProto, onnx.proto3 of IR version 10): names, shapes, operators, metadata, and of each weight
 * whether its values are numbers. Time is linear in the bytes; depth, nodes and texts are bounded.
 *
 * @throws {AppError} MODEL_INVALID when the file is no ONNX model.
 */
export function readGraph(file: Uint8Array): GraphFacts {
  const facts = { irVersion: 0, producer: '' };
  const opsets = new Map<string, number>();
  const metadata = new Map<string, string>();
  const reading: Reading = { operators: new Map(), tensors: [], nodes: 0 };
  let graph: Uint8Array | undefined;
  for (const field of fields(file)) {
    if (field.number === 1) facts.irVersion = field.value;
    else if (field.number === 2) facts.producer = text(field, MAX_NAME_BYTES);
    else if (field.number === 7) graph = field.bytes;
    else if (field.number === 8) readOpset(field, opsets);
    else if (field.number === 14) readMetadata(field, metadata);
  }
  if (graph === undefined || facts.irVersion < 1) throw malformed('it has no graph');
  const { inputs, outputs } = readBody(graph, reading, 0);
  const known = new Set(reading.tensors.map(({ name }) => name));
  const { operators, tensors } = reading;
  const free = inputs.filter(({ name }) => !known.has(name));
  return { ...facts, opsets, metadata, inputs: free, outputs, operators, tensors };
}

function readOpset(field: Field, opsets: Map<string, number>): void {
  const entry = { domain: '', version: 0 };
  for (const part of fields(field.bytes)) {
    if (part.number === 1) entry.domain = text(part, MAX_NAME_BYTES);
    else if (part.number === 2) entry.version = part.value;
  }
  opsets.set(entry.domain || STANDARD_OPSET, entry.version);
}

function readMetadata(field: Field, metadata: Map<string, string>): void {
  const entry = { key: '', value: '' };
  for (const part of fields(field.bytes)) {
    if (part.number === 1) entry.key = text(part, MAX_NAME_BYTES);
    else if (part.number === 2) entry.value = text(part, MAX_METADATA_BYTES);
  }
  if (metadata.size < MAX_METADATA_ENTRIES) metadata.set(entry.key, entry.value);
}

/** GraphProto: the main graph, or the body of a loop or a branch. */
function readBody(graph: Uint8Array, reading: Reading, depth: number) {
  if (depth > MAX_DEPTH) throw malformed(`graphs within graphs, more than ${MAX_DEPTH} deep`);
  const inputs: GraphTensor[] = [];
  const outputs: GraphTensor[] = [];
  for (const field of fields(graph)) {
    if (field.number === 1) readNode(field.bytes, reading, depth);
    else if (field.number === 5) addTensor(field, reading);
    else if (field.number === 11) inputs.push(readTensorType(field.bytes));
    else if (field.number === 12) outputs.push(readTensorType(field.bytes));
  }
  return { inputs, outputs };
}

function addTensor(field: Field, { tensors }: Reading): void {
  if (tensors.length >= MAX_TENSORS) throw malformed(`more than ${MAX_TENSORS} tensors`);
  tensors.push(readTensor(field.bytes));
}

function readNode(node: Uint8Array, reading: Reading, depth: number): void {
  reading.nodes += 1;
  if (reading.nodes > MAX_NODES) throw malformed(`more than ${MAX_NODES} nodes`);
  const name = { type: '', domain: '' };
  for (const field of fields(node)) {
    if (field.number === 4) name.type = text(field, MAX_NAME_BYTES);
    else if (field.number === 7) name.domain = text(field, MAX_NAME_BYTES);
    else if (field.number === 5) readAttribute(field.bytes, reading, depth);
  }
  const full = name.domain === '' || name.domain === STANDARD_OPSET ? name.type : `${name.domain}.${name.type}`;
  reading.operators.set(full, (reading.operators.get(full) ?? 0) + 1);
}

/** AttributeProto: of interest are tensors (5, 10) and graphs (6, 11). */
function readAttribute(attribute: Uint8Array, reading: Reading, depth: number): void {
  for (const field of fields(attribute)) {
    if (field.number === 5 || field.number === 10) addTensor(field, reading);
    else if (field.number === 6 || field.number === 11) readBody(field.bytes, reading, depth + 1);
  }
}

/** ValueInfoProto. */
function readTensorType(info: Uint8Array): GraphTensor {
  let name = '';
  let type: { dtype: string; dims: GraphTensor['dims'] } = { dtype: 'no tensor', dims: undefined };
  for (const field of fields(info)) {
    if (field.number === 1) name = text(field, MAX_NAME_BYTES);
    else if (field.number === 2)
      for (const kind of fields(field.bytes)) if (kind.number === 1) type = tensorType(kind.bytes);
  }
  return { name, ...type };
}

function tensorType(tensor: Uint8Array) {
  let dtype = dtypeName(0);
  let dims: GraphTensor['dims'];
  for (const field of fields(tensor)) {
    if (field.number === 1) dtype = dtypeName(field.value);
    else if (field.number === 2)
      dims = [...fields(field.bytes)].filter(({ number }) => number === 1).map(({ bytes }) => axisOf(bytes));
  }
  return { dtype, dims };
}

function axisOf(dimension: Uint8Array): number | string {
  for (const field of fields(dimension)) {
    if (field.number === 1) return [...numbers(field)][0] ?? '?';
    if (field.number === 2) return text(field, MAX_NAME_BYTES) || '?';
  }
  return '?';
}

// biome-ignore format: TensorProto.DataType, in the order of its numbers
const DTYPES = ['undefined', 'float32', 'uint8', 'int8', 'uint16', 'int16', 'int32', 'int64', 'string', 'bool', 'float16',
  'float64', 'uint32', 'uint64', 'complex64', 'complex128', 'bfloat16'];

export const dtypeName = (code: number): string => DTYPES[code] ?? `type ${code}`;
