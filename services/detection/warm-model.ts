import type { AnalysedSeries, AnalysisAnswer } from '../domain/run.ts';
import { refusal, refusalReason } from '../imaging/refusal.ts';
import type { StageClock } from '../imaging/stage-clock.ts';
import type { FallbackSession } from './cpu-fallback.ts';
import type { Precision } from './manifest/artifact.ts';
import type { ModelManifest } from './model-manifest.ts';

/** A model that is ready to read. */
export interface WarmModel {
  readonly manifest: ModelManifest;
  readonly session: FallbackSession;
  readonly precision?: Precision | undefined;
}

export const fallbackWarnings = ({ leftProvider }: FallbackSession): AnalysedSeries['warnings'] =>
  leftProvider === undefined ? [] : [{ code: 'FELL_BACK', params: { provider: leftProvider } }];

/** Through a network, one value that is no number makes many: nothing found would not mean that nothing is there. */
export function expectNumbers(values: Int16Array | Float32Array): void {
  if (values instanceof Int16Array) return;
  let count = 0;
  for (let at = 0; at < values.length; at++) if (!Number.isFinite(values[at])) count += 1;
  if (count > 0) throw refusal('NOT_A_NUMBER', { count });
}

/** An error without a reason is a bug and stays an error. */
export function notAnalysable(error: unknown, series: string | undefined, clock: StageClock): AnalysisAnswer {
  const reason = refusalReason(error);
  if (!reason) throw error;
  return { outcome: 'NOT_ANALYSABLE', reason, SeriesInstanceUID: series ?? null, stageSeconds: clock.seconds };
}
