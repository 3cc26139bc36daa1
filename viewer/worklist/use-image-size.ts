import { useQuery } from '@tanstack/react-query';
import { jsonAttributes } from '../../services/dicom/dataset/json-attributes.ts';
import { TAG } from '../../services/dicom/dataset/tags.ts';
import type { SeriesKey } from '../../services/domain/study.ts';
import { fetchMetadata } from '../api.ts';

type Size = readonly [columns: number, rows: number];

/**
 * Columns and rows of an image, asked for when `isAsked`. A series of single images is short; that of a CT would be too much to
 * ask for a preview, and its lesions do not lie at the border.
 */
export function useImageSize(
  { StudyInstanceUID, SeriesInstanceUID }: SeriesKey,
  SOPInstanceUID: string,
  isAsked: boolean,
) {
  const query = useQuery({
    queryKey: ['imageSizes', StudyInstanceUID, SeriesInstanceUID],
    queryFn: async ({ signal }) => {
      const datasets = await fetchMetadata({ StudyInstanceUID, SeriesInstanceUID }, signal);
      return datasets.map((dataset) => {
        const attributes = jsonAttributes(dataset);
        const size: Size = [attributes.number(TAG.Columns) ?? 0, attributes.number(TAG.Rows) ?? 0];
        return { SOPInstanceUID: attributes.string(TAG.SOPInstanceUID), size };
      });
    },
    enabled: isAsked,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const size = query.data?.find((image) => image.SOPInstanceUID === SOPInstanceUID)?.size;
  return { size: size && size[0] > 0 && size[1] > 0 ? size : undefined, isPending: isAsked && query.isPending };
}
