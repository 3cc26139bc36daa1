import type { PlainDataset } from '../dicom/dataset/write-dataset.ts';
import type { InstanceReference, ReportSource } from '../domain/report-source.ts';
import type { AnalysedSeries } from '../domain/run.ts';

/**
 * Every instance the report speaks of, each once, also one of many frames: the images of the series that was read and those the findings lie on,
 * or what was considered when nothing could be read.
 */
export function referencedInstances(source: ReportSource): readonly InstanceReference[] {
  const { series } = source;
  const read = series ? instancesRead(series) : [];
  const located = source.findings.map(({ SeriesInstanceUID, region }) => ({
    SeriesInstanceUID,
    SOPClassUID: region.SOPClassUID,
    SOPInstanceUID: region.SOPInstanceUID,
  }));
  const all = series ? [...read, ...located] : source.considered;
  return [...new Map(all.map((instance) => [instance.SOPInstanceUID, instance])).values()];
}

/** Every image that was read; of single images those of all series. */
export const instancesRead = (series: AnalysedSeries): readonly InstanceReference[] =>
  [series, ...(series.others ?? [])].flatMap(({ SeriesInstanceUID, images }) =>
    images.map(({ SOPClassUID, SOPInstanceUID }) => ({ SeriesInstanceUID, SOPClassUID, SOPInstanceUID })),
  );

/** References grouped by series, series and instances in order of first appearance. */
export const bySeries = (instances: readonly InstanceReference[]): ReadonlyMap<string, InstanceReference[]> =>
  Map.groupBy(instances, ({ SeriesInstanceUID }) => SeriesInstanceUID);

/** Hierarchical SOP Instance Reference Macro (PS3.3 §C.17.2.1); no item when there is nothing to refer to. */
export function hierarchicalReference(
  StudyInstanceUID: string,
  instances: readonly InstanceReference[],
): readonly PlainDataset[] {
  if (instances.length === 0) return [];
  const ReferencedSeriesSequence = [...bySeries(instances)].map(([SeriesInstanceUID, members]) => ({
    SeriesInstanceUID,
    ReferencedSOPSequence: members.map((member) => ({
      ReferencedSOPClassUID: member.SOPClassUID,
      ReferencedSOPInstanceUID: member.SOPInstanceUID,
    })),
  }));
  return [{ StudyInstanceUID, ReferencedSeriesSequence }];
}
