import { type Request, type Response, Router } from 'express';
import {
  PreparationOrder,
  ReaderOrder,
  ReadingDraft,
  type ReadLesion,
  SegmentationOrder,
  SignatureOrder,
} from '../../domain/contract/reading.ts';
import { AppError, type ErrorCode, httpStatusOf } from '../../domain/errors.ts';
import type { ReadingChange, ReadingOutcome, ReadingStore } from '../../domain/reading-ports.ts';
import { type Reason, reasonText } from '../../domain/reason.ts';
import { type SeriesKey, StudyKey } from '../../domain/study.ts';
import { onlyMethods, sendProblem } from '../problem.ts';

export interface ReadingPorts {
  readonly readings: Pick<ReadingStore, 'reading' | 'saveDraft' | 'reveal' | 'amend'>;
  signReading(change: ReadingChange, order: Omit<SignatureOrder, 'reader'>): Promise<ReadingOutcome>;
  /**
   * Measures what is at a point (LPS, mm), or says why nothing can be measured there.
   *
   * @throws {AppError} SERIES_NOT_FOUND, IMAGER_DIED, IMAGER_DEADLINE, IMAGER_BUSY.
   */
  segmentAt(
    key: SeriesKey,
    order: Pick<SegmentationOrder, 'point' | 'label'>,
    signal: AbortSignal,
  ): Promise<{ readonly lesion: ReadLesion } | { readonly reason: Reason }>;
}

const PREPARE_MS = 60_000;
const PATH = '/api/studies/:StudyInstanceUID';

/**
 * The reading of a study: `GET` and `PUT …/reading`, `POST …/reading/reveal`, `…/signature`, `…/amendment`. Every change
 * names by `If-Match` the revision it was made on and answers with the reading it made. `POST …/segmentations` and
 * `…/segmentations/preparation` change nothing.
 */
export function readingRoutes({ readings, signReading, segmentAt }: ReadingPorts): Router {
  const router = Router();
  router
    .route(`${PATH}/reading`)
    .get(async (req, res) => {
      const key = StudyKey.parse(req.params);
      const reading = await readings.reading(key.StudyInstanceUID);
      if (reading === undefined) throw new AppError('STUDY_NOT_FOUND', 'No study with this UID was received', key);
      answer(res, { reading });
    })
    .put(async (req, res) => {
      const [key, revision] = [StudyKey.parse(req.params), revisionOf(req)];
      const { reader, content } = ReadingDraft.parse(req.body);
      answer(res, await readings.saveDraft({ ...key, revision, reader }, content));
    })
    .all(onlyMethods('GET, HEAD, PUT'));

  const orders: Readonly<Record<string, (change: ReadingChange) => Promise<ReadingOutcome>>> = {
    reveal: readings.reveal,
    amendment: readings.amend,
  };
  for (const [name, carryOut] of Object.entries(orders)) {
    router
      .route(`${PATH}/reading/${name}`)
      .post(async (req, res) => {
        const [key, revision] = [StudyKey.parse(req.params), revisionOf(req)];
        answer(res, await carryOut({ ...key, revision, ...ReaderOrder.parse(req.body) }));
      })
      .all(onlyMethods('POST'));
  }
  router
    .route(`${PATH}/reading/signature`)
    .post(async (req, res) => {
      const [key, revision] = [StudyKey.parse(req.params), revisionOf(req)];
      const { reader, ...order } = SignatureOrder.parse(req.body);
      answer(res, await signReading({ ...key, revision, reader }, order));
    })
    .all(onlyMethods('POST'));

  router
    .route(`${PATH}/segmentations`)
    .post(async (req, res) => {
      const key = StudyKey.parse(req.params);
      const { SeriesInstanceUID, ...order } = SegmentationOrder.parse(req.body);
      const leaving = new AbortController();
      res.once('close', () => leaving.abort(new Error('the client is gone')));
      const found = await segmentAt({ ...key, SeriesInstanceUID }, order, leaving.signal);
      if ('lesion' in found) return void res.json(found.lesion);
      const { reason } = found;
      refuse(res, 'NOT_SEGMENTABLE', reasonText(reason), { reason });
    })
    .all(onlyMethods('POST'));

  // One at a time: a reader who clicks does not wait behind readers who only look.
  const preparing = { now: false };
  router
    .route(`${PATH}/segmentations/preparation`)
    .post((req, res) => {
      const key = StudyKey.parse(req.params);
      const { SeriesInstanceUID, point } = PreparationOrder.parse(req.body);
      res.status(202).end();
      if (preparing.now) return;
      preparing.now = true;
      // What is found there, or why nothing is, does not matter: the series is placed and its slices are decoded.
      segmentAt({ ...key, SeriesInstanceUID }, { point, label: 'nodule' }, AbortSignal.timeout(PREPARE_MS))
        .catch(() => undefined)
        .finally(() => {
          preparing.now = false;
        });
    })
    .all(onlyMethods('POST'));
  return router;
}

/** A refusal is a problem that holds what the client needs to go on: what is there now, or what wants a verdict. */
function answer(res: Response, outcome: ReadingOutcome): void {
  if ('reading' in outcome) {
    res.set('ETag', `"${outcome.reading.revision}"`).json(outcome.reading);
    return;
  }
  const { code, detail, ...more } = outcome.refused;
  refuse(res, code, detail, more);
}

const refuse = (res: Response, code: ErrorCode, detail: string, more: object): void =>
  sendProblem(res, { status: httpStatusOf(code), code, detail }, more);

/** @throws {AppError} PRECONDITION_REQUIRED without `If-Match` (RFC 6585 §3), BAD_REQUEST for one that is no revision. */
function revisionOf(req: Request): number {
  const said = req.get('If-Match');
  if (said === undefined)
    throw new AppError('PRECONDITION_REQUIRED', 'If-Match must name the revision this change was made on');
  const [, revision] = /^"(\d{1,9})"$/.exec(said.trim()) ?? [];
  if (revision === undefined)
    throw new AppError('BAD_REQUEST', 'If-Match is the ETag of the reading: its revision, in quotes');
  return Number(revision);
}
