import type { AnalysedSeries, AnalysisAnswer, AnalysisInput } from '../domain/run.ts';
import { readVolume, type VolumeReader } from '../imaging/read-volume.ts';
import { refusal, refusalReason } from '../imaging/refusal.ts';
import { StageClock } from '../imaging/stage-clock.ts';
import type { FallbackSession } from './cpu-fallback.ts';
import { detect } from './detector.ts';
import type { Precision } from './manifest/artifact.ts';
import type { ModelManifest } from './model-manifest.ts';
import { volumeCriteria } from './volume-criteria.ts';

/** A model that is ready to read. */
export interface WarmModel {
  readonly manifest: ModelManifest;
  readonly session: FallbackSession;
  readonly precision?: Precision;
}

/**
 * One analysis: files in, lesions or the reason why not out. Answers with every lesion that the manifest lets through,
 * also below the operating point: the threshold is applied where the result is used. Findings on single images have no
 * place in a report yet, so a model for these ends as not analysable.
 *
 * @throws {AppError} NOT_ANALYSABLE with the reason INTEGRITY when a file is not what was received, MODEL_INVALID.
 */
export async function analyzeInputs(
  inputs: readonly AnalysisInput[],
  { manifest, session, precision }: WarmModel,
  reading: Omit<VolumeReader, 'clock'>,
): Promise<AnalysisAnswer> {
  const clock = new StageClock();
  if (manifest.dims === '2d') return notAnalysable(refusal('SINGLE_IMAGES', {}), undefined, clock);
  const read = await readVolume(inputs, volumeCriteria(manifest), { ...reading, clock });
  if ('error' in read) return notAnalysable(read.error, read.SeriesInstanceUID, clock);
  const { volume, stack, series } = read;
  try {
    expectNumbers(volume.voxels);
    const lesions = await detect(volume, stack, series, manifest, session, clock, reading.progress);
    return {
      outcome: 'ANALYSED',
      series: { ...series, warnings: [...series.warnings, ...fallbackWarnings(session)] },
      ...{ lesions, provider: session.provider, stageSeconds: clock.seconds },
      ...(precision && { precision }),
    };
  } catch (error) {
    return notAnalysable(error, series.SeriesInstanceUID, clock);
  }
}

const fallbackWarnings = ({ leftProvider }: FallbackSession): AnalysedSeries['warnings'] =>
  leftProvider === undefined ? [] : [{ code: 'FELL_BACK', params: { provider: leftProvider } }];

/** Through a network, one voxel that is no number makes many: nothing found would not mean that nothing is there. */
export function expectNumbers(voxels: Int16Array | Float32Array): void {
  if (voxels instanceof Int16Array) return;
  let count = 0;
  for (let at = 0; at < voxels.length; at++) if (!Number.isFinite(voxels[at])) count += 1;
  if (count > 0) throw refusal('NOT_A_NUMBER', { count });
}

/** An error without a reason is a bug and stays an error. */
function notAnalysable(error: unknown, series: string | undefined, clock: StageClock): AnalysisAnswer {
  const reason = refusalReason(error);
  if (!reason) throw error;
  return { outcome: 'NOT_ANALYSABLE', reason, SeriesInstanceUID: series ?? null, stageSeconds: clock.seconds };
}
