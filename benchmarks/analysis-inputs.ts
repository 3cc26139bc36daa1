import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readDataset } from '../services/dicom/dataset/dataset.ts';
import { readPart10Meta } from '../services/dicom/dataset/part10.ts';
import { TAG } from '../services/dicom/dataset/tags.ts';
import type { AnalysisInput } from '../services/domain/run.ts';

/** All instances below a folder, as a worker names them to its analyzer. */
export function analysisInputs(folder: string): AnalysisInput[] {
  return globSync(join(resolve(folder), '**/*.dcm')).map((file) => {
    const bytes = readFileSync(file);
    const { datasetOffset, TransferSyntaxUID } = readPart10Meta(bytes);
    const dataset = readDataset(bytes.subarray(datasetOffset), TransferSyntaxUID, { stopBefore: TAG.PixelData });
    return {
      file,
      sha256: createHash('sha256').update(bytes.subarray(datasetOffset)).digest('hex'),
      SeriesInstanceUID: dataset.string(TAG.SeriesInstanceUID),
      SOPInstanceUID: dataset.string(TAG.SOPInstanceUID),
      SOPClassUID: dataset.string(TAG.SOPClassUID),
      TransferSyntaxUID,
    };
  });
}
