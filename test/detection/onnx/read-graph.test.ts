import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readGraph } from '../../../services/detection/onnx/read-graph.ts';
import { AppError } from '../../../services/domain/errors.ts';
import { BLOB_LOG } from '../../support/model-packages.ts';
import {
  bytes,
  heatmapModel,
  message,
  number,
  onnxModel,
  tensor,
  tensorInfo,
  varint,
} from '../../support/onnx-bytes.ts';

const shipped = readFileSync(join(BLOB_LOG, 'model.fp32.onnx'));
const exported = readFileSync(join(import.meta.dirname, '../exports/ultralytics/best.onnx'));

/** `read`, the words of a named error, or the error that must not be. */
function outcome(file: Uint8Array): string {
  try {
    readGraph(file);
    return 'read';
  } catch (error) {
    if (error instanceof AppError && error.code === 'MODEL_INVALID') return error.message;
    throw error;
  }
}

describe('what an ONNX file says about itself (ModelProto)', () => {
  it('its tensors, operators, operator sets and metadata', () => {
    const { inputs, outputs, opsets, operators, producer, metadata } = readGraph(shipped);
    expect(inputs).toEqual([{ name: 'image', dtype: 'float32', dims: [1, 1, 'd', 'h', 'w'] }]);
    expect(outputs.map(({ name }) => name)).toEqual(['heat', 'lnDiameter']);
    expect([...opsets]).toEqual([['ai.onnx', 17]]);
    expect(operators.get('Conv')).toBe(35);
    expect(producer).toBe('overread');
    expect(metadata.get('id')).toBe('blob-log-ct');
  });

  it('the metadata of an export, and weights that are no inputs', () => {
    const { metadata, inputs, tensors } = readGraph(exported);
    expect(metadata.get('names')).toBe("{0: 'nodule', 1: 'mass', 2: 'opacity'}");
    expect(inputs.map(({ name }) => name)).toEqual(['images']);
    expect(tensors.map(({ name }) => name)).toContain('w8');
  });

  it('an input with a value is a weight', () => {
    const file = onnxModel({
      weights: [tensor('w', [1], [1])],
      inputs: [tensorInfo('x', ['n']), tensorInfo('w', [1])],
    });
    expect(readGraph(file).inputs.map(({ name }) => name)).toEqual(['x']);
  });

  it('an operator of another operator set has its name in front', () => {
    const file = heatmapModel({ op: 'Magic', domain: 'com.example' });
    expect([...readGraph(file).operators]).toEqual([['com.example.Magic', 2]]);
  });
});

describe('weights that are no numbers are counted', () => {
  const raw = (dtype: number, values: ArrayLike<number> & ArrayBufferView) =>
    message(number(1, values.length), number(2, dtype), bytes(8, 'w'), bytes(9, new Uint8Array(values.buffer)));
  const counted = (weight: Uint8Array) => readGraph(onnxModel({ weights: [weight] })).tensors[0]?.notFinite;
  it.each<[string, Uint8Array, number]>([
    ['float32', raw(1, Float32Array.of(1, Number.NaN, Number.POSITIVE_INFINITY, -3e38)), 2],
    ['float64', raw(11, Float64Array.of(Number.NEGATIVE_INFINITY, 1e300, Number.NaN)), 2],
    ['float16', raw(10, Uint16Array.of(0x3c00, 0x7c00, 0xfe01, 0x7bff)), 2],
    ['bfloat16', raw(16, Uint16Array.of(0x3f80, 0x7f80, 0x7f7f)), 1],
    ['int64', raw(7, BigUint64Array.of(2n ** 63n - 1n) as never), 0],
    [
      'a list of floats',
      message(number(1, 2), number(2, 1), bytes(4, new Uint8Array(Float32Array.of(Number.NaN, 1).buffer))),
      1,
    ],
    [
      'raw data before its type',
      message(bytes(9, new Uint8Array(Float32Array.of(Number.NaN).buffer)), number(2, 1)),
      1,
    ],
  ])('%s', (_name, weight, expected) => expect(counted(weight)).toBe(expected));
});

describe('a file that is no model is a named error', () => {
  /** A graph within an attribute of a node of a graph, so many times. */
  const nested = (depth: number): Uint8Array =>
    depth === 0 ? message() : bytes(1, message(bytes(4, 'If'), bytes(5, bytes(6, nested(depth - 1)))));

  it.each<[string, Uint8Array, RegExp]>([
    ['nothing', message(), /no graph/],
    ['text', Buffer.from('<html>not a model</html>'), /no ONNX model/],
    ['a length beyond the end', Uint8Array.of(0x3a, ...varint(2 ** 40)), /longer than its message/],
    ['a number without an end', Uint8Array.from({ length: 20 }, () => 0xff), /more than 64 bits/],
    ['field 0', Uint8Array.of(0x02, 0x00), /field number/],
    ['graphs 100 deep', message(number(1, 8), bytes(7, nested(100))), /more than 16 deep/],
    [
      'a tensor of 2^60 values',
      onnxModel({ weights: [message(number(1, 2 ** 30), number(1, 2 ** 30))] }),
      /impossible axes/,
    ],
  ])('%s', (_name, file, words) => expect(outcome(file)).toMatch(words));

  it('every cut of a file', () => {
    for (let length = 0; length < exported.length; length++) outcome(exported.subarray(0, length));
    expect(outcome(exported)).toBe('read');
  });

  it('any bytes, and any damage', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (file) => void outcome(file)),
      { numRuns: 300 },
    );
    const damage = fc.array(fc.tuple(fc.nat(shipped.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(damage, (changes) => {
        const file = Uint8Array.from(shipped);
        for (const [at, value] of changes) file[at] = value;
        outcome(file);
      }),
      { numRuns: 300 },
    );
  });
});
