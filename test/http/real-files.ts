import { bulkData } from '../../services/dicom/dataset/bulk-data.ts';
import { availableAs, dicomJson } from '../../services/dicom/dataset/dicom-json.ts';
import { openImage } from '../../services/dicom/dataset/read-file.ts';
import { TAG } from '../../services/dicom/dataset/tags.ts';
import { readFrame } from '../../services/dicom/pixel/frames.ts';
import type { StoredFile } from '../../services/domain/ports.ts';
import type { HttpPorts } from '../../services/http/app.ts';
import { type AppServer, filesPort, startApp, unusedDicomweb } from './app-server.ts';

/** The application as `main/web.ts` joins it to the readers of the standard, over files of a folder. */
export async function startOver(files: readonly StoredFile[], more: Partial<HttpPorts> = {}): Promise<AppServer> {
  const reading = async <T>(
    { file }: StoredFile,
    read: (image: Awaited<ReturnType<typeof openImage>>) => T | Promise<T>,
  ) => {
    const image = await openImage(file);
    try {
      return await read(image);
    } finally {
      await image.close();
    }
  };
  return startApp({
    dicomweb: { ...unusedDicomweb, ...filesPort(files) },
    metadataOf: (file, url) =>
      reading(file, ({ dataset }) => dicomJson(dataset, url, [availableAs(file.TransferSyntaxUID)])),
    bulkDataOf: (file, path) => reading(file, ({ dataset }) => bulkData(dataset, path)),
    frameOf: (file, frame) => reading(file, (image) => readFrame(image, frame)),
    ...more,
  });
}

/** What the index holds of a file. */
export async function realFile(file: string): Promise<StoredFile> {
  const { meta, dataset, size, close } = await openImage(file);
  await close();
  return {
    file,
    StudyInstanceUID: dataset.string(TAG.StudyInstanceUID),
    SeriesInstanceUID: dataset.string(TAG.SeriesInstanceUID),
    SOPInstanceUID: meta.SOPInstanceUID,
    SOPClassUID: meta.SOPClassUID,
    TransferSyntaxUID: meta.TransferSyntaxUID,
    NumberOfFrames: dataset.number(TAG.NumberOfFrames) ?? 1,
    bytes: size,
  };
}
