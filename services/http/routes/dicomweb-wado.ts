import { type Request, type RequestHandler, type Response, Router } from 'express';
import type { DicomwebQueries, StoredFile } from '../../domain/ports.ts';
import { abortedWith } from '../aborted-with.ts';
import { answeredRange } from '../byte-range.ts';
import { answeredAsKnown, FOR_EVER } from '../conditional.ts';
import { type DicomOffer, firstAcceptable, rankOffers } from '../dicom-offers.ts';
import { resourceUrl, STUDY, serviceUrl, TARGETS, type Target } from '../dicomweb-resource.ts';
import { fileBody, fileLength } from '../file-slices.ts';
import { filesOf, locationOf } from '../files-of.ts';
import { type InstanceBody, type InstancePorts, instanceBody, instanceOffers } from '../instance-body.ts';
import { multipartBody, newBoundary, type Part } from '../multipart.ts';
import { onlyMethods } from '../problem.ts';
import { readAhead } from '../read-ahead.ts';
import { sendStream } from '../send-stream.ts';

export interface WadoPorts extends InstancePorts {
  readonly dicomweb: Pick<DicomwebQueries, 'files'>;
}

/** Instances that are opened, or made, while those before are sent. */
const PARTS_AHEAD = 2;

/**
 * WADO-RS, the Retrieve Transaction (PS3.18 §10.4): instances, as stored or transcoded. `version` is part of the validator
 * of what was transcoded, for encoders may change.
 */
export function wadoRoutes(ports: WadoPorts, version: string): Router {
  const router = Router();
  for (const [path, targetOf] of TARGETS) {
    const methods = path === STUDY ? 'GET, HEAD, POST' : 'GET, HEAD';
    router.route(path).get(retrieve(targetOf)).all(onlyMethods(methods));
  }
  return router;

  function retrieve(targetOf: (req: Request) => Target): RequestHandler {
    return async (req, res) => {
      const target = targetOf(req);
      const files = await filesOf(ports.dicomweb, target);
      const offers = rankOffers(req, instanceOffers(files, target.SOPInstanceUID !== undefined, ports.canTranscode));
      res.vary('Accept');
      if (isKnown(req, res, target, offers)) return;
      const signal = abortedWith(res);
      const [first, ...others] = files;
      const { offer, result } = await firstAcceptable(offers, (each) => instanceBody(ports, first, each, signal));
      if (offer.multipart) {
        return sendParts(req, res, { first, result, others }, (file) => instanceBody(ports, file, offer, signal));
      }
      await (result.isStored ? sendStored(req, res, first) : sendMade(req, res, result));
    };
  }

  /** An instance is never written over; a study or series may grow. */
  function isKnown(req: Request, res: Response, { SOPInstanceUID }: Target, [best]: readonly DicomOffer[]): boolean {
    if (SOPInstanceUID === undefined || best === undefined) return false;
    const form = best.isStored ? ['stored'] : [version, ...best.transferSyntaxUIDs];
    return answeredAsKnown(req, res, FOR_EVER, [SOPInstanceUID, String(best.multipart), ...form]);
  }
}

const dicomType = (TransferSyntaxUID: string): string => `application/dicom; transfer-syntax=${TransferSyntaxUID}`;

/** A single file as stored, or a range of it. */
async function sendStored(req: Request, res: Response, { file, TransferSyntaxUID }: StoredFile): Promise<void> {
  const range = answeredRange(req, res, await fileLength(file));
  const { body } = await fileBody(file, range);
  res.set('Content-Type', dicomType(TransferSyntaxUID));
  await sendStream(req, res, body);
}

async function sendMade(req: Request, res: Response, { TransferSyntaxUID, length, body }: InstanceBody): Promise<void> {
  res.set('Content-Type', dicomType(TransferSyntaxUID));
  if (length !== undefined) res.set('Content-Length', String(length));
  await sendStream(req, res, body);
}

interface Files {
  readonly first: StoredFile;
  readonly result: InstanceBody;
  readonly others: readonly StoredFile[];
}

/** All files, each opened or made in its turn. */
async function sendParts(
  req: Request,
  res: Response,
  { first, result, others }: Files,
  bodyOf: (file: StoredFile) => Promise<InstanceBody>,
): Promise<void> {
  const service = serviceUrl(req);
  const boundary = newBoundary();
  const partOf = (file: StoredFile, { TransferSyntaxUID, length, body }: InstanceBody): Part => ({
    contentType: dicomType(TransferSyntaxUID),
    location: resourceUrl(service, locationOf(file)),
    length,
    body,
  });
  async function* parts(): AsyncGenerator<Part> {
    yield partOf(first, result);
    yield* readAhead(others, PARTS_AHEAD, async (file) => partOf(file, await bodyOf(file)));
  }
  res.set('Content-Type', `multipart/related; type="application/dicom"; boundary="${boundary}"`);
  await sendStream(req, res, multipartBody(boundary, parts()));
}
