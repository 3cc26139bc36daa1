import type { Request, Response } from 'express';
import { AppError } from '../domain/errors.ts';
import {
  ANY_TYPE,
  acceptedRanges,
  EXACT,
  type MediaRange,
  negotiate,
  parseAccept,
  typeSpecificity,
} from './media-range.ts';

const EXPLICIT_LITTLE = '1.2.840.10008.1.2.1';

/** Media type of a frame by its transfer syntax (PS3.18 Table 8.7.3-5). What is not here is `application/octet-stream`. */
// biome-ignore format: a table
const FRAME_TYPES: Readonly<Record<string, string>> = {
  '1.2.840.10008.1.2.4.50':  'image/jpeg',
  '1.2.840.10008.1.2.4.51':  'image/jpeg',
  '1.2.840.10008.1.2.4.57':  'image/jpeg',
  '1.2.840.10008.1.2.4.70':  'image/jpeg',
  '1.2.840.10008.1.2.4.80':  'image/jls',
  '1.2.840.10008.1.2.4.81':  'image/jls',
  '1.2.840.10008.1.2.4.90':  'image/jp2',
  '1.2.840.10008.1.2.4.91':  'image/jp2',
  '1.2.840.10008.1.2.4.92':  'image/jpx',
  '1.2.840.10008.1.2.4.93':  'image/jpx',
  '1.2.840.10008.1.2.4.110': 'image/jxl',
  '1.2.840.10008.1.2.4.111': 'image/jxl',
  '1.2.840.10008.1.2.4.112': 'image/jxl',
  '1.2.840.10008.1.2.4.201': 'image/jphc',
  '1.2.840.10008.1.2.4.202': 'image/jphc',
  '1.2.840.10008.1.2.4.203': 'image/jphc',
  '1.2.840.10008.1.2.5':     'image/dicom-rle',
};
/** The bytes of a frame in these are those of Explicit VR Little Endian, the only name web services have for them (§8.7.3). */
const SAME_PIXELS_AS_EXPLICIT_LITTLE = new Set(['1.2.840.10008.1.2', '1.2.840.10008.1.2.1.99', EXPLICIT_LITTLE]);

/** How a stored frame is named on the web: `main` uses it to answer `frameOf`. */
export function frameMedia(transferSyntaxUID: string): { mediaType: string; transferSyntaxUID: string } {
  return {
    mediaType: FRAME_TYPES[transferSyntaxUID] ?? 'application/octet-stream',
    transferSyntaxUID: SAME_PIXELS_AS_EXPLICIT_LITTLE.has(transferSyntaxUID) ? EXPLICIT_LITTLE : transferSyntaxUID,
  };
}

/** One way to send what was asked for, in the bytes as stored: nothing is transcoded. */
export interface DicomOffer {
  readonly multipart: boolean;
  readonly mediaType: string;
  /** Of all parts. */
  readonly transferSyntaxUIDs: readonly string[];
}

/**
 * Chooses among the offers by Accept (PS3.18 §8.7.8).
 *
 * `transfer-syntax=*` or the stored one is satisfied. When none is named, §8.7.3 means Explicit VR Little Endian;
 * that is insisted on for `application/octet-stream`, whose bytes do not say what they are, and not for `image/jls`
 * and the like or for `application/dicom`, which do.
 * @throws {AppError} NOT_ACCEPTABLE when no offer fits
 */
export function chooseOffer(req: Request, offers: readonly DicomOffer[]): DicomOffer {
  const offer = negotiate(acceptedRanges(req), offers, offerSpecificity);
  if (offer !== undefined) return offer;
  const stored = [...new Set(offers.map(describe))].join(', ');
  throw new AppError('NOT_ACCEPTABLE', `Nothing is transcoded here; available: ${stored}`);
}

const describe = ({ multipart, mediaType, transferSyntaxUIDs: [first = ''] }: DicomOffer): string =>
  multipart
    ? `multipart/related; type="${mediaType}"; transfer-syntax=${first}`
    : `${mediaType}; transfer-syntax=${first}`;

/** How exactly a range names an offer: container, media type of the parts, transfer syntax. */
function offerSpecificity(range: MediaRange, offer: DicomOffer): number {
  const container = typeSpecificity(range, offer.multipart ? 'multipart/related' : offer.mediaType);
  const part = offer.multipart ? partSpecificity(range.parameters.get('type'), offer.mediaType) : container;
  if (container === 0 || part === 0) return 0;
  const named = range.parameters.get('transfer-syntax');
  if (!syntaxFits(named, offer, part === EXACT)) return 0;
  return container + part + (named === undefined ? 0 : 1);
}

/** `multipart/related` alone takes parts of any type; `type` may be a range too, as Python's dicomweb-client asks. */
function partSpecificity(type: string | undefined, mediaType: string): number {
  const [root] = type === undefined ? [ANY_TYPE] : parseAccept(type);
  return root === undefined ? 0 : typeSpecificity(root, mediaType);
}

function syntaxFits(named: string | undefined, { mediaType, transferSyntaxUIDs }: DicomOffer, exact: boolean): boolean {
  if (named === '*') return true;
  if (named !== undefined) return transferSyntaxUIDs.every((uid) => uid === named);
  const opaque = mediaType === 'application/octet-stream' && exact;
  return !opaque || transferSyntaxUIDs.every((uid) => uid === EXPLICIT_LITTLE);
}

/** Answers `application/dicom+json`, or the same as `application/json` to a client that knows only that. */
export function sendDicomJsonType(req: Request, res: Response): void {
  const type = negotiate(acceptedRanges(req), ['application/dicom+json', 'application/json'], typeSpecificity);
  if (type === undefined) throw new AppError('NOT_ACCEPTABLE', 'Available: application/dicom+json');
  // Not by `set`, which adds a charset: JSON has none (RFC 8259 §11).
  res.vary('Accept').setHeader('Content-Type', type);
}
