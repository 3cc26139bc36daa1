import { randomUUID } from 'node:crypto';
import { type Request, type RequestHandler, type Response, Router } from 'express';
import type { Log } from '../../domain/context.ts';
import { AppError } from '../../domain/errors.ts';
import type { DicomwebQueries, StoredFile } from '../../domain/ports.ts';
import { SeriesKey, StudyKey } from '../../domain/study.ts';
import { answeredRange } from '../byte-range.ts';
import { ASKED_AGAIN, answeredAsKnown, FOR_EVER } from '../conditional.ts';
import { dicomJsonText } from '../dicom-json-text.ts';
import { chooseOffer, sendDicomJsonType } from '../dicom-media.ts';
import { INSTANCE, InstanceKey, resourceUrl, SERIES, STUDY, serviceUrl, type Target } from '../dicomweb-resource.ts';
import { multipartBody, newBoundary, type Part } from '../multipart.ts';
import { onlyMethods } from '../problem.ts';
import { fileBody, fileLength, sendStream } from '../send-stream.ts';

export interface WadoPorts {
  readonly dicomweb: Pick<DicomwebQueries, 'files'>;
  /** The attributes of a stored instance in the DICOM JSON Model; bulk data is named by URLs below `bulkDataUrl`. */
  metadataOf(file: StoredFile, bulkDataUrl: string): Promise<Record<string, unknown>>;
}

/** Files whose heads are read at once for the metadata of a series. */
const READ_AHEAD = 4;

/** WADO-RS, the Retrieve Transaction (PS3.18 §10.4): instances as stored, and their metadata. */
export function wadoRoutes(log: Log, { dicomweb, metadataOf }: WadoPorts): Router {
  const router = Router();
  // Metadata is asked again with its validator; a restart may read more out of the same files.
  const version = randomUUID();

  // biome-ignore format: a table
  const targets: readonly [path: string, target: (req: Request) => Target][] = [
    [STUDY,    (req) => StudyKey.parse(req.params)],
    [SERIES,   (req) => SeriesKey.parse(req.params)],
    [INSTANCE, (req) => InstanceKey.parse(req.params)],
  ];
  for (const [path, targetOf] of targets) {
    router
      .route(path)
      .get(retrieve(targetOf))
      .all(onlyMethods(path === STUDY ? 'GET, HEAD, POST' : 'GET, HEAD'));
    router.route(`${path}/metadata`).get(metadata(targetOf)).all(onlyMethods('GET, HEAD'));
  }
  return router;

  function retrieve(targetOf: (req: Request) => Target): RequestHandler {
    return async (req, res) => {
      const target = targetOf(req);
      const files = await filesOf(dicomweb, target);
      const media = {
        mediaType: 'application/dicom',
        transferSyntaxUIDs: [...new Set(files.map(({ TransferSyntaxUID }) => TransferSyntaxUID))],
      };
      const offer = chooseOffer(req, [
        { multipart: true, ...media },
        ...(target.SOPInstanceUID === undefined ? [] : [{ multipart: false, ...media }]),
      ]);
      res.vary('Accept');
      // An instance is never written over; a study or series may grow.
      const { SOPInstanceUID: instance } = target;
      if (instance !== undefined && answeredAsKnown(req, res, FOR_EVER, [instance, String(offer.multipart)])) return;
      if (offer.multipart) await sendFiles(req, res, files);
      else await sendFile(req, res, files);
    };
  }

  function metadata(targetOf: (req: Request) => Target): RequestHandler {
    return async (req, res) => {
      const target = targetOf(req);
      const files = await filesOf(dicomweb, target);
      sendDicomJsonType(req, res);
      const service = serviceUrl(req);
      const known = [version, service, ...files.map(({ SOPInstanceUID }) => SOPInstanceUID)];
      if (answeredAsKnown(req, res, ASKED_AGAIN, known)) return;
      const read = target.SOPInstanceUID === undefined ? readOrIndex : metadataOf;
      const complete = async (file: StoredFile) => ({
        ...(await read(file, `${resourceUrl(service, locationOf(file))}/bulkdata`)),
        ...availableAs(file),
      });
      await sendStream(req, res, jsonArray(readAhead(files, complete)));
    };
  }

  /** One image that cannot be read must not hide the others of its series: it is named by what the index holds. */
  async function readOrIndex(file: StoredFile, bulkDataUrl: string): Promise<Record<string, unknown>> {
    try {
      return await metadataOf(file, bulkDataUrl);
    } catch (error) {
      if (!(error instanceof AppError && /^DATASET_(UNREADABLE|TOO_LARGE)$/.test(error.code))) throw error;
      log.error('wado.metadata-unreadable', error, { SOPInstanceUID: file.SOPInstanceUID });
      const uid = (value: string) => ({ vr: 'UI', Value: [value] });
      return {
        '00080016': uid(file.SOPClassUID),
        '00080018': uid(file.SOPInstanceUID),
        '0020000D': uid(file.StudyInstanceUID),
        '0020000E': uid(file.SeriesInstanceUID),
      };
    }
  }
}

