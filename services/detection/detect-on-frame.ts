import type { ImageRegion } from '../domain/finding.ts';
import { toPatient, type VolumeGeometry, voxelPoint } from '../domain/geometry.ts';
import type { FrameImage } from '../imaging/read-frame.ts';
import type { StageClock } from '../imaging/stage-clock.ts';
import type { Candidate } from './candidate.ts';
import { findCandidates } from './detector.ts';
import type { ModelManifest } from './model-manifest.ts';
import type { OnnxSession } from './onnx-session.ts';
import { prepareFrame } from './preprocess/prepare-input.ts';
import type { Progress } from './run-tiles.ts';

/** What a model finds on a single image, which lies nowhere in the patient. */
export interface FrameFinding {
  readonly label: string;
  /** 0..1. */
  readonly score: number;
  readonly region: ImageRegion;
  /** The region says only about where: it comes from a map of activations. */
  readonly isApproximate: boolean;
}

/**
 * An image in, findings out, by falling score, in SCOORD coordinates of the image: the same steps as for a volume, with
 * pixels for millimetres.
 */
export async function detectOnFrame(
  frame: FrameImage,
  manifest: ModelManifest,
  session: OnnxSession,
  clock: StageClock,
  progress: Progress,
): Promise<FrameFinding[]> {
  const input = prepareFrame(frame, manifest, clock);
  progress('resample', 1, 1);
  const candidates = await findCandidates(input, manifest, session, clock, progress, () => true);
  const isApproximate = manifest.decode.family === 'classificationCam';
  const found = candidates.map((candidate) => ({
    label: (manifest.classes[candidate.classId] ?? manifest.classes[0]).name,
    score: candidate.score,
    region: regionOf(candidate, input.geometry, frame),
    isApproximate,
  }));
  // What a model sees in the border that was laid around the image is nowhere on it.
  return found.filter(({ region: { left, right, top, bottom } }) => left < right && top < bottom);
}

/** The box as the pixels of the frame see it, cut off at its edges; a pixel centre is at +0.5 (PS3.3 §C.18.6.1.1). */
function regionOf({ box }: Candidate, grid: VolumeGeometry, frame: FrameImage): ImageRegion {
  const { SOPClassUID, SOPInstanceUID, frame: number, columns, rows } = frame;
  if (!box) throw new RangeError('a family for single images answers boxes');
  const corners = [box.low, box.high].map((corner) => onFrame(corner, grid));
  const span = (a: 0 | 1, limit: number): [number, number] => {
    const ends = corners.map((corner) => Math.min(limit, Math.max(0, (corner[a] ?? 0) + 0.5)));
    return [Math.min(...ends), Math.max(...ends)];
  };
  const [[left, right], [top, bottom]] = [span(0, columns), span(1, rows)];
  return { SOPClassUID, SOPInstanceUID, frame: number, left, top, right, bottom };
}

const onFrame = ([x, y, z]: readonly [number, number, number], grid: VolumeGeometry): readonly number[] =>
  toPatient(grid, voxelPoint(x / grid.spacingMm[0], y / grid.spacingMm[1], z / grid.spacingMm[2]));
