import { AppError } from '../domain/errors.ts';
import type { Mark } from './candidate.ts';
import { sigmoid } from './decode-heatmap.ts';
import type { DecodeOf } from './manifest/decode.ts';
import type { Tensor } from './tensor-layout.ts';

/** Size of what the graph read, in pixels: boxes may be given in parts of it. */
export interface ReadSize {
  readonly width: number;
  readonly height: number;
}

/**
 * Boxes of a YOLO head: `v5` (1, N, 5 + C), a row for each place, with an objectness that every class is multiplied by;
 * `v8` (1, 4 + C, N), a row for each number. The best class of a place counts. Pixels of the input, 0 at its left or upper
 * edge, so a box from 0 to 1 is the first pixel.
 *
 * @throws {AppError} MODEL_INVALID when the output has another shape than `classCount` asks for.
 */
export function decodeYolo(tensor: Tensor, decode: DecodeOf<'yolo'>, classCount: number, size: ReadSize): Mark[] {
  const { boxFormat, unit, objectness, scoresActivated, minScore } = decode;
  const { count, field } = fieldsOf(tensor, decode, classCount);
  const activate = scoresActivated ? (x: number) => x : sigmoid;
  const offset = objectness ? 5 : 4;
  const marks: Mark[] = [];
  for (let n = 0; n < count; n++) {
    let [classId, best] = [0, Number.NEGATIVE_INFINITY];
    for (let c = 0; c < classCount; c++) {
      const score = field(n, offset + c);
      if (score > best) [classId, best] = [c, score];
    }
    const score = activate(best) * (objectness ? activate(field(n, 4)) : 1);
    if (score < minScore) continue;
    const box: Corners = [field(n, 0), field(n, 1), field(n, 2), field(n, 3)];
    marks.push({ ...boxMark(box, boxFormat, unit, size), score, classId });
  }
  return marks;
}

/** Reads number `f` of place `n`, whichever of the two lies fastest. */
function fieldsOf({ data, dims }: Tensor, { variant }: DecodeOf<'yolo'>, classCount: number) {
  const isV5 = variant === 'v5';
  const fields = (isV5 ? 5 : 4) + classCount;
  const [batch, rows, columns] = dims;
  const [count, own] = isV5 ? [rows, columns] : [columns, rows];
  if (dims.length !== 3 || batch !== 1 || count === undefined || own !== fields)
    throw wrong('predictions', dims, isV5 ? `1 x N x ${fields}` : `1 x ${fields} x N`);
  const [perPlace, perField] = isV5 ? [fields, 1] : [1, count];
  return { count, field: (n: number, f: number): number => data[n * perPlace + f * perField] as number };
}

/**
 * Boxes that the graph has chosen itself: (1, N, 6) of box, score and label, padded with rows of score 0; or boxes (N, 4),
 * labels (N) and scores (N), as torchvision gives them. Pixels as above; `labelOffset` is added to each label.
 *
 * @throws {AppError} MODEL_INVALID when the outputs have another shape or do not agree.
 */
export function decodeBoxes(tensors: readonly Tensor[], decode: DecodeOf<'boxes'>, size: ReadSize): Mark[] {
  const { boxFormat, unit, labelOffset, minScore } = decode;
  return rowsOf(tensors, decode)
    .filter(({ score }) => score >= minScore)
    .map(({ box, score, label }) => ({
      ...boxMark(box, boxFormat, unit, size),
      score,
      classId: Math.round(label) + labelOffset,
    }));
}

interface Row {
  readonly box: Corners;
  readonly score: number;
  readonly label: number;
}
type Corners = readonly [number, number, number, number];

function rowsOf([first, labels, scores]: readonly Tensor[], { layout }: DecodeOf<'boxes'>): readonly Row[] {
  if (!first) throw new AppError('MODEL_INVALID', 'the graph answered nothing', {});
  const { data, dims } = first;
  const width = layout === 'BN6' ? 6 : 4;
  const isBatched = dims.length === 3 && dims[0] === 1;
  if (!(isBatched || dims.length === 2) || dims.at(-1) !== width) throw wrong('boxes', dims, `1 x N x ${width}`);
  const count = dims.at(-2) ?? 0;
  const at = (n: number, f: number): number => data[n * width + f] as number;
  const box = (n: number): Corners => [at(n, 0), at(n, 1), at(n, 2), at(n, 3)];
  if (layout === 'BN6')
    return Array.from({ length: count }, (_, n) => ({ box: box(n), score: at(n, 4), label: at(n, 5) }));
  if (labels?.data.length !== count || scores?.data.length !== count)
    throw wrong('labels and scores', [labels?.data.length ?? 0, scores?.data.length ?? 0], `${count} each`);
  return Array.from({ length: count }, (_, n) => ({
    box: box(n),
    score: scores.data[n] as number,
    label: labels.data[n] as number,
  }));
}

/** Pixel edges to voxel centres: half a pixel less. One slice high. */
function boxMark(
  [a, b, c, d]: Corners,
  format: 'cxcywh' | 'xyxy',
  unit: 'inputPixels' | 'normalized',
  { width, height }: ReadSize,
): Pick<Mark, 'at' | 'sides'> {
  const [sx, sy] = unit === 'normalized' ? [width, height] : [1, 1];
  const [x, y, w, h] = format === 'cxcywh' ? [a, b, c, d] : [(a + c) / 2, (b + d) / 2, c - a, d - b];
  return { at: [0, y * sy - 0.5, x * sx - 0.5], sides: [1, Math.max(0, h * sy), Math.max(0, w * sx)] };
}

const wrong = (name: string, dims: readonly number[], expected: string): AppError =>
  new AppError('MODEL_INVALID', `output ${name} is ${dims.join(' x ')}, not ${expected}`, { detail: name });
