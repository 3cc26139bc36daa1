import { type Request, type RequestHandler, type Response, Router } from 'express';
import { AppError } from '../../domain/errors.ts';
import type { DicomwebQueries, StoredFile } from '../../domain/ports.ts';
import { PictureType, type RenderOptions } from '../../domain/render-options.ts';
import { abortedWith } from '../aborted-with.ts';
import { ASKED_AGAIN, answeredAsKnown, FOR_EVER } from '../conditional.ts';
import { INSTANCE, InstanceKey, resourceUrl, serviceUrl, TARGETS, type Target } from '../dicomweb-resource.ts';
import { filesOf, locationOf } from '../files-of.ts';
import { frameNumbers } from '../frame-numbers.ts';
import { ANY_TYPE, acceptedRanges, type MediaRange, negotiate, parseAccept, typeSpecificity } from '../media-range.ts';
import { multipartBody, newBoundary, type Part } from '../multipart.ts';
import { onlyMethods } from '../problem.ts';
import { readAhead } from '../read-ahead.ts';
import { renderOptions, thumbnailOptions, unsupported } from '../render-query.ts';
import { sendStream } from '../send-stream.ts';

export interface RenderPorts {
  readonly dicomweb: Pick<DicomwebQueries, 'files'>;
  /**
   * A frame (from 0; `null`: the one that stands for the instance) as a picture, made in a process of its own.
   *
   * @throws {AppError} FRAME_NOT_FOUND, also when there are no pixels; NOT_ACCEPTABLE for what is not decoded; BAD_REQUEST
   *   for a region outside the frame; INSTANCE_UNREADABLE, IMAGER_DIED, IMAGER_DEADLINE, IMAGER_BUSY
   */
  renderedFrame(
    file: StoredFile,
    frame: number | null,
    options: RenderOptions,
    signal: AbortSignal,
  ): Promise<readonly Uint8Array[]>;
}

interface Offer {
  readonly multipart: boolean;
  readonly mediaType: PictureType;
}

/** A picture to be made. */
interface Wanted {
  readonly file: StoredFile;
  readonly frame: number | null;
}

const PICTURES_AHEAD = 2;
const FRAME = `${INSTANCE}/frames/:frames`;

/**
 * Rendered resources and thumbnails of studies, series, instances and frames (PS3.18 §10.4.1.1.3, §10.4.1.1.4). `version` is
 * part of the validators, for encoders may change.
 */
export function renderedRoutes(ports: RenderPorts, version: string): Router {
  const router = Router();
  for (const [path, targetOf] of TARGETS) {
    router.route(`${path}/rendered`).get(rendered(targetOf)).all(onlyMethods('GET, HEAD'));
    router.route(`${path}/thumbnail`).get(thumbnail(targetOf)).all(onlyMethods('GET, HEAD'));
  }
  const instanceOf = ({ params: { frames: _, ...key } }: Request): Target => InstanceKey.parse(key);
  router.route(`${FRAME}/rendered`).get(rendered(instanceOf)).all(onlyMethods('GET, HEAD'));
  router.route(`${FRAME}/thumbnail`).get(thumbnail(instanceOf)).all(onlyMethods('GET, HEAD'));
  return router;

  function rendered(targetOf: (req: Request) => Target): RequestHandler {
    return async (req, res) => {
      const target = targetOf(req);
      const files = await filesOf(ports.dicomweb, target);
      const frames = framesOf(req);
      const isOne = target.SOPInstanceUID !== undefined && (frames?.length ?? 1) === 1;
      const offer = chosen(req, isOne ? [false, true] : [true]);
      const options = renderOptions(req, offer.mediaType);
      if (isKnown(req, res, target, files, frames)) return;
      warn(req, res);
      const signal = abortedWith(res);
      const wanted = wantedOf(files, frames, offer.multipart);
      if (offer.multipart) return sendPictures(req, res, wanted, options, signal);
      const [first] = wanted;
      if (first === undefined) throw new AppError('FRAME_NOT_FOUND', 'There are no pixels', { ...target });
      await sendPicture(res, options, await ports.renderedFrame(first.file, first.frame, options, signal));
    };
  }

  /** One picture that stands for all: of the middle instance that has pixels. */
  function thumbnail(targetOf: (req: Request) => Target): RequestHandler {
    return async (req, res) => {
      const target = targetOf(req);
      const files = await filesOf(ports.dicomweb, target);
      const { mediaType } = chosen(req, [false]);
      const options = thumbnailOptions(req, mediaType);
      const [number] = framesOf(req) ?? [];
      if (isKnown(req, res, target, files, number === undefined ? undefined : [number])) return;
      const signal = abortedWith(res);
      const frame = number === undefined ? null : number - 1;
      const candidates = representatives(files).map((file): Wanted => ({ file, frame }));
      await sendPicture(res, options, await firstWithPixels(candidates, options, signal));
    };
  }

  function isKnown(
    req: Request,
    res: Response,
    target: Target,
    files: readonly StoredFile[],
    frames: readonly number[] | undefined,
  ): boolean {
    res.vary('Accept');
    const { accept = '' } = req.headers;
    const asked = [version, req.path, String(frames), accept, new URLSearchParams(req.query as never).toString()];
    const isFixed = target.SOPInstanceUID !== undefined;
    const held = files.map(({ SOPInstanceUID }) => SOPInstanceUID);
    return answeredAsKnown(req, res, isFixed ? FOR_EVER : ASKED_AGAIN, [...asked, ...held]);
  }

  async function firstWithPixels(
    [first, ...others]: readonly Wanted[],
    options: RenderOptions,
    signal: AbortSignal,
  ): Promise<readonly Uint8Array[]> {
    if (first === undefined) throw new AppError('FRAME_NOT_FOUND', 'There are no pixels');
    try {
      return await ports.renderedFrame(first.file, first.frame, options, signal);
    } catch (error) {
      const mayHaveOthers =
        error instanceof AppError && /^(FRAME_NOT_FOUND|NOT_ACCEPTABLE|INSTANCE_UNREADABLE)$/.test(error.code);
      if (!mayHaveOthers || others.length === 0) throw error;
      return firstWithPixels(others, options, signal);
    }
  }

  async function sendPictures(
    req: Request,
    res: Response,
    wanted: readonly Wanted[],
    options: RenderOptions,
    signal: AbortSignal,
  ): Promise<void> {
    const service = serviceUrl(req);
    const partOf = async ({ file, frame }: Wanted): Promise<Part | undefined> => {
      const bytes = await ports.renderedFrame(file, frame, options, signal).catch(withoutPixels);
      const location = `${resourceUrl(service, locationOf(file))}${frame === null ? '' : `/frames/${frame + 1}`}/rendered`;
      return bytes && { contentType: options.mediaType, location, length: sizeOf(bytes), body: bytes };
    };
    const parts = async function* (): AsyncGenerator<Part> {
      for await (const part of readAhead(wanted, PICTURES_AHEAD, partOf)) if (part !== undefined) yield part;
    };
    const boundary = newBoundary();
    res.set('Content-Type', `multipart/related; type="${options.mediaType}"; boundary="${boundary}"`);
    await sendStream(req, res, multipartBody(boundary, parts()));
  }
}

