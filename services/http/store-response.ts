import { AppError } from '../domain/errors.ts';
import type { SeriesKey } from '../domain/study.ts';
import type { JsonElement } from './attributes.ts';
import { resourceUrl } from './dicomweb-resource.ts';

interface ObjectName {
  readonly SOPClassUID: string;
  readonly SOPInstanceUID: string;
}

export interface Stored extends ObjectName {
  readonly series: SeriesKey;
}

export interface Failed {
  readonly error: unknown;
  /** Not known when the file could not be read so far. */
  readonly named?: ObjectName | undefined;
}

const CANNOT_UNDERSTAND = 0xc000;
const PROCESSING_FAILURE = 0x0110;

/** FailureReason (PS3.18 Table I.2-2): the statuses of C-STORE. */
const failureReason = (error: unknown): number => {
  if (!(error instanceof AppError)) return PROCESSING_FAILURE;
  return error.dimse === 'abort' || error.code === 'BAD_REQUEST' ? CANNOT_UNDERSTAND : error.dimse;
};

/**
 * The status of a store (PS3.18 Table 10.5.3-1): 200 all, 202 some, 409 none. When none was stored for one and the same
 * reason that the client can act on — too large, no space, not now — it is the status of that reason.
 */
export function storeStatus(stored: readonly Stored[], failed: readonly Failed[]): number {
  if (failed.length === 0) return 200;
  if (stored.length > 0) return 202;
  const statuses = new Set(failed.map(({ error }) => (error instanceof AppError ? error.http : 500)));
  const [status = 409] = statuses;
  return statuses.size === 1 && (status >= 500 || status === 413) ? status : 409;
}

/** The Store Instances Response Module (PS3.18 Table I.2-1) in the DICOM JSON Model. */
export function storeResponse(
  service: string,
  stored: readonly Stored[],
  failed: readonly Failed[],
): Record<string, JsonElement> {
  const studies = new Set(stored.map(({ series }) => series.StudyInstanceUID));
  const [StudyInstanceUID] = studies;
  const named = failed.flatMap(({ named: name, error }) => (name === undefined ? [] : [{ ...name, error }]));
  const nameless = failed.filter(({ named: name }) => name === undefined);
  return {
    ...(studies.size === 1 &&
      StudyInstanceUID !== undefined && { '00081190': url(resourceUrl(service, { StudyInstanceUID })) }),
    ...sequence(
      '00081198',
      named.map(({ error, ...name }) => ({ ...reference(name), ...reasonOf(error) })),
    ),
    ...sequence(
      '00081199',
      stored.map(({ series, ...name }) => ({
        ...reference(name),
        '00081190': url(resourceUrl(service, { ...series, SOPInstanceUID: name.SOPInstanceUID })),
      })),
    ),
    // OtherFailuresSequence: what no instance can be named for.
    ...sequence(
      '0008119A',
      nameless.map(({ error }) => reasonOf(error)),
    ),
  };
}

const url = (value: string): JsonElement => ({ vr: 'UR', Value: [value] });
const reference = ({ SOPClassUID, SOPInstanceUID }: ObjectName): Record<string, JsonElement> => ({
  '00081150': { vr: 'UI', Value: [SOPClassUID] },
  '00081155': { vr: 'UI', Value: [SOPInstanceUID] },
});
const reasonOf = (error: unknown): Record<string, JsonElement> => ({
  '00081197': { vr: 'US', Value: [failureReason(error)] },
});

function sequence(tag: string, items: readonly Record<string, JsonElement>[]): Record<string, JsonElement> {
  return items.length === 0 ? {} : { [tag]: { vr: 'SQ', Value: items } };
}
