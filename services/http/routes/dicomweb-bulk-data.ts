import { Router } from 'express';
import { z } from 'zod';
import type { DicomwebQueries, StoredFile } from '../../domain/ports.ts';
import { answeredRange } from '../byte-range.ts';
import { answeredAsKnown, FOR_EVER } from '../conditional.ts';
import { rankOffers } from '../dicom-offers.ts';
import { INSTANCE, InstanceKey } from '../dicomweb-resource.ts';
import { filesOf } from '../files-of.ts';
import { multipartBody, newBoundary } from '../multipart.ts';
import { onlyMethods } from '../problem.ts';
import { sendStream } from '../send-stream.ts';

export interface BulkDataPorts {
  readonly dicomweb: Pick<DicomwebQueries, 'files'>;
  /** @throws {AppError} BULK_DATA_NOT_FOUND when no value stands at `path`. */
  bulkDataOf(file: StoredFile, path: readonly string[]): Promise<Uint8Array>;
}

/** Tag, or tag/item/tag and so on, as the metadata names it; no sequence is deeper than a data set may be. */
const Path = z
  .array(z.string())
  .max(65)
  .refine((path) => path.length % 2 === 1 && path.every((text, n) => (n % 2 === 0 ? TAG : ITEM).test(text)), {
    error: 'bulk data is named by a tag, or by tag/item/tag',
  });
const TAG = /^[\dA-Fa-f]{8}$/;
const ITEM = /^\d{1,6}$/;
/** The values are little endian, and the type of what is in them is not known. */
const OFFER = {
  mediaType: 'application/octet-stream',
  transferSyntaxUIDs: ['1.2.840.10008.1.2.1'],
  isStored: true,
  isDefault: true,
};

/** `GET …/instances/:SOPInstanceUID/bulkdata/*`: Retrieve Bulkdata (PS3.18 §10.4.1), by the URLs of the metadata. */
export function bulkDataRoutes({ dicomweb, bulkDataOf }: BulkDataPorts): Router {
  const router = Router();
  router
    .route(`${INSTANCE}/bulkdata/*path`)
    .get(async (req, res) => {
      const { path: named, ...key } = req.params as Record<string, unknown>;
      const target = InstanceKey.parse(key);
      const path = Path.parse(named);
      const [offer] = rankOffers(req, [
        { multipart: true, ...OFFER },
        { multipart: false, ...OFFER },
      ]);
      const [file] = await filesOf(dicomweb, target);
      if (offer === undefined) return;
      res.vary('Accept');
      const identity = [target.SOPInstanceUID, ...path, String(offer.multipart)];
      if (answeredAsKnown(req, res, FOR_EVER, identity)) return;
      const bytes = await bulkDataOf(file, path);
      if (!offer.multipart) {
        const { start, end } = answeredRange(req, res, bytes.length) ?? { start: 0, end: bytes.length - 1 };
        res.set('Content-Type', OFFER.mediaType).send(Buffer.from(bytes.subarray(start, end + 1)));
        return;
      }
      const boundary = newBoundary();
      const part = { contentType: OFFER.mediaType, length: bytes.length, body: [bytes] };
      res.set('Content-Type', `multipart/related; type="${OFFER.mediaType}"; boundary="${boundary}"`);
      await sendStream(req, res, multipartBody(boundary, [part]));
    })
    .all(onlyMethods('GET, HEAD'));
  return router;
}