/** Reports and other objects without pixels have no picture, and hide none. */
function withoutPixels(error: unknown): undefined {
  if (error instanceof AppError && error.code === 'FRAME_NOT_FOUND') return undefined;
  throw error;
}

function framesOf({ params: { frames } }: Request): readonly number[] | undefined {
  return typeof frames === 'string' ? frameNumbers(frames) : undefined;
}

/** Frames of one instance, or each picture of all files; without a container the one that stands for the instance. */
function wantedOf(
  files: readonly [StoredFile, ...StoredFile[]],
  frames: readonly number[] | undefined,
  isEach: boolean,
): readonly Wanted[] {
  if (frames) return frames.map((number) => ({ file: files[0], frame: number - 1 }));
  return files.flatMap((file) => picturesOf(file, isEach));
}

const picturesOf = (file: StoredFile, isEach: boolean): readonly Wanted[] =>
  isEach && file.NumberOfFrames > 1
    ? Array.from({ length: file.NumberOfFrames }, (_, frame) => ({ file, frame }))
    : [{ file, frame: null }];

/** The middle of each series, the longest series first, then its ends. */
function representatives(files: readonly StoredFile[]): readonly StoredFile[] {
  const series = [...Map.groupBy(files, ({ SeriesInstanceUID }) => SeriesInstanceUID).values()];
  return series
    .toSorted((a, b) => b.length - a.length)
    .flatMap((held) => [...new Set([held[Math.floor(held.length / 2)], held[0], held.at(-1)])])
    .filter((file) => file !== undefined)
    .slice(0, MAX_TRIES);
}
const MAX_TRIES = 12;

/** @throws {AppError} NOT_ACCEPTABLE */
function chosen(req: Request, containers: readonly boolean[]): Offer {
  const offers = containers.flatMap((multipart) =>
    PictureType.options.map((mediaType): Offer => ({ multipart, mediaType })),
  );
  const offer = negotiate(acceptedRanges(req), offers, specificity);
  if (offer) return offer;
  const kinds = containers.map((multipart) => (multipart ? 'multipart/related; type=' : ''));
  throw new AppError(
    'NOT_ACCEPTABLE',
    `Available: ${kinds.map((kind) => kind + PictureType.options.join(', ')).join('; ')}`,
  );
}

function specificity(range: MediaRange, { multipart, mediaType }: Offer): number {
  if (!multipart) return typeSpecificity(range, mediaType);
  const container = typeSpecificity(range, 'multipart/related');
  const type = range.parameters.get('type');
  const [root] = type === undefined ? [ANY_TYPE] : parseAccept(type);
  const part = root ? typeSpecificity(root, mediaType) : 0;
  return container === 0 || part === 0 ? 0 : container + part;
}

function warn(req: Request, res: Response): void {
  const names = unsupported(req);
  if (names.length > 0) res.set('Warning', `299 ${serviceUrl(req)} "not supported and left out: ${names.join(', ')}"`);
}

const sizeOf = (bytes: readonly Uint8Array[]): number => bytes.reduce((sum, { length }) => sum + length, 0);

async function sendPicture(res: Response, { mediaType }: RenderOptions, bytes: readonly Uint8Array[]): Promise<void> {
  res.set('Content-Type', mediaType).send(Buffer.concat(bytes));
}
