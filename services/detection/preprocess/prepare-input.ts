import { patientPoint, type VolumeGeometry } from '../../domain/geometry.ts';
import type { Volume } from '../../domain/volume.ts';
import { type AxisOrder, alignedGrid, lpsOrder, type Triple, voxelCount } from '../../imaging/grid.ts';
import { lungMask } from '../../imaging/lung-mask.ts';
import type { FrameImage } from '../../imaging/read-frame.ts';
import { refusal } from '../../imaging/refusal.ts';
import { resample } from '../../imaging/resample.ts';
import type { Interpolation } from '../../imaging/sampling-kernel.ts';
import type { StageClock } from '../../imaging/stage-clock.ts';
import { isFiniteThroughout } from '../finite.ts';
import type { Preprocess, PreprocessOp } from '../manifest/preprocess.ts';
import type { ModelManifest } from '../model-manifest.ts';
import { clip, monochrome, percentileClip, scale, window, zscore } from './intensity.ts';
import { cropNonzero, flip, letterbox, resize } from './placement.ts';
import { cropToMask, fillOutside } from './region.ts';
import type { PreparedInput, WorkingImage } from './working-image.ts';

const MAX_INPUT_BYTES = 2048 * 1024 * 1024;

/**
 * Carries out `preprocess` of a manifest on a volume, in its order.
 *
 * @throws {AppError} NOT_ANALYSABLE with the reason LUNG_NOT_FOUND, TOO_LARGE or NO_SCALE.
 */
export function prepareInput(volume: Volume, manifest: ModelManifest, clock: StageClock): PreparedInput {
  const steps = manifest.preprocess;
  const roi = steps.find((op): op is PreprocessOp<'roi'> => op.op === 'roi');
  const inside = manifest.postprocess.find((op) => op.op === 'insideMask');
  const reachMm = Math.max(roi?.marginMm ?? 0, inside?.toleranceMm ?? 0);
  const mask = roi || inside ? clock.time('mask', () => lungMask(volume, reachMm)) : undefined;
  return clock.time('resample', () => {
    const at = steps.findIndex(({ op }) => op === 'resample');
    const step = steps[at];
    const source = mapped(volume, steps.slice(0, Math.max(0, at)));
    const turn = axisOrder(source.geometry, steps);
    const full = inputGrid(source.geometry, turn, step?.op === 'resample' ? step : undefined);
    const geometry = mask && roi ? cropToMask(full, mask, roi.marginMm) : full;
    checkSize(geometry);
    const [antialias, kernels] =
      step?.op === 'resample' ? [step.antialias, kernelsOf(step, source.geometry, turn)] : [false, 'linear' as const];
    const image: WorkingImage = {
      channels: [resample(source, geometry, antialias, kernels)],
      geometry,
      mask,
      window: undefined,
    };
    return finished(steps.slice(at + 1).reduce(apply, image));
  });
}

/** The same on a single frame: voxels are its pixels, and places are in pixels, whole numbers at their centres. */
export function prepareFrame(frame: FrameImage, manifest: ModelManifest, clock: StageClock): PreparedInput {
  const image: WorkingImage = {
    channels: [Float32Array.from(frame.pixels)],
    geometry: pixelGrid(frame),
    mask: undefined,
    window: undefined,
    frame,
  };
  return clock.time('resample', () => finished(manifest.preprocess.reduce(apply, image)));
}

/** Pixels as if they were millimetres: column, row. */
const pixelGrid = ({ columns, rows }: FrameImage): VolumeGeometry => ({
  shape: [columns, rows, 1],
  origin: patientPoint(0, 0, 0),
  axes: [patientPoint(1, 0, 0), patientPoint(0, 1, 0), patientPoint(0, 0, 1)],
  spacingMm: [1, 1, 1],
});

/** The axes that `reorient` asks for, at the spacing that `resample` asks for, else that of the source. */
function inputGrid(
  source: VolumeGeometry,
  turn: AxisOrder,
  step: PreprocessOp<'resample'> | undefined,
): VolumeGeometry {
  if (!step) return alignedGrid(source, turn, spacingsOf(source, turn), 'center');
  const [a, b, c] = step.spacingMm;
  return alignedGrid(source, turn, step.order === 'xyz' ? [a, b, c] : [c, b, a], step.align);
}

