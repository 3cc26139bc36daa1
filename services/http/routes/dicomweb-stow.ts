import { type Request, type RequestHandler, type Response, Router } from 'express';
import type { Log } from '../../domain/context.ts';
import { AppError } from '../../domain/errors.ts';
import { type SeriesKey, StudyKey } from '../../domain/study.ts';
import { dicomJsonText } from '../dicom-json-text.ts';
import { sendDicomJsonType } from '../dicom-offers.ts';
import { STUDIES, STUDY, serviceUrl } from '../dicomweb-resource.ts';
import { parseAccept } from '../media-range.ts';
import { type BodyLimits, dropRest, requestBody } from '../request-body.ts';
import { type IncomingPart, splitMultipart } from '../split-multipart.ts';
import { type Failed, type Stored, storeResponse, storeStatus } from '../store-response.ts';

/** One Part 10 file on its way to the store. After a failure of any kind `abort` is called. */
interface FileSink {
  readonly named: Pick<Stored, 'SOPClassUID' | 'SOPInstanceUID'> | undefined;
  write(bytes: Uint8Array): Promise<void> | undefined;
  /** Resolves when nothing can be lost any more. */
  end(): Promise<Stored>;
  abort(error: unknown): Promise<void>;
}

export interface StowPorts {
  /** A file that must belong to this study, when one is named. */
  receiveFile(StudyInstanceUID?: string): FileSink;
  /** A request that brought these series is over; `whole` when all of its body came. */
  storeEnded(series: readonly SeriesKey[], whole: boolean): Promise<void>;
  readonly storeLimits: BodyLimits & { readonly maxRequests: number };
}

interface Outcome {
  readonly stored: Stored[];
  readonly failed: Failed[];
}

/** STOW-RS, the Store Transaction (PS3.18 §10.5): `POST /studies` and `POST /studies/:StudyInstanceUID`. */
export function stowRoutes(log: Log, ports: StowPorts): Router {
  const router = Router();
  const running = { requests: 0 };
  const store: RequestHandler = async (req, res) => {
    const { StudyInstanceUID } = req.params;
    const study = StudyInstanceUID === undefined ? undefined : StudyKey.parse(req.params).StudyInstanceUID;
    running.requests += 1;
    try {
      if (running.requests > ports.storeLimits.maxRequests) {
        throw new AppError('STORE_UNAVAILABLE', 'as many store requests as are taken at once are running');
      }
      await answerStore(req, res, study);
    } catch (error) {
      // What else the client sends is not for us: the connection cannot be used again.
      res.set('Connection', 'close');
      await dropRest(req);
      throw error;
    } finally {
      running.requests -= 1;
    }
  };
  // The other methods, and OPTIONS, are answered by the routes of the searches and retrievals.
  router.all([STUDIES, STUDY], (req, res, next) => (req.method === 'POST' ? store(req, res, next) : next()));
  return router;

  async function answerStore(req: Request, res: Response, study: string | undefined): Promise<void> {
    const boundary = boundaryOf(req);
    sendDicomJsonType(req, res);
    const outcome: Outcome = { stored: [], failed: [] };
    const broken = await storeParts(req, boundary, study, outcome).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    await tellEnded(outcome, broken === undefined);
    if (broken !== undefined) {
      if (outcome.stored.length === 0 && outcome.failed.length === 0) throw broken.error;
      // What is stored stays stored, and the client must know it.
      outcome.failed.push(broken);
      res.set('Connection', 'close');
      await dropRest(req);
    }
    const { stored, failed } = outcome;
    if (stored.length + failed.length === 0) throw new AppError('BAD_REQUEST', 'the body holds no part');
    const status = storeStatus(stored, failed);
    if (status === 503) res.set('Retry-After', '5');
    res.status(status).send(Buffer.from(dicomJsonText(storeResponse(serviceUrl(req), stored, failed))));
  }

  async function storeParts(req: Request, boundary: string, study: string | undefined, outcome: Outcome) {
    for await (const part of splitMultipart(requestBody(req, ports.storeLimits), boundary)) {
      await storePart(part, study, outcome);
    }
  }

  async function storePart({ headers, body }: IncomingPart, study: string | undefined, outcome: Outcome) {
    const file = new ArrivingFile(ports.receiveFile(study));
    await file.attempt(() => checkPart(headers));
    try {
      // A part that is refused is read to its end all the same: the next one may be taken.
      for await (const bytes of body) await file.attempt((sink) => sink.write(bytes));
    } catch (error) {
      // The body broke off: nobody can say whether this was the whole of the file.
      await file.refuse(error);
      throw error;
    }
    await file.attempt(async (sink) => void outcome.stored.push(await sink.end()));
    if (file.refused !== undefined) outcome.failed.push(file.refused);
  }

  async function tellEnded({ stored }: Outcome, whole: boolean): Promise<void> {
    const series = new Map(stored.map((each) => [each.series.SeriesInstanceUID, each.series]));
    if (series.size === 0) return;
    // It only shortens a wait: the instances are stored, whatever comes of it.
    await ports
      .storeEnded([...series.values()], whole)
      .catch((error: unknown) => log.error('stow.end-not-told', error));
  }
}

/** A file that nothing is done to any more once something failed. */
class ArrivingFile {
  readonly #sink: FileSink;
  refused: Failed | undefined;

  constructor(sink: FileSink) {
    this.#sink = sink;
  }

  async attempt(work: (sink: FileSink) => Promise<void> | undefined): Promise<void> {
    if (this.refused !== undefined) return;
    try {
      await work(this.#sink);
    } catch (error) {
      await this.refuse(error);
    }
  }

  async refuse(error: unknown): Promise<void> {
    if (this.refused !== undefined) return;
    this.refused = { error, named: this.#sink.named };
    await this.#sink.abort(error);
  }
}

/** @throws {AppError} UNSUPPORTED_MEDIA_TYPE unless it is `multipart/related; type="application/dicom"`, not compressed. */
function boundaryOf(req: Request): string {
  const [sent] = parseAccept(req.headers['content-type'] ?? 'none/none');
  const isMultipart = sent?.type === 'multipart' && sent.subtype === 'related';
  const isDicom = sent?.parameters.get('type')?.toLowerCase() === 'application/dicom';
  const isPlain = (req.headers['content-encoding'] ?? 'identity') === 'identity';
  if (sent === undefined || !isMultipart || !isDicom || !isPlain) {
    throw new AppError('UNSUPPORTED_MEDIA_TYPE', 'Taken: multipart/related; type="application/dicom", not compressed');
  }
  return sent.parameters.get('boundary') ?? '';
}

/** @throws {AppError} UNSUPPORTED_MEDIA_TYPE when the part says that it is no binary Part 10 file. */
function checkPart(headers: ReadonlyMap<string, string>): undefined {
  const [sent] = parseAccept(headers.get('content-type') ?? 'application/dicom');
  const isDicom = sent?.type === 'application' && sent.subtype === 'dicom';
  const isBinary = (headers.get('content-transfer-encoding') ?? 'binary').toLowerCase() === 'binary';
  if (!isDicom || !isBinary) throw new AppError('UNSUPPORTED_MEDIA_TYPE', 'a part is not application/dicom in binary');
}
