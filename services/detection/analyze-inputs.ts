import type { AnalysisAnswer, AnalysisInput } from '../domain/run.ts';
import { readVolume, type VolumeReader } from '../imaging/read-volume.ts';
import { StageClock } from '../imaging/stage-clock.ts';
import { analyzeImages } from './analyze-images.ts';
import { detect } from './detector.ts';
import { volumeCriteria } from './volume-criteria.ts';
import { expectNumbers, fallbackWarnings, notAnalysable, type WarmModel } from './warm-model.ts';

/**
 * One analysis: files in, lesions or the reason why not out. Answers with every lesion that the manifest lets through,
 * also below the operating point: the threshold is applied where the result is used.
 *
 * @throws {AppError} NOT_ANALYSABLE with the reason INTEGRITY when a file is not what was received, MODEL_INVALID.
 */
export async function analyzeInputs(
  inputs: readonly AnalysisInput[],
  { manifest, session, precision }: WarmModel,
  reading: Omit<VolumeReader, 'clock'>,
): Promise<AnalysisAnswer> {
  const clock = new StageClock();
  if (manifest.dims === '2d') return analyzeImages(inputs, { manifest, session, precision }, { ...reading, clock });
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
