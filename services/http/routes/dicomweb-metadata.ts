import { type Request, type RequestHandler, Router } from 'express';
import type { Log } from '../../domain/context.ts';
import { AppError } from '../../domain/errors.ts';
import type { DicomwebQueries, StoredFile } from '../../domain/ports.ts';
import { ASKED_AGAIN, answeredAsKnown } from '../conditional.ts';
import { dicomJsonText } from '../dicom-json-text.ts';
import { sendDicomJsonType } from '../dicom-offers.ts';
import { resourceUrl, serviceUrl, TARGETS, type Target } from '../dicomweb-resource.ts';
import { filesOf, locationOf } from '../files-of.ts';
import { onlyMethods } from '../problem.ts';
import { readAhead } from '../read-ahead.ts';
import { sendStream } from '../send-stream.ts';

export interface MetadataPorts {
  readonly dicomweb: Pick<DicomwebQueries, 'files'>;
  /**
   * The attributes of a stored instance as JSON text of the DICOM JSON Model, with AvailableTransferSyntaxUID; bulk data is
   * named by URLs below `bulkDataUrl`.
   *
   * @throws {AppError} INSTANCE_UNREADABLE
   */
  metadataOf(file: StoredFile, bulkDataUrl: string): Promise<string>;
}

/** Files whose heads are read at once for the metadata of a series. */
const READ_AHEAD = 8;
const CHUNK_LENGTH = 64 * 1024;

/** Retrieve Metadata of a study, a series or an instance (PS3.18 §10.4.1.1.2). */
export function metadataRoutes(log: Log, { dicomweb, metadataOf }: MetadataPorts, version: string): Router {
  const router = Router();
  for (const [path, targetOf] of TARGETS) {
    router.route(`${path}/metadata`).get(metadata(targetOf)).all(onlyMethods('GET, HEAD'));
  }
  return router;

  function metadata(targetOf: (req: Request) => Target): RequestHandler {
    return async (req, res) => {
      const target = targetOf(req);
      const files = await filesOf(dicomweb, target);
      sendDicomJsonType(req, res);
      const service = serviceUrl(req);
      // A restart may read more out of the same files.
      const known = [version, service, ...files.map(({ SOPInstanceUID }) => SOPInstanceUID)];
      if (answeredAsKnown(req, res, ASKED_AGAIN, known)) return;
      const read = target.SOPInstanceUID === undefined ? readOrIndex : metadataOf;
      const textOf = (file: StoredFile) => read(file, `${resourceUrl(service, locationOf(file))}/bulkdata`);
      await sendStream(req, res, jsonArray(readAhead(files, READ_AHEAD, textOf)));
    };
  }

  /** One image that cannot be read must not hide the others of its series: it is named by what the index holds. */
  async function readOrIndex(file: StoredFile, bulkDataUrl: string): Promise<string> {
    try {
      return await metadataOf(file, bulkDataUrl);
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'INSTANCE_UNREADABLE')) throw error;
      log.error('wado.metadata-unreadable', error, { SOPInstanceUID: file.SOPInstanceUID });
      const uid = (value: string) => ({ vr: 'UI', Value: [value] });
      return dicomJsonText({
        '00080016': uid(file.SOPClassUID),
        '00080018': uid(file.SOPInstanceUID),
        '00083002': uid(file.TransferSyntaxUID),
        '0020000D': uid(file.StudyInstanceUID),
        '0020000E': uid(file.SeriesInstanceUID),
      });
    }
  }
}

async function* jsonArray(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  let text = '[';
  let separator = '';
  for await (const each of texts) {
    text += `${separator}${each}`;
    separator = ',\n';
    if (text.length < CHUNK_LENGTH) continue;
    yield Buffer.from(text);
    text = '';
  }
  yield Buffer.from(`${text}]`);
}
