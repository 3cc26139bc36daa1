import type { Request, Response } from 'express';
import { AppError } from '../domain/errors.ts';
import {
  ANY_TYPE,
  acceptedRanges,
  EXACT,
  type MediaRange,
  negotiate,
  parseAccept,
  ranked,
  typeSpecificity,
} from './media-range.ts';

/** One way to send what was asked for. */
export interface DicomOffer {
  readonly multipart: boolean;
  readonly mediaType: string;
  /** Of all parts; one, unless they go as they are stored. */
  readonly transferSyntaxUIDs: readonly string[];
  /** As stored; otherwise transcoded to its one transfer syntax. */
  readonly isStored: boolean;
  /** It is meant when the client names the media type and no transfer syntax (PS3.18 §8.7.3.4). */
  readonly isDefault: boolean;
  /** It is meant only then: what cannot be brought into this syntax comes as it is stored. */
  readonly isLenient?: boolean;
}

/**
 * The offers that Accept allows (PS3.18 §8.7.8), the one the client likes best first; of equals in the order given, so that
 * what is stored goes before what is made.
 *
 * `transfer-syntax=*` and a media type that is no name (`*` + `/*`) are satisfied by what is stored.
 * @throws {AppError} NOT_ACCEPTABLE when none fits
 */
export function rankOffers(req: Request, offers: readonly DicomOffer[]): readonly DicomOffer[] {
  const found = ranked(acceptedRanges(req), offers, offerSpecificity);
  if (found.length > 0) return found;
  throw new AppError('NOT_ACCEPTABLE', `Available: ${[...new Set(offers.map(describe))].join(', ')}`);
}

/** Tries the offers in turn: what cannot be made of this image in one form may be had in another. */
export async function firstAcceptable<Result>(
  offers: readonly DicomOffer[],
  work: (offer: DicomOffer) => Promise<Result>,
): Promise<{ readonly offer: DicomOffer; readonly result: Result }> {
  const [offer, ...others] = offers;
  if (offer === undefined) throw new AppError('NOT_ACCEPTABLE', 'There is no form to choose from');
  try {
    return { offer, result: await work(offer) };
  } catch (error) {
    const isRefused = error instanceof AppError && error.code === 'NOT_ACCEPTABLE';
    if (!isRefused || others.length === 0) throw error;
    return firstAcceptable(others, work);
  }
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

function syntaxFits(named: string | undefined, offer: DicomOffer, isNamedType: boolean): boolean {
  if (named === '*') return offer.isStored || offer.isDefault;
  if (named !== undefined) return offer.isLenient !== true && offer.transferSyntaxUIDs.every((uid) => uid === named);
  return offer.isDefault || (offer.isStored && !isNamedType);
}

/** Answers `application/dicom+json`, or the same as `application/json` to a client that knows only that. */
export function sendDicomJsonType(req: Request, res: Response): void {
  const type = negotiate(acceptedRanges(req), ['application/dicom+json', 'application/json'], typeSpecificity);
  if (type === undefined) throw new AppError('NOT_ACCEPTABLE', 'Available: application/dicom+json');
  // Not by `set`, which adds a charset: JSON has none (RFC 8259 §11).
  res.vary('Accept').setHeader('Content-Type', type);
}
