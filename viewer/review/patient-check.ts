import { useQueries } from '@tanstack/react-query';
import { type DicomJson, jsonAttributes } from '../../services/dicom/dataset/json-attributes.ts';
import { TAG } from '../../services/dicom/dataset/tags.ts';
import type { StrangeSeries } from '../../services/domain/contract/reading.ts';
import type { StudyDetail } from '../../services/domain/contract/worklist.ts';
import { fetchMetadata } from '../api.ts';
import type { ImageSeries } from '../series/image-series.ts';
import type { StrangePatient } from './signing.ts';

/**
 * An object of the study that names another patient than the study does: the images on screen, a report that somebody sent, or
 * whatever the server has seen arrive. An object that names nobody is no contradiction.
 */
export function useStranger(
  detail: StudyDetail,
  series: ImageSeries | undefined,
  seen: readonly StrangeSeries[],
): StrangePatient | undefined {
  const { StudyInstanceUID, PatientID } = detail.study;
  const strange = new Set(seen.map(({ SeriesInstanceUID }) => SeriesInstanceUID));
  const asked = detail.series.filter(
    ({ Modality, SeriesInstanceUID }) => Modality === 'SR' || strange.has(SeriesInstanceUID),
  );
  const datasets = useQueries({
    queries: asked.map(({ SeriesInstanceUID, instanceCount }) => ({
      queryKey: ['whose', StudyInstanceUID, SeriesInstanceUID, instanceCount],
      queryFn: ({ signal }: { signal: AbortSignal }) => fetchMetadata({ StudyInstanceUID, SeriesInstanceUID }, signal),
      staleTime: Number.POSITIVE_INFINITY,
    })),
    combine: (results) => results.flatMap(({ data }) => data ?? []),
  });
  const [first] = seen;
  if (first) return { PatientID: strangerAmong(datasets, PatientID), where: first.what };
  const onScreen = strangerAmong(series?.images.map(({ dataset }) => dataset) ?? [], PatientID);
  if (onScreen !== undefined) return { PatientID: onScreen, where: 'images' };
  const sent = strangerAmong(datasets, PatientID);
  return sent === undefined ? undefined : { PatientID: sent, where: 'report' };
}

function strangerAmong(datasets: readonly DicomJson[], expected: string): string | undefined {
  // The frames of an object share its data set: each is looked at once.
  for (const dataset of new Set(datasets)) {
    const PatientID = jsonAttributes(dataset).string(TAG.PatientID).trim();
    if (PatientID !== '' && PatientID !== expected.trim()) return PatientID;
  }
  return undefined;
}
