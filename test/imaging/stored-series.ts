import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AnalysisInput } from '../../services/domain/run.ts';
import { type SyntheticInstance, type SyntheticSeriesOptions, syntheticSeries } from '../support/synthetic-series.ts';

/** Writes instances to a new folder and answers what a worker would send its analyzer. */
export function stored(instances: readonly SyntheticInstance[], SeriesInstanceUID: string): AnalysisInput[] {
  const folder = mkdtempSync(join(tmpdir(), 'overread-series-'));
  mkdirSync(folder, { recursive: true });
  return instances.map(({ SOPClassUID, SOPInstanceUID, TransferSyntaxUID, dataset, file }, i) => {
    const path = join(folder, `${i}.dcm`);
    writeFileSync(path, file);
    const sha256 = createHash('sha256').update(dataset).digest('hex');
    return { file: path, sha256, SeriesInstanceUID, SOPInstanceUID, SOPClassUID, TransferSyntaxUID };
  });
}

/** A synthetic chest as stored files. */
export function storedSeries(options: SyntheticSeriesOptions = {}) {
  const series = syntheticSeries(options);
  return { ...series, inputs: stored(series.instances, series.SeriesInstanceUID) };
}
