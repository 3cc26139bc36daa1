import type { Lesion, Placed } from '../domain/finding.ts';
import type { VolumeGeometry } from '../domain/geometry.ts';
import type { AnalysedSeries } from '../domain/run.ts';
import type { Volume } from '../domain/volume.ts';
import { type ImageStack, isWithin } from '../imaging/image-stack.ts';
import type { StageClock } from '../imaging/stage-clock.ts';
import { type Candidate, candidateOf } from './candidate.ts';
import { describeLesion } from './describe-lesion.ts';
import { lungRuler } from './measure-lesion.ts';
import { withMirrored } from './mirrored-passes.ts';
import type { ModelManifest } from './model-manifest.ts';
import type { OnnxSession } from './onnx-session.ts';
import { postprocess } from './postprocess.ts';
import { prepareInput } from './preprocess/prepare-input.ts';
import type { PreparedInput } from './preprocess/working-image.ts';
import { answerReader } from './read-answers.ts';
import { asker, type Progress, runTiles } from './run-tiles.ts';

/**
 * A volume in, lesions out, by falling score: every step that the manifest names, in its order. `stack` is where the images
 * of the series lie; what is found beyond them, in voxels that were only repeated, is dropped.
 */
export async function detect(
  volume: Volume,
  stack: ImageStack,
  series: AnalysedSeries,
  manifest: ModelManifest,
  session: OnnxSession,
  clock: StageClock,
  progress: Progress,
): Promise<(Lesion & Placed)[]> {
  const input = prepareInput(volume, manifest, clock);
  progress('resample', 1, 1);
  const candidates = await findCandidates(input, manifest, session, clock, progress, (candidate) =>
    isWithin(stack, candidate.center),
  );
  return clock.time('measure', () => {
    const ruler = manifest.report.sizes === 'lungSegmentation' ? lungRuler(volume, input.mask) : undefined;
    const least = Math.min(...manifest.operatingPoints.map(({ threshold }) => threshold));
    return candidates.map((candidate) => {
      const measurement = candidate.score >= least ? ruler?.(candidate) : undefined;
      return describeLesion(candidate, className(manifest, candidate), series, stack, input.mask, measurement);
    });
  });
}

const className = ({ classes }: ModelManifest, { classId }: Candidate): string => (classes[classId] ?? classes[0]).name;

/** From the prepared image to candidates, through the graph. Only those for which `isSeen` holds are looked at further. */
export async function findCandidates(
  input: PreparedInput,
  manifest: ModelManifest,
  session: OnnxSession,
  clock: StageClock,
  progress: Progress,
  isSeen: (candidate: Candidate) => boolean,
): Promise<Candidate[]> {
  const { geometry, mask } = input;
  const reader = answerReader(manifest, geometry);
  await runTiles(input, manifest, withMirrored(asker(manifest, session, clock), manifest), reader.take, progress);
  return clock.time('postprocess', () => {
    const found = candidatesOf(reader.marks(), manifest, geometry).filter(isSeen);
    return postprocess(found, manifest.postprocess, { grid: geometry, mask, dims: manifest.dims });
  });
}

const candidatesOf = (
  marks: ReturnType<ReturnType<typeof answerReader>['marks']>,
  { classes, dims }: ModelManifest,
  grid: VolumeGeometry,
): Candidate[] => marks.map((mark) => candidateOf(mark, grid, classes.length, dims));
