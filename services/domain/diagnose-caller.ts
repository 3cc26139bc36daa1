import { abortText, type Evidence, isTlsRecord, printable, rejected, type Said, told } from './diagnose.ts';
import type { Diagnosis, DiagnosisCode } from './diagnosis.ts';
import type { AccessRefusal } from './peer-access.ts';

/** An association of somebody who called us, or the try of one. */
export interface CallerEvidence extends Evidence {
  readonly refused?: AccessRefusal | undefined;
}

/** Who called, and whom. */
export interface CallerNames {
  readonly us: string;
  readonly AETitle: string;
  readonly called: string;
  readonly address: string;
}

/** Why an association that somebody asked us for failed. */
export function diagnoseCaller(evidence: CallerEvidence, { us, AETitle, called, address }: CallerNames): Diagnosis {
  const params = { us, aet: AETitle === '' ? address : AETitle, called, address };
  const say = (code: DiagnosisCode, more: Diagnosis['params'] = {}) => told(code, { ...params, ...more });
  const { rejection, abort, received, systemError, names, ownReason = '' } = evidence;
  if (rejection !== undefined) return say(...turnedAway(evidence, rejection));
  if (evidence.stage === 'securing') return say(...handshakeFailure(systemError ?? 'closed'));
  if (received !== undefined) return say(...notDicom(received, ownReason));
  if (evidence.stage === 'associating')
    return say('CALLER_SAID_NOTHING', { detail: ownReason || (systemError ?? 'closed') });
  if (abort !== undefined) return say('ABORTED_BY_PEER', { detail: abortText(abort) });
  if (ownReason.startsWith('ASSOCIATION_TIMEOUT'))
    return say('CALLER_TOO_SLOW', { detail: ownReason.replace(/^\w+: /, '') });
  if (ownReason !== '')
    return say(/^[A-Z]+_|^unexpected/.test(ownReason) ? 'RULES_BROKEN' : 'ENDED_BY_US', { detail: ownReason });
  return say('CONNECTION_LOST', { detail: systemError ?? 'closed by the peer', ...(names !== undefined && { names }) });
}

const TURNED_AWAY: Readonly<Record<AccessRefusal, DiagnosisCode>> = {
  'unknown caller': 'CALLER_UNKNOWN',
  'other address': 'CALLER_ADDRESS',
  plaintext: 'CALLER_PLAINTEXT',
  'certificate of another': 'CALLER_CERTIFICATE',
};

function turnedAway(
  { refused, names = 'nobody' }: CallerEvidence,
  rejection: NonNullable<Evidence['rejection']>,
): Said {
  if (refused !== undefined) return [TURNED_AWAY[refused], { names }];
  const code = `${rejection.source}.${rejection.reason}`;
  if (code === '1.7') return ['CALLED_TITLE_WRONG'];
  if (code === '3.1') return ['TOO_MANY_ASSOCIATIONS'];
  if (code === '1.3') return ['CALLER_UNKNOWN'];
  return ['RULES_BROKEN', { detail: String(rejected(rejection)[1]?.detail ?? code) }];
}

// biome-ignore format: a table
const HANDSHAKE_FAILURES: readonly (readonly [pattern: RegExp, code: DiagnosisCode])[] = [
  [/HTTP_REQUEST/,                                             'CALLER_SPEAKS_HTTP'],
  [/WRONG_VERSION_NUMBER|PACKET_LENGTH|RECORD_LAYER|BAD_RECORD_TYPE/, 'CALLER_SPEAKS_PLAINTEXT'],
  [/NOT_RETURN_A_CERTIFICATE/,                                 'CALLER_NO_CERTIFICATE'],
  [/^CERT_(HAS_EXPIRED|NOT_YET_VALID)/,                        'CALLER_CERTIFICATE_EXPIRED'],
  [/^CERT_REVOKED/,                                            'CALLER_CERTIFICATE_REVOKED'],
  [/CRL/,                                                      'CALLER_REVOCATION_UNKNOWN'],
  [/SELF_SIGNED|UNABLE_TO_|CERT_UNTRUSTED|CERT_SIGNATURE|INVALID_CA|INVALID_PURPOSE|CHAIN_TOO_LONG|CERT_REJECTED/, 'CALLER_CERTIFICATE_UNTRUSTED'],
  [/UNSUPPORTED_PROTOCOL|PROTOCOL_VERSION|VERSION_TOO_LOW/,    'CALLER_TLS_VERSION'],
  [/NO_SHARED_CIPHER|HANDSHAKE_FAILURE|NO_CIPHERS/,            'CALLER_TLS_CIPHER'],
];

function handshakeFailure(systemError: string): Said {
  const code = HANDSHAKE_FAILURES.find(([pattern]) => pattern.test(systemError))?.[1] ?? 'CALLER_TLS_FAILED';
  return [code, { detail: systemError }];
}

function notDicom(received: string, ownReason: string): Said {
  if (isTlsRecord(received)) return ['CALLER_SPEAKS_TLS'];
  if (/^(GET|HEAD|POST|PUT|OPTIONS|PRI|CONNECT) /.test(received)) return ['CALLER_SPEAKS_HTTP'];
  return ['CALLER_NOT_DICOM', { detail: ownReason.replace(/^\w+: /, '') || printable(received) }];
}
