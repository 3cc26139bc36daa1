/** ONNX models from scratch (onnx.proto3), as small as a test needs them. */

type Bytes = Uint8Array<ArrayBuffer>;

export function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) + 128);
  }
}

const join = (parts: readonly Uint8Array[]): Bytes => new Uint8Array(Buffer.concat(parts));
export const number = (field: number, value: number): Bytes =>
  Uint8Array.from([...varint(field * 8), ...varint(value)]);
export const bytes = (field: number, value: Uint8Array | string): Bytes => {
  const content = Buffer.from(value);
  return join([Uint8Array.from([...varint(field * 8 + 2), ...varint(content.length)]), content]);
};

export const message = (...parts: readonly Uint8Array[]): Bytes => join(parts);

/** A float32 TensorProto with `raw_data`. */
export const tensor = (name: string, dims: readonly number[], values: readonly number[]): Bytes =>
  message(
    ...dims.map((length) => number(1, length)),
    number(2, 1),
    bytes(8, name),
    bytes(9, new Uint8Array(Float32Array.from(values).buffer)),
  );

/** A ValueInfoProto, of float32 unless said otherwise (TensorProto.DataType). */
export const tensorInfo = (name: string, dims: readonly (number | string)[], dtype = 1): Bytes => {
  const axes = dims.map((length) => bytes(1, typeof length === 'number' ? number(1, length) : bytes(2, length)));
  return message(bytes(1, name), bytes(2, bytes(1, message(number(1, dtype), bytes(2, message(...axes))))));
};

interface Node {
  readonly op: string;
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

const nodeBytes = ({ op, domain, inputs, outputs }: Node): Bytes =>
  message(
    ...inputs.map((name) => bytes(1, name)),
    ...outputs.map((name) => bytes(2, name)),
    bytes(4, op),
    ...(domain === undefined ? [] : [bytes(7, domain)]),
  );

export interface OnnxParts {
  readonly nodes?: readonly Node[];
  readonly weights?: readonly Uint8Array[];
  readonly inputs?: readonly Uint8Array[];
  readonly outputs?: readonly Uint8Array[];
  readonly opset?: number;
  readonly domains?: readonly string[];
}

/** A ModelProto. */
export function onnxModel({
  nodes = [],
  weights = [],
  inputs = [],
  outputs = [],
  opset = 17,
  domains = [],
}: OnnxParts): Bytes {
  const graph = message(
    ...nodes.map((node) => bytes(1, nodeBytes(node))),
    bytes(2, 'graph'),
    ...weights.map((weight) => bytes(5, weight)),
    ...inputs.map((input) => bytes(11, input)),
    ...outputs.map((output) => bytes(12, output)),
  );
  const imports = [number(2, opset), ...domains.map((domain) => message(bytes(1, domain), number(2, 1)))];
  return message(number(1, 8), bytes(2, 'test'), bytes(7, graph), ...imports.map((set) => bytes(8, set)));
}

const VOLUME = [1, 1, 'd', 'h', 'w'];

/** In the form of `blob-log-ct`: an image in, a heat map and the logarithm of a diameter out; both are the image times a weight. */
export function heatmapModel(
  changes: OnnxParts & { readonly weight?: number; readonly op?: string; readonly domain?: string } = {},
): Bytes {
  const { weight = 0.01, op = 'Mul', domain, ...parts } = changes;
  return onnxModel({
    nodes: ['heat', 'lnDiameter'].map((name) => ({
      op,
      ...(domain !== undefined && { domain }),
      inputs: ['image', 'w'],
      outputs: [name],
    })),
    weights: [tensor('w', [1], [weight]), tensor('kernel', [2], [weight, 1])],
    inputs: [tensorInfo('image', VOLUME)],
    outputs: [tensorInfo('heat', VOLUME), tensorInfo('lnDiameter', VOLUME)],
    ...(domain !== undefined && { domains: [domain] }),
    ...parts,
  });
}
