import { createHash } from 'node:crypto';

/**
 * A UID that the same parts always give: `2.25.` and a UUID as a decimal number (PS3.5 §B.2). The UUID is of version 8
 * (RFC 9562 §5.8): the first 128 bits of SHA-256, six of them overwritten by version and variant.
 */
export function derivedUid(...parts: string[]): string {
  const uuid = createHash('sha256').update(JSON.stringify(parts)).digest().subarray(0, 16);
  uuid[6] = ((uuid[6] ?? 0) & 0x0f) | 0x80;
  uuid[8] = ((uuid[8] ?? 0) & 0x3f) | 0x80;
  return `2.25.${BigInt(`0x${uuid.toString('hex')}`)}`;
}

/** Identity of a finding; a run that is done again names its findings the same. */
export const trackingUid = (installationId: string, runId: string, index: number): string =>
  derivedUid('finding', installationId, runId, String(index));