function axisOrder(source: VolumeGeometry, steps: readonly Preprocess[]): AxisOrder {
  const step = steps.find(({ op }) => op === 'reorient');
  const axes = step?.op === 'reorient' ? step.axes : 'LPS';
  if (axes === 'source') return { order: [0, 1, 2], signs: [1, 1, 1] };
  const { order, signs } = lpsOrder(source);
  const [x, y, z]: Triple = signs;
  return axes === 'LPS' ? { order, signs } : { order, signs: [-x, -y, z] };
}

/** Of the source, along the axes of the grid. */
function spacingsOf({ spacingMm }: VolumeGeometry, { order: [x, y, z] }: AxisOrder): Triple {
  return [spacingMm[x] ?? 1, spacingMm[y] ?? 1, spacingMm[z] ?? 1];
}

/** Along the axes of the grid: thick slices may be sampled otherwise than what lies within them. */
function kernelsOf(
  { interpolation, anisotropy }: PreprocessOp<'resample'>,
  source: VolumeGeometry,
  turn: AxisOrder,
): readonly [Interpolation, Interpolation, Interpolation] {
  const spacings = spacingsOf(source, turn);
  const [least, most] = [Math.min(...spacings), Math.max(...spacings)];
  const isThick = anisotropy !== undefined && most > least * anisotropy.threshold;
  const along = (mm: number) => (isThick && mm === most ? anisotropy.throughPlane : interpolation);
  return [along(spacings[0]), along(spacings[1]), along(spacings[2])];
}

/** Steps that come before the resampling see the values as they are stored. */
function mapped(volume: Volume, steps: readonly Preprocess[]): Volume {
  if (steps.every(({ op }) => op === 'modalityLut' || op === 'reorient')) return volume;
  const image: WorkingImage = {
    channels: [Float32Array.from(volume.voxels)],
    geometry: volume.geometry,
    mask: undefined,
    window: undefined,
  };
  const { channels, geometry } = steps.reduce(apply, image);
  return { geometry, voxels: channels[0] ?? new Float32Array() };
}

function checkSize(geometry: VolumeGeometry): void {
  const bytes = voxelCount(geometry) * 4;
  if (bytes <= MAX_INPUT_BYTES) return;
  const megabytes = Math.round(bytes / 1024 / 1024);
  throw refusal('TOO_LARGE', { what: 'the image of the model', megabytes, limit: MAX_INPUT_BYTES / 1024 / 1024 });
}

type Steps = { readonly [Name in Preprocess['op']]: (image: WorkingImage, op: PreprocessOp<Name>) => WorkingImage };

/** The steps by name. Those that say where the image comes from have been carried out before. */
const STEPS: Steps = {
  modalityLut: (image) => image,
  reorient: (image) => image,
  resample: (image) => image,
  stack: (image) => image,
  monochrome,
  cropNonzero: changed(cropNonzero),
  resize: changed(resize),
  letterbox: changed(letterbox),
  flip: changed(flip),
  clip: changed((image, { min, max }) => clip(image, min, max)),
  scale: changed(scale),
  zscore: changed(zscore),
  percentileClip: changed((image, { percentiles }) => percentileClip(image, percentiles)),
  window: changed(window),
  channels: changed((image, { repeat }) => {
    const [values = new Float32Array()] = image.channels;
    image.channels = [values, ...Array.from({ length: repeat - 1 }, () => values.slice())];
  }),
  roi: changed((image, { fillOutside: value, marginMm }) => {
    if (value === null || !image.mask) return;
    for (const values of image.channels) fillOutside(values, image.geometry, image.mask, marginMm, value);
  }),
};

function changed<Op>(change: (image: WorkingImage, op: Op) => void): (image: WorkingImage, op: Op) => WorkingImage {
  return (image, op) => {
    change(image, op);
    return image;
  };
}

const apply = (image: WorkingImage, op: Preprocess): WorkingImage => stepOf(op.op)(image, op);

/** A step by its own name takes what has its name. */
const stepOf = (name: Preprocess['op']) => STEPS[name] as (image: WorkingImage, op: Preprocess) => WorkingImage;

function finished({ channels, geometry, mask }: WorkingImage): PreparedInput {
  if (!channels.every(isFiniteThroughout))
    throw refusal('NO_SCALE', { detail: 'the prepared image holds values that are no numbers' });
  return { channels, geometry, mask };
}
