import { type Request, type Response, Router } from 'express';
import { AppError } from '../../domain/errors.ts';
import type { DicomwebQueries, StoredFile } from '../../domain/ports.ts';
import { abortedWith } from '../aborted-with.ts';
import { answeredRange } from '../byte-range.ts';
import { answeredAsKnown, FOR_EVER } from '../conditional.ts';
import { EXPLICIT_LITTLE, FRAME_TARGETS, frameMedia, OCTETS } from '../dicom-media.ts';
import { type DicomOffer, firstAcceptable, rankOffers } from '../dicom-offers.ts';
import { INSTANCE, InstanceKey, resourceUrl, serviceUrl } from '../dicomweb-resource.ts';
import { lengthOf, rangeOf, type StoredBytes, storedBody } from '../file-slices.ts';
import { filesOf, locationOf } from '../files-of.ts';
import { frameNumbers } from '../frame-numbers.ts';
import { multipartBody, newBoundary, type Part } from '../multipart.ts';
import { onlyMethods } from '../problem.ts';
import { readAhead } from '../read-ahead.ts';
import { sendStream } from '../send-stream.ts';

export interface FramePorts {
  readonly dicomweb: Pick<DicomwebQueries, 'files'>;
  /**
   * A frame (from 0) in its stored coding.
   *
   * @throws {AppError} FRAME_NOT_FOUND when the instance has no such frame, or no pixels
   */
  frameOf(file: StoredFile, frame: number): Promise<StoredBytes>;
  /**
   * The same in another transfer syntax, made in a process of its own.
   *
   * @throws {AppError} NOT_ACCEPTABLE when that cannot hold it; FRAME_NOT_FOUND; INSTANCE_UNREADABLE, IMAGER_DIED,
   *   IMAGER_DEADLINE, IMAGER_BUSY
   */
  transcodedFrame(
    file: StoredFile,
    frame: number,
    TransferSyntaxUID: string,
    signal: AbortSignal,
  ): Promise<readonly Uint8Array[]>;
}

/** Read or made while those before are sent. */
const FRAMES_AHEAD = 2;

/**
 * `GET …/instances/:SOPInstanceUID/frames/:frames`: Retrieve Frames (PS3.18 §10.4.1), as stored or transcoded. `version` is
 * part of the validator of what was transcoded, for encoders may change.
 */
export function frameRoutes(ports: FramePorts, version: string): Router {
  const router = Router();

  router
    .route(`${INSTANCE}/frames/:frames`)
    .get(async (req, res) => {
      const { frames: list = '', ...key } = req.params as Record<string, string>;
      const target = InstanceKey.parse(key);
      const numbers = frameNumbers(list);
      const [file] = await filesOf(ports.dicomweb, target);
      const beyond = numbers.find((number) => number > Math.max(1, file.NumberOfFrames));
      if (beyond !== undefined)
        throw new AppError('FRAME_NOT_FOUND', `The instance has no frame ${beyond}`, { ...target });

      // The content never changes, and the same Accept always chooses the same form of it.
      res.vary('Accept');
      const offers = rankOffers(req, offersOf(file, numbers.length));
      const { accept = '' } = req.headers;
      const identity = [target.SOPInstanceUID, list, accept, String(req.query.accept)];
      const made = offers[0]?.isStored ? [] : [version];
      if (answeredAsKnown(req, res, FOR_EVER, [...identity, ...made])) return;
      await sendFrames(req, res, file, numbers, offers);
    })
    .all(onlyMethods('GET, HEAD'));

  return router;

  async function sendFrames(
    req: Request,
    res: Response,
    file: StoredFile,
    [firstNumber = 1, ...others]: readonly number[],
    offers: readonly DicomOffer[],
  ): Promise<void> {
    const signal = abortedWith(res);
    const frame = async ({ isStored, transferSyntaxUIDs: [uid = ''] }: DicomOffer, number: number) =>
      isStored
        ? ports.frameOf(file, number - 1)
        : Buffer.concat(await ports.transcodedFrame(file, number - 1, uid, signal));
    const { offer, result: first } = await firstAcceptable(offers, (each) => frame(each, firstNumber));
    const contentType = `${offer.mediaType}; transfer-syntax=${offer.transferSyntaxUIDs[0]}`;
    if (!offer.multipart) {
      const range = answeredRange(req, res, lengthOf(first));
      res.set('Content-Type', contentType);
      return sendStream(req, res, storedBody(range === undefined ? first : rangeOf(first, range)));
    }
    const framesUrl = `${resourceUrl(serviceUrl(req), locationOf(file))}/frames`;
    const partOf = (number: number, bytes: StoredBytes): Part => ({
      contentType,
      location: `${framesUrl}/${number}`,
      length: lengthOf(bytes),
      body: storedBody(bytes),
    });
    const parts = async function* (): AsyncGenerator<Part> {
      yield partOf(firstNumber, first);
      const ahead = readAhead(others, FRAMES_AHEAD, async (number) => partOf(number, await frame(offer, number)));
      yield* ahead;
    };
    const boundary = newBoundary();
    res.set('Content-Type', `multipart/related; type="${offer.mediaType}"; boundary="${boundary}"`);
    await sendStream(req, res, multipartBody(boundary, parts()));
  }
}

/**
 * As stored first, by its own media type, then as `application/octet-stream` to a client that says it takes any coding,
 * which is what Cornerstone asks for; then what it can be made into. A single part only for a single frame (PS3.18
 * §10.4.4).
 */
function offersOf(file: StoredFile, count: number): readonly DicomOffer[] {
  const { mediaType: stored, transferSyntaxUID } = frameMedia(file.TransferSyntaxUID);
  // Codestreams say what they are; octets do not.
  const asStored = [...new Set([stored, OCTETS])].map((mediaType) => ({
    mediaType,
    transferSyntaxUIDs: [transferSyntaxUID],
    isStored: true,
    isDefault: mediaType !== OCTETS || transferSyntaxUID === EXPLICIT_LITTLE,
  }));
  const made = FRAME_TARGETS.filter((each) => each.transferSyntaxUID !== transferSyntaxUID).map(
    ({ mediaType, transferSyntaxUID: uid, isDefault }) => ({
      mediaType,
      transferSyntaxUIDs: [uid],
      isStored: false,
      isDefault,
    }),
  );
  return [true, ...(count === 1 ? [false] : [])].flatMap((multipart) =>
    [...asStored, ...made].map((form) => ({ multipart, ...form })),
  );
}
