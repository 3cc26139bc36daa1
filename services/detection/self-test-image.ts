import type { FrameImage } from '../imaging/read-frame.ts';
import { StageClock } from '../imaging/stage-clock.ts';
import { detectOnFrame, type FrameFinding } from './detect-on-frame.ts';
import type { Precision } from './manifest/artifact.ts';
import type { ImageSelfTest } from './manifest/self-test.ts';
import type { ModelManifest } from './model-manifest.ts';
import type { OnnxSession } from './onnx-session.ts';
import { packedValues } from './packed-values.ts';
import type { Progress } from './run-tiles.ts';

const NOWHERE = '2.25.0';

/** What runs, and from where. */
export interface TestedModel {
  readonly directory: string;
  readonly manifest: ModelManifest;
  readonly session: OnnxSession;
  readonly precision: Precision;
}

/** Runs the known-answer test of a model for single images; what differs from it, `undefined` when nothing does. */
export async function imageSelfTestProblem(
  { directory, manifest, session, precision }: TestedModel,
  selfTest: ImageSelfTest,
  threshold: number,
  progress: Progress,
): Promise<string | undefined> {
  const { columns, rows, isInverted, laterality } = selfTest.input;
  const values = await packedValues(directory, selfTest.input, columns * rows);
  const frame: FrameImage = {
    ...{ SeriesInstanceUID: NOWHERE, SOPClassUID: NOWHERE, SOPInstanceUID: NOWHERE, FrameOfReferenceUID: '' },
    ...{ Modality: manifest.accepts.modality[0] ?? '', frame: 1, columns, rows, isInverted, laterality },
    pixels: Float32Array.from(values),
    window: undefined,
  };
  const found = await detectOnFrame(frame, manifest, session, new StageClock(), progress);
  return foundProblem(selfTest, found, threshold, selfTest.tolerance.score[precision]);
}

function foundProblem(
  { lesions, tolerance, maxOthers }: ImageSelfTest,
  found: readonly FrameFinding[],
  threshold: number,
  scoreTolerance: number,
): string | undefined {
  const taken = new Set<FrameFinding>();
  for (const { box, score } of lesions) {
    const near = found.filter((one) => !taken.has(one)).map((one) => ({ one, off: farthestEdge(one, box) }));
    const [best] = near.sort((a, b) => a.off - b.off);
    const where = `the box ${box.join(', ')}`;
    if (best === undefined || best.off > tolerance.pixels)
      return `${where} was not found: the nearest is ${best?.off.toFixed(2) ?? 'nowhere, none'} pixels off`;
    taken.add(best.one);
    if (Math.abs(best.one.score - score) > scoreTolerance)
      return `${where} has score ${best.one.score.toFixed(4)} instead of ${score}`;
  }
  const others = found.filter((one) => one.score >= threshold && !taken.has(one)).length;
  return others > maxOthers ? `${others} further marks, at most ${maxOthers} are expected` : undefined;
}

const farthestEdge = ({ region: { left, top, right, bottom } }: FrameFinding, box: readonly number[]): number =>
  Math.max(...[left, top, right, bottom].map((edge, n) => Math.abs(edge - (box[n] ?? Number.NaN))));
