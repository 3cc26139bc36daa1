import { AppError } from '../domain/errors.ts';
import type { VolumeGeometry } from '../domain/geometry.ts';
import { activate } from './activate.ts';
import type { Mark } from './candidate.ts';
import { decodeAnchors } from './decode-anchors.ts';
import { decodeBoxes, decodeYolo, type ReadSize } from './decode-boxes.ts';
import { decodeCam } from './decode-cam.ts';
import { decodeHeatmap } from './decode-heatmap.ts';
import { decodeSegmentation } from './decode-segmentation.ts';
import { blendOf, HeadCollector, type HeadMap } from './head-maps.ts';
import type { Decode, DecodeOf } from './manifest/decode.ts';
import type { Output } from './manifest/tensors.ts';
import { activationLeft } from './mirrored-passes.ts';
import type { ModelManifest } from './model-manifest.ts';
import { shapeOf } from './plan-tiles.ts';
import type { TakeAnswer } from './run-tiles.ts';
import type { Tile } from './sliding-window.ts';
import { fromTensor, inZyx, type Tensor, type Zyx } from './tensor-layout.ts';

/** Takes the answers of the graph tile by tile, and makes marks of them, in voxels of the image. */
export interface AnswerReader {
  readonly take: TakeAnswer;
  /** When all tiles are read. */
  readonly marks: () => Mark[];
}

/** What the reader of a family must know. */
interface Reading<Family extends Decode['family']> {
  readonly manifest: ModelManifest;
  readonly decode: DecodeOf<Family>;
  readonly grid: VolumeGeometry;
}

type Readers = { readonly [Family in Decode['family']]: (reading: Reading<Family>) => AnswerReader };

const READERS: Readers = {
  heatmap: heatmapReader,
  anchors: anchorsReader,
  segmentation: segmentationReader,
  yolo: ({ manifest, decode }) =>
    listReader(([predictions = NOTHING], size) => decodeYolo(predictions, decode, manifest.classes.length, size)),
  boxes: ({ manifest, decode }) => {
    const order = manifest.outputs.length === 1 ? ['predictions'] : ['boxes', 'labels', 'scores'];
    const places = order.map((role) => manifest.outputs.findIndex((output) => output.role === role));
    return listReader((answer, size) =>
      decodeBoxes(
        places.map((n) => answer[n] ?? NOTHING),
        decode,
        size,
      ),
    );
  },
  classificationCam: camReader,
};

/** The reader of the family that the manifest names. */
export function answerReader(manifest: ModelManifest, grid: VolumeGeometry): AnswerReader {
  const { decode } = manifest;
  const reader = READERS[decode.family] as (reading: Reading<Decode['family']>) => AnswerReader;
  return reader({ manifest, decode, grid });
}

const NOTHING: Tensor = { data: new Float32Array(), dims: [] };

/** Families whose answer is a list for each tile. */
function listReader(decode: (answer: readonly Tensor[], size: ReadSize) => readonly Mark[]): AnswerReader {
  const found: Mark[] = [];
  return {
    take: (tile, answer) => {
      found.push(...decode(answer, { width: tile[2].size, height: tile[1].size }).map((mark) => onImage(mark, tile)));
    },
    marks: () => found,
  };
}

/** From voxels of a tile to those of the image. */
const onImage = (mark: Mark, [z, y, x]: Tile): Mark => ({
  ...mark,
  at: [mark.at[0] + z.start, mark.at[1] + y.start, mark.at[2] + x.start],
});

/** The outputs of a role with their place in an answer. */
const withRole = ({ outputs }: ModelManifest, role: Output['role']): { output: Output; place: number }[] =>
  outputs.flatMap((output, place) => (output.role === role ? [{ output, place }] : []));

/** Collects one output over the whole image. */
function collected(manifest: ModelManifest, place: number, collector: HeadCollector): TakeAnswer {
  const [{ layout }] = manifest.inputs;
  return (tile, answer) => {
    const name = manifest.outputs[place]?.name ?? '';
    collector.add(tile, fromTensor(answer[place] ?? NOTHING, layout, name));
  };
}

function heatmapReader({ manifest, decode, grid }: Reading<'heatmap'>): AnswerReader {
  const [{ layout }] = manifest.inputs;
  const stride = inZyx(layout, decode.stride, 1);
  const head = (role: Output['role'], untouched: number, wanted?: (channel: number) => boolean) => {
    const [found] = withRole(manifest, role);
    if (!found) return undefined;
    const { output, place } = found;
    const collector = new HeadCollector(output, shapeOf(grid), stride, blendOf(manifest), () => untouched, wanted);
    return { output, collector, take: collected(manifest, place, collector) };
  };
  const read = new Set([...(decode.offset?.channels ?? []), ...decode.size.channels]);
  const heat = head('heatmap', Number.NEGATIVE_INFINITY);
  const both = head('regression', 0, (channel) => read.has(channel));
  const [size, offset] = [head('size', 0) ?? both, head('offset', 0) ?? both];
  const heads = [...new Set([heat, size, offset])].filter((each) => each !== undefined);
  return {
    take: (tile, answer) => {
      for (const { take } of heads) take(tile, answer);
    },
    marks: () => {
      const maps = new Map(heads.map((each) => [each, each.collector.finish()]));
      const of = (each: typeof heat): HeadMap => (each && maps.get(each)) ?? { shape: [0, 0, 0], channels: [] };
      const activation = heat?.output.activation === 'sigmoid' ? 'sigmoid' : 'none';
      const { shape, channels } = of(heat);
      expectChannels('heatmap', channels, manifest.classes.length);
      return channels.flatMap((values, classId) => {
        const own = { shape, heat: values, size: of(size).channels, offset: of(offset).channels };
        return decodeHeatmap(own, decode, layout, activation, classId);
      });
    },
  };
}

