import { useQueries } from '@tanstack/react-query';
import { type DicomJson, jsonAttributes } from '../../services/dicom/dataset/json-attributes.ts';
import { TAG } from '../../services/dicom/dataset/tags.ts';
import type { StudyDetail } from '../../services/domain/contract/worklist.ts';
import { fetchMetadata } from '../api.ts';
import type { ImageSeries } from '../series/image-series.ts';
import type { StrangePatient } from './signing.ts';

/**
 * An object of the study that names another patient than the study does: the images on screen, or a report that somebody
 * sent. An object that names nobody is no contradiction.
 */
export function useStranger(detail: StudyDetail, series: ImageSeries | undefined): StrangePatient | undefined {
  const { StudyInstanceUID, PatientID } = detail.study;
  const reports = detail.series.filter(({ Modality }) => Modality === 'SR');
  const datasets = useQueries({
    queries: reports.map(({ SeriesInstanceUID, instanceCount }) => ({
      queryKey: ['report', StudyInstanceUID, SeriesInstanceUID, instanceCount],
      queryFn: ({ signal }: { signal: AbortSignal }) => fetchMetadata({ StudyInstanceUID, SeriesInstanceUID }, signal),
      staleTime: Number.POSITIVE_INFINITY,
    })),
    combine: (results) => results.flatMap(({ data }) => data ?? []),
  });
  const images = series?.images.map(({ dataset }) => dataset) ?? [];
  return strangerAmong(images, PatientID, 'images') ?? strangerAmong(datasets, PatientID, 'report');
}

function strangerAmong(
  datasets: readonly DicomJson[],
  expected: string,
  where: StrangePatient['where'],
): StrangePatient | undefined {
  // The frames of an object share its data set: each is looked at once.
  for (const dataset of new Set(datasets)) {
    const PatientID = jsonAttributes(dataset).string(TAG.PatientID).trim();
    if (PatientID !== '' && PatientID !== expected.trim()) return { PatientID, where };
  }
  return undefined;
}
