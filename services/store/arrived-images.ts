import { join } from 'node:path';
import { sql } from 'kysely';
import { isEncapsulated, TRANSFER_SYNTAX } from '../dicom/dataset/transfer-syntax.ts';
import type { AnalysisInput } from '../domain/run.ts';
import type { Store } from './connect.ts';

export interface ArrivedImagesOptions {
  /** Where the paths of the index lead: images are answered with absolute paths. */
  readonly instanceDirectory: string;
  /** Of all models. */
  readonly modality: readonly string[];
  readonly sopClassUids: readonly string[];
}

const MAX_IMAGES = 64;
/** Series whose place is remembered; of a forgotten one images are answered twice, which costs only time. */
const MAX_SERIES = 1000;

interface Row extends AnalysisInput {
  readonly watermark: number;
}

/**
 * Images that no plan has seen yet and that take time to decode, in order of arrival, each answered once: what may be
 * decoded while its series still grows. The answer is a hint: nothing depends on anyone acting on it.
 */
export function arrivedImages({ database }: Store, options: ArrivedImagesOptions) {
  const { instanceDirectory, modality, sopClassUids } = options;
  const seen = new Map<string, number>();
  return async (): Promise<readonly AnalysisInput[]> => {
    const { rows } = await sql<Row>`
      SELECT path AS file, sha256, instance."SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID", "TransferSyntaxUID",
             instance.watermark
      FROM series JOIN instance USING ("StudyInstanceUID", "SeriesInstanceUID")
      WHERE series.watermark > series."plannedWatermark" AND series."Modality" = ANY(${[...modality]})
        AND instance.watermark > greatest(series."plannedWatermark",
          coalesce((${JSON.stringify(Object.fromEntries(seen))}::jsonb ->> instance."SeriesInstanceUID")::integer, 0))
        AND "SOPClassUID" = ANY(${[...sopClassUids]})
      ORDER BY instance.watermark LIMIT ${MAX_IMAGES}`.execute(database);
    for (const { SeriesInstanceUID, watermark } of rows) {
      seen.delete(SeriesInstanceUID);
      seen.set(SeriesInstanceUID, watermark);
    }
    for (const forgotten of [...seen.keys()].slice(0, Math.max(0, seen.size - MAX_SERIES))) seen.delete(forgotten);
    return rows
      .filter(({ TransferSyntaxUID }) => isSlow(TransferSyntaxUID))
      .map(({ watermark: _, ...image }) => ({ ...image, file: join(instanceDirectory, image.file) }));
  };
}

const isSlow = (uid: string): boolean => isEncapsulated(uid) || uid === TRANSFER_SYNTAX.deflatedLittle;
