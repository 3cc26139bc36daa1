import { AppError } from '../domain/errors.ts';
import type { Lesion, Placed } from '../domain/finding.ts';
import { patientPoint, type VolumeGeometry } from '../domain/geometry.ts';
import type { SelfTestResult } from '../domain/model.ts';
import type { AnalysedSeries } from '../domain/run.ts';
import type { Volume } from '../domain/volume.ts';
import { planesOf } from '../imaging/image-stack.ts';
import { StageClock } from '../imaging/stage-clock.ts';
import { chestPhantom } from './chest-phantom.ts';
import { detect } from './detector.ts';
import type { Precision } from './manifest/artifact.ts';
import { isOfImage, type VolumeSelfTest } from './manifest/self-test.ts';
import type { ModelManifest } from './model-manifest.ts';
import type { OnnxSession } from './onnx-session.ts';
import { packedValues } from './packed-values.ts';
import { imageSelfTestProblem, type TestedModel } from './self-test-image.ts';

type Progress = Parameters<typeof detect>[6];

const SERIES = '2.25.0';

/** Runs the known-answer test of a model on the session that will read studies; `null` when it has none. */
export async function runSelfTest(
  directory: string,
  manifest: ModelManifest,
  session: OnnxSession,
  precision: Precision,
  progress: Progress = () => {},
): Promise<SelfTestResult | null> {
  const { selfTest } = manifest;
  if (selfTest === undefined) return null;
  const startedAt = performance.now();
  const model = { directory, manifest, session, precision };
  const tested = isOfImage(selfTest)
    ? imageSelfTestProblem(model, selfTest, defaultThreshold(manifest), progress)
    : volumeSelfTestProblem(model, selfTest, progress);
  const problem = await tested.catch((error: unknown) => {
    if (error instanceof AppError) return error.message;
    throw error;
  });
  const seconds = Math.round(performance.now() - startedAt) / 1000;
  const { lesions } = selfTest;
  return {
    passed: problem === undefined,
    detail: (problem ?? `${lesions.length} lesions found`).slice(0, 400),
    seconds,
  };
}

async function volumeSelfTestProblem(
  { directory, manifest, session, precision }: TestedModel,
  selfTest: VolumeSelfTest,
  progress: Progress,
): Promise<string | undefined> {
  const volume = await inputOf(directory, selfTest.input);
  const series = seriesOf(volume);
  const clock = new StageClock();
  const lesions = await detect(volume, planesOf(volume.geometry), series, manifest, session, clock, progress);
  return selfTestProblem(selfTest, lesions, defaultThreshold(manifest), precision);
}

const defaultThreshold = ({ operatingPoints }: ModelManifest): number =>
  operatingPoints.find((point) => point.default)?.threshold ?? 1;

/** What differs from the known answer; `undefined` when nothing does. */
export function selfTestProblem(
  { lesions: expected, tolerance, maxOthers }: VolumeSelfTest,
  found: readonly (Lesion & Placed)[],
  threshold: number,
  precision: Precision,
): string | undefined {
  const taken = new Set<Lesion>();
  for (const { centerMm, diameterMm, score } of expected) {
    const near = found.filter((lesion) => !taken.has(lesion)).map((lesion) => ({ lesion, mm: gap(lesion, centerMm) }));
    const [best] = near.sort((a, b) => a.mm - b.mm);
    const where = `the lesion at ${centerMm.join(', ')} mm`;
    if (best === undefined || best.mm > tolerance.centerMm)
      return `${where} was not found: the nearest mark is ${best?.mm.toFixed(2) ?? 'nowhere, none'} mm away`;
    taken.add(best.lesion);
    if (Math.abs(best.lesion.score - score) > tolerance.score[precision])
      return `${where} has score ${best.lesion.score.toFixed(4)} instead of ${score}`;
    const off = Math.abs(best.lesion.diameterMm - (diameterMm ?? best.lesion.diameterMm));
    if (off > (tolerance.diameterMm ?? Number.POSITIVE_INFINITY))
      return `${where} measures ${best.lesion.diameterMm.toFixed(2)} mm instead of ${diameterMm}`;
  }
  const others = found.filter((lesion) => lesion.score >= threshold && !taken.has(lesion)).length;
  return others > maxOthers ? `${others} further marks, at most ${maxOthers} are expected` : undefined;
}

const gap = ({ center }: Placed, point: readonly number[]): number =>
  Math.hypot(...center.map((mm, axis) => mm - (point[axis] ?? 0)));

async function inputOf(directory: string, input: VolumeSelfTest['input']): Promise<Volume> {
  if (input.kind === 'chestPhantom') return chestPhantom(input.seed).volume;
  const { shape, spacingMm } = input;
  const voxels = await packedValues(directory, input, shape[0] * shape[1] * shape[2]);
  const corner = shape.map((n, axis) => (-(n - 1) / 2) * (spacingMm[axis] ?? 1)) as [number, number, number];
  const geometry: VolumeGeometry = {
    shape,
    origin: patientPoint(...corner),
    axes: [patientPoint(1, 0, 0), patientPoint(0, 1, 0), patientPoint(0, 0, 1)],
    spacingMm,
  };
  return { geometry, voxels };
}

/** A series that exists nowhere: what is found is compared and thrown away. */
function seriesOf({ geometry: { shape, spacingMm } }: Volume): AnalysedSeries {
  const images = Array.from({ length: shape[2] }, (_, k) => ({
    SOPClassUID: SERIES,
    SOPInstanceUID: `${SERIES}.${k}`,
  }));
  return {
    SeriesInstanceUID: SERIES,
    FrameOfReferenceUID: SERIES,
    Modality: 'CT',
    shape: [...shape],
    spacingMm: [...spacingMm],
    images,
    warnings: [],
  };
}