/** @throws {AppError} STUDY_NOT_FOUND, SERIES_NOT_FOUND or INSTANCE_NOT_FOUND when nothing is stored there */
export async function filesOf(queries: WadoPorts['dicomweb'], target: Target): Promise<readonly StoredFile[]> {
  const files = await queries.files(target);
  if (files.length > 0) return files;
  if (target.SOPInstanceUID !== undefined) throw new AppError('INSTANCE_NOT_FOUND', 'No such instance', { ...target });
  if (target.SeriesInstanceUID !== undefined) throw new AppError('SERIES_NOT_FOUND', 'No such series', { ...target });
  throw new AppError('STUDY_NOT_FOUND', 'No such study', { ...target });
}

/** AvailableTransferSyntaxUID: what a retrieval will bring, for the file meta information is not part of metadata. */
const availableAs = ({ TransferSyntaxUID }: StoredFile) => ({ '00083002': { vr: 'UI', Value: [TransferSyntaxUID] } });

const dicomType = (file: StoredFile): string => `application/dicom; transfer-syntax=${file.TransferSyntaxUID}`;

async function sendFile(req: Request, res: Response, [file]: readonly StoredFile[]): Promise<void> {
  if (file === undefined) throw new AppError('INSTANCE_NOT_FOUND', 'No such instance');
  const range = answeredRange(req, res, await fileLength(file.file));
  const { body } = await fileBody(file.file, range);
  res.set('Content-Type', dicomType(file));
  await sendStream(req, res, body);
}

async function sendFiles(req: Request, res: Response, files: readonly StoredFile[]): Promise<void> {
  const service = serviceUrl(req);
  const boundary = newBoundary();
  async function* parts(): AsyncGenerator<Part> {
    for (const file of files)
      yield {
        contentType: dicomType(file),
        location: resourceUrl(service, locationOf(file)),
        ...(await fileBody(file.file)),
      };
  }
  res.set('Content-Type', `multipart/related; type="application/dicom"; boundary="${boundary}"`);
  await sendStream(req, res, multipartBody(boundary, parts()));
}

const locationOf = ({ StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID }: StoredFile): Target => ({
  StudyInstanceUID,
  SeriesInstanceUID,
  SOPInstanceUID,
});

/** Results in the order of the items, a few of them under way at once. */
async function* readAhead<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const underWay: Promise<Result>[] = [];
  const start = (item: Item) => {
    const result = work(item);
    // Awaited below in its turn; one that is never reached must not end the process.
    result.catch(() => {});
    underWay.push(result);
  };
  for (const item of items.slice(0, READ_AHEAD)) start(item);
  for (let next = READ_AHEAD; underWay.length > 0; next += 1) {
    const result = await underWay.shift();
    const item = items[next];
    if (item !== undefined) start(item);
    if (result !== undefined) yield result;
  }
}

async function* jsonArray(items: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  let separator = '[';
  for await (const item of items) {
    yield Buffer.from(`${separator}${dicomJsonText(item)}`);
    separator = ',\n';
  }
  yield Buffer.from(separator === '[' ? '[]' : ']');
}
