import { Router } from 'express';
import { AppError } from '../../domain/errors.ts';
import type { DicomwebQueries, StoredFile } from '../../domain/ports.ts';
import { answeredRange } from '../byte-range.ts';
import { answeredAsKnown, FOR_EVER } from '../conditional.ts';
import { chooseOffer, type DicomOffer } from '../dicom-media.ts';
import { INSTANCE, InstanceKey, resourceUrl, serviceUrl } from '../dicomweb-resource.ts';
import { multipartBody, newBoundary, type Part } from '../multipart.ts';
import { onlyMethods } from '../problem.ts';
import { sendStream } from '../send-stream.ts';
import { filesOf } from './dicomweb-wado.ts';

/** A frame in its stored coding, and how it is named on the web. */
interface Frame {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  readonly transferSyntaxUID: string;
}

export interface FramePorts {
  readonly dicomweb: Pick<DicomwebQueries, 'files'>;
  /** `frame` is 0-based. @throws {AppError} FRAME_NOT_FOUND when the instance has no such frame, or no pixels */
  frameOf(file: StoredFile, frame: number): Promise<Frame>;
}

const MAX_FRAMES = 1000;

/** `GET …/instances/:SOPInstanceUID/frames/:frames`: Retrieve Frames (PS3.18 §10.4.1), never transcoded. */
export function frameRoutes({ dicomweb, frameOf }: FramePorts): Router {
  const router = Router();

  router
    .route(`${INSTANCE}/frames/:frames`)
    .get(async (req, res) => {
      const { frames: list = '', ...key } = req.params as Record<string, string>;
      const target = InstanceKey.parse(key);
      const numbers = frameNumbers(list);
      const [file] = await filesOf(dicomweb, target);
      const beyond = numbers.find((number) => number > Math.max(1, file?.NumberOfFrames ?? 0));
      if (file === undefined || beyond !== undefined)
        throw new AppError('FRAME_NOT_FOUND', `The instance has no frame ${beyond ?? ''}`, { ...target });

      // The content never changes, and the same Accept always chooses the same form of it.
      res.vary('Accept');
      const { accept = '' } = req.headers;
      const identity = [target.SOPInstanceUID, list, accept, String(req.query.accept)];
      if (answeredAsKnown(req, res, FOR_EVER, identity)) return;

      const [firstNumber = 1, ...others] = numbers;
      const first = await frameOf(file, firstNumber - 1);
      const offer = chooseOffer(req, offersOf(first, numbers.length));
      const contentType = `${offer.mediaType}; transfer-syntax=${first.transferSyntaxUID}`;
      if (!offer.multipart) {
        const { start, end } = answeredRange(req, res, first.bytes.length) ?? { start: 0, end: first.bytes.length - 1 };
        return void res.set('Content-Type', contentType).send(asBuffer(first.bytes.subarray(start, end + 1)));
      }

      const framesUrl = `${resourceUrl(serviceUrl(req), target)}/frames`;
      const partOf = (number: number, { bytes }: Frame): Part => ({
        contentType,
        location: `${framesUrl}/${number}`,
        length: bytes.length,
        body: [bytes],
      });
      const parts = async function* (): AsyncGenerator<Part> {
        yield partOf(firstNumber, first);
        for (const number of others) yield partOf(number, await frameOf(file, number - 1));
      };
      const boundary = newBoundary();
      res.set('Content-Type', `multipart/related; type="${offer.mediaType}"; boundary="${boundary}"`);
      await sendStream(req, res, multipartBody(boundary, parts()));
    })
    .all(onlyMethods('GET, HEAD'));

  return router;
}

/** A comma-separated list of different frame numbers from 1, in any order. */
function frameNumbers(list: string): readonly number[] {
  const numbers = list.split(',').map((text) => (/^[1-9]\d{0,8}$/.test(text) ? Number(text) : Number.NaN));
  const valid = numbers.every(Number.isInteger) && new Set(numbers).size === numbers.length;
  if (!valid || numbers.length > MAX_FRAMES)
    throw new AppError('BAD_REQUEST', `frames: numbers from 1, each once, at most ${MAX_FRAMES}, separated by commas`);
  return numbers;
}

/**
 * By its own media type first; as `application/octet-stream` to a client that says it takes any coding, which is what
 * Cornerstone asks for. A single part only for a single frame (PS3.18 §10.4.4).
 */
function offersOf({ mediaType, transferSyntaxUID }: Frame, count: number): readonly DicomOffer[] {
  const types = [...new Set([mediaType, 'application/octet-stream'])];
  return [true, ...(count === 1 ? [false] : [])].flatMap((multipart) =>
    types.map((type) => ({ multipart, mediaType: type, transferSyntaxUIDs: [transferSyntaxUID] })),
  );
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
