import { AppError } from '../../domain/errors.ts';
import type { GraphFacts, GraphTensor } from '../onnx/read-graph.ts';
import { acceptsImages, type Draft, type Imported } from './draft.ts';

/** An ONNX file whose metadata is that of an Ultralytics export: `task`, `imgsz` and `names`. */
export const isUltralytics = ({ metadata }: GraphFacts): boolean =>
  ['task', 'imgsz', 'names'].every((key) => metadata.has(key));

const MAX_CLASSES = 1000;

/**
 * Reads the metadata of an Ultralytics export. Scores leave its graph activated, boxes are in pixels of the input.
 *
 * @throws {AppError} MODEL_INVALID for another task than detection, or an output of another form.
 */
export function importUltralytics({ metadata, inputs, outputs }: GraphFacts): Imported {
  const task = metadata.get('task');
  if (task !== 'detect') throw new AppError('MODEL_INVALID', `the export is for the task ${task}, not detect`);
  const names = classNames(metadata.get('names') ?? '');
  const [input, output] = [inputs[0], outputs[0]];
  if (input === undefined || output === undefined || outputs.length !== 1 || names.length === 0)
    throw new AppError('MODEL_INVALID', 'an export for detection has one input, one output and names');
  const size = imageSize(metadata.get('imgsz') ?? '');
  const version = metadata.get('version') ?? '';
  return {
    source: `Ultralytics ${version}`.trim(),
    title: metadata.get('description') ?? '',
    license: metadata.get('license'),
    classes: names,
    blocks: {
      kind: 'detection',
      dims: '2d',
      accepts: acceptsImages(),
      preprocess: [
        { op: 'modalityLut' },
        { op: 'monochrome', to: 'MONOCHROME2' },
        { op: 'window', source: 'voi-or-percentile', percentiles: [0.5, 99.5] },
        { op: 'scale', from: 'window', to: [0, 255] },
        { op: 'letterbox', size, fill: 114, interpolation: 'linear', align: 'center' },
        { op: 'scale', from: [0, 255], to: [0, 1] },
        { op: 'channels', repeat: 3, order: 'RGB' },
      ],
      inputs: [{ name: input.name, layout: 'NCHW', dtype: 'float32', shape: input.dims ?? [1, 3, ...size] }],
      tiling: { mode: 'none' },
      outputs: [{ name: output.name, role: 'predictions', activation: 'none' }],
      ...decoding(output, names.length),
    },
    assumed: [
      'the window: an export knows pictures, not DICOM; 0.5 to 99.5 percent where the image has no window of its own',
      'decode.minScore and the threshold of nms: what Ultralytics uses by default',
    ],
  };
}

/** v8 and later: (1, 4 + C, N). v5: (1, N, 5 + C). With the choice made in the graph: (1, N, 6). */
function decoding({ dims }: GraphTensor, classes: number): Draft {
  const [, rows, columns] = dims ?? [];
  const chosen = [
    { op: 'scoreFilter', min: 0.05 },
    { op: 'limit', max: 50 },
  ];
  const [filter, limit] = chosen;
  const nms = { op: 'nms', metric: 'iou', threshold: 0.45, classAgnostic: false, preTopK: 3000 };
  if (columns === 6 && rows !== 4 + classes)
    return { decode: { family: 'boxes', layout: 'BN6', boxFormat: 'xyxy', unit: 'inputPixels' }, postprocess: chosen };
  const isV5 = columns === 5 + classes;
  if (!isV5 && rows !== 4 + classes)
    throw new AppError(
      'MODEL_INVALID',
      `the output is ${dims?.join('x') ?? 'of no shape'}, which fits no YOLO of ${classes} classes`,
    );
  return {
    decode: {
      family: 'yolo',
      variant: isV5 ? 'v5' : 'v8',
      layout: isV5 ? 'BN(5+C)' : 'B(4+C)N',
      boxFormat: 'cxcywh',
      unit: 'inputPixels',
      objectness: isV5,
      scoresActivated: true,
    },
    postprocess: [filter, nms, limit],
  };
}

/** A Python literal: `{0: 'nodule', 1: "mass"}`. */
function classNames(text: string): string[] {
  const names: string[] = [];
  for (const [, id, single, double] of text.matchAll(/(\d+)\s*:\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/g)) {
    const index = Number(id);
    if (index >= MAX_CLASSES) throw new AppError('MODEL_INVALID', `more than ${MAX_CLASSES} classes`);
    names[index] = (single ?? double ?? '').replace(/\\(.)/g, '$1');
  }
  if (Array.from(names).some((name) => name === undefined))
    throw new AppError('MODEL_INVALID', 'the names of the classes have gaps');
  return names;
}

/** `[640, 640]` or `640`: height, width. */
function imageSize(text: string): [number, number] {
  const [height = 0, width = height] = [...text.matchAll(/\d+/g)].map(([number]) => Number(number));
  if (!(height >= 32 && width >= 32 && height <= 4096 && width <= 4096))
    throw new AppError('MODEL_INVALID', `imgsz is ${text.slice(0, 40)}`);
  return [height, width];
}