function segmentationReader({ manifest, decode, grid }: Reading<'segmentation'>): AnswerReader {
  const output = manifest.outputs[0];
  const activation = activationLeft(manifest, output);
  const isLesion = (channel: number) => decode.foreground.includes(channel);
  const nothing = (channel: number) => (isLesion(channel) ? Number.NEGATIVE_INFINITY : 0);
  const wanted = activation === 'softmax' ? undefined : isLesion;
  const collector = new HeadCollector(output, shapeOf(grid), [1, 1, 1], blendOf(manifest), nothing, wanted);
  return {
    take: collected(manifest, 0, collector),
    marks: () => {
      const { channels } = collector.finish();
      if (channels.length > 0) activate(channels, activation);
      return decode.foreground.flatMap((channel, classId) => {
        const map = channels[channel];
        if (!map && channels.length > 0) throw wrongChannels(output.name, channels.length, `${channel + 1} or more`);
        return map ? decodeSegmentation(map, grid, decode, classId) : [];
      });
    },
  };
}

function anchorsReader({ manifest, decode, grid }: Reading<'anchors'>): AnswerReader {
  const [{ layout }] = manifest.inputs;
  const classCount = manifest.classes.length;
  const levels = decode.levels.map((level, n) => {
    const stride = inZyx(layout, level.stride, 1);
    const place = (role: Output['role']) =>
      withRole(manifest, role).find(({ output }) => output.level === n)?.place ?? -1;
    return { level, stride, places: [place('cls'), place('box')] as const };
  });
  /** The maps of one tile, or of the whole image. */
  const heads = (shape: Zyx) =>
    levels.map(({ level, stride, places }) => {
      const collector = (place: number, untouched: number) => {
        const output = manifest.outputs[place] ?? { name: 'box' };
        return new HeadCollector(output, shape, stride, blendOf(manifest), () => untouched);
      };
      const [cls, box] = [collector(places[0], Number.NEGATIVE_INFINITY), collector(places[1], 0)];
      const takes = [collected(manifest, places[0], cls), collected(manifest, places[1], box)];
      const marks = (): Mark[] => {
        const [scores, deltas] = [cls.finish(), box.finish()];
        if (scores.channels.length === 0) return [];
        expectChannels('cls', scores.channels, level.anchors.length * classCount);
        expectChannels('box', deltas.channels, level.anchors.length * 2 * decode.boxOrder.length);
        return decodeAnchors(scores, deltas, level, decode, layout, classCount);
      };
      return { takes, marks };
    });
  const isPerTile = manifest.tiling.mode === 'sliding' && manifest.tiling.stage === 'boxes';
  if (!isPerTile) {
    const all = heads(shapeOf(grid));
    return {
      take: (tile, answer) => {
        for (const take of all.flatMap(({ takes }) => takes)) take(tile, answer);
      },
      marks: () => all.flatMap(({ marks }) => marks()),
    };
  }
  const found: Mark[] = [];
  return {
    take: (tile, answer) => {
      const alone = tile.map(({ size }) => ({ start: 0, size, from: 0, to: size })) as unknown as Tile;
      const own = heads([tile[0].size, tile[1].size, tile[2].size]);
      for (const take of own.flatMap(({ takes }) => takes)) take(alone, answer);
      found.push(...own.flatMap(({ marks }) => marks()).map((mark) => onImage(mark, tile)));
    },
    marks: () => found,
  };
}

function camReader({ manifest, decode }: Reading<'classificationCam'>): AnswerReader {
  const [{ layout }] = manifest.inputs;
  const of = (role: Output['role']) => withRole(manifest, role)[0];
  const [logits, features, weights] = [of('classLogits'), of('features'), of('camWeights')];
  return listReader((answer, size) => {
    const tensor = (found: typeof logits) => answer[found?.place ?? -1] ?? NOTHING;
    const tensors = {
      logits: tensor(logits),
      activation: logits?.output.activation ?? 'none',
      features: fromTensor(tensor(features), layout, features?.output.name ?? ''),
      weights: tensor(weights),
    };
    return decodeCam(tensors, decode, manifest.classes.length, size);
  });
}

function expectChannels(name: string, channels: readonly unknown[], expected: number): void {
  if (channels.length > 0 && channels.length !== expected) throw wrongChannels(name, channels.length, String(expected));
}

const wrongChannels = (name: string, count: number, expected: string): AppError =>
  new AppError('MODEL_INVALID', `output ${name} has ${count} channels, not ${expected}`, { detail: name });
