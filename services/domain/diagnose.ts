import { z } from 'zod';
import type { Diagnosis, DiagnosisCode } from './diagnosis.ts';

const Byte = z.number().int();

/** What was seen of an association that failed, by the side that we are. No value of a data set is ever in it. */
export const Evidence = z.strictObject({
  /** How far it came: no connection yet; a connection and no TLS yet; no association yet; an association. */
  stage: z.enum(['connecting', 'securing', 'associating', 'associated']),
  isTls: z.boolean(),
  /** Of the system, of Node or of OpenSSL: ECONNREFUSED, CERT_HAS_EXPIRED, ERR_SSL_NO_SHARED_CIPHER. */
  systemError: z.string().optional(),
  /** What the certificate of the peer names, where it was that of another. */
  names: z.string().optional(),
  /** PS3.8 Table 9-21. */
  rejection: z.strictObject({ result: Byte, source: Byte, reason: Byte }).optional(),
  /** A-ABORT of the peer — PS3.8 Table 9-26. */
  abort: z.strictObject({ source: Byte, reason: Byte }).optional(),
  /** The first bytes that came, as Latin-1, where they were no PDU. */
  received: z.string().optional(),
  /** Who waited in vain: we. */
  timedOut: z.boolean().optional(),
  /** Why we ended it, in our own words. */
  ownReason: z.string().optional(),
  /** A second look: it takes a TLS handshake; it answers in plaintext; it is a web server. */
  speaksTls: z.boolean().optional(),
  speaksPlaintext: z.boolean().optional(),
  speaksHttp: z.boolean().optional(),
});
export type Evidence = z.infer<typeof Evidence>;

/** Who was called, and who calls. */
export interface Called {
  readonly us: string;
  readonly AETitle: string;
  readonly host: string;
  readonly port: number;
}

/** Why an association that we asked for failed. */
export function diagnoseCall(evidence: Evidence, { us, AETitle, host, port }: Called): Diagnosis {
  const params = { us, aet: AETitle, host, port };
  const say = (code: DiagnosisCode, more: Diagnosis['params'] = {}) => told(code, { ...params, ...more });
  const { stage, rejection, abort, timedOut, speaksTls, speaksPlaintext } = evidence;
  if (rejection !== undefined) return say(...rejected(rejection));
  if (evidence.speaksHttp) return say('WEB_SERVER_THERE');
  if (speaksTls === true && !evidence.isTls) return say('TLS_NEEDED');
  if (speaksPlaintext === true && evidence.isTls) return say('TLS_NOT_SPOKEN');
  if (evidence.received !== undefined) return say(...stranger(evidence.received));
  if (stage !== 'associated' && evidence.isTls && evidence.systemError !== undefined && stage !== 'connecting')
    return say(...tlsFailure(evidence.systemError, evidence.names));
  if (abort !== undefined) return say('ABORTED_BY_PEER', { detail: abortText(abort) });
  if (timedOut) return say(...late(evidence));
  if (stage === 'connecting') return say(...unconnected(evidence.systemError));
  return say(...ended(evidence));
}

/** What the other side named may be long. */
export function told(code: DiagnosisCode, params: Diagnosis['params']): Diagnosis {
  const short = (value: string | number) => (typeof value === 'string' ? value.slice(0, 200) : value);
  return { code, params: Object.fromEntries(Object.entries(params).map(([name, value]) => [name, short(value)])) };
}

export type Said = [code: DiagnosisCode, params?: Diagnosis['params']];

/** By the error of the system. */
// biome-ignore format: a table
const UNCONNECTED: Readonly<Record<string, DiagnosisCode>> = {
  ENOTFOUND: 'HOST_UNKNOWN', EAI_AGAIN: 'HOST_UNKNOWN', EAI_FAIL: 'HOST_UNKNOWN', EAI_NONAME: 'HOST_UNKNOWN',
  ECONNREFUSED: 'PORT_REFUSED', ETIMEDOUT: 'CONNECT_TIMEOUT',
};

function unconnected(systemError = 'closed'): Said {
  const code = UNCONNECTED[systemError];
  return code === undefined ? ['UNREACHABLE', { detail: systemError }] : [code];
}

function late({ stage, ownReason = '' }: Evidence): Said {
  if (stage === 'connecting') return ['CONNECT_TIMEOUT'];
  if (stage === 'securing') return ['TLS_FAILED', { detail: 'no answer to the handshake' }];
  return stage === 'associating' ? ['NO_ANSWER'] : ['RESPONSE_TIMEOUT', { detail: ownReason }];
}

function ended({ stage, isTls, systemError, ownReason }: Evidence): Said {
  if (stage === 'securing') return ['TLS_FAILED', { detail: systemError ?? 'closed' }];
  if (ownReason !== undefined)
    return [/^[A-Z]+_/.test(ownReason) ? 'RULES_BROKEN' : 'ENDED_BY_US', { detail: ownReason }];
  if (stage === 'associated') return ['CONNECTION_LOST', { detail: systemError ?? 'closed by the peer' }];
  // In TLS 1.3 a server judges our certificate when for us the handshake is over.
  return isTls ? ['OUR_CERTIFICATE_REFUSED', { detail: 'closed after the handshake' }] : ['CLOSED_UNANSWERED'];
}

/** PS3.8 Table 9-21, as the peer's operator reads it. */
export function rejected({ result, source, reason }: NonNullable<Evidence['rejection']>): Said {
  const code = `${source}.${reason}`;
  if (code === '1.7') return ['CALLED_TITLE_UNKNOWN'];
  if (code === '1.3') return ['CALLING_TITLE_UNKNOWN'];
  if (code === '3.1' || code === '3.2') return ['REJECTED_BUSY'];
  const words: Readonly<Record<string, string>> = {
    '1.1': 'no reason given',
    '1.2': 'application context name not supported',
    '2.1': 'no reason given',
    '2.2': 'protocol version not supported',
  };
  const lasting = result === 2 ? ', for now' : '';
  return ['REJECTED', { detail: `${words[code] ?? `result ${result}, source ${source}, reason ${reason}`}${lasting}` }];
}

function stranger(received: string): Said {
  if (received.startsWith('HTTP/') || /^\s*<(!doctype|html)/i.test(received)) return ['WEB_SERVER_THERE'];
  // A TLS alert or handshake record (RFC 8446 §5.1).
  if (isTlsRecord(received)) return ['TLS_NEEDED'];
  return ['NOT_DICOM', { received: printable(received) }];
}

/** Content type alert or handshake, then a version of TLS. */
export const isTlsRecord = (bytes: string): boolean =>
  [0x15, 0x16].includes(bytes.charCodeAt(0)) && bytes.charCodeAt(1) === 3 && bytes.charCodeAt(2) <= 4;

/** Of Node, for a certificate; of OpenSSL, for what the peer said. */
// biome-ignore format: a table
const TLS_FAILURES: readonly (readonly [pattern: RegExp, code: DiagnosisCode])[] = [
  [/ALTNAME_INVALID/,                                              'CERTIFICATE_OF_ANOTHER'],
  [/^CERT_(HAS_EXPIRED|NOT_YET_VALID)/,                            'CERTIFICATE_EXPIRED'],
  [/^CERT_REVOKED/,                                                'CERTIFICATE_REVOKED'],
  [/CRL/,                                                          'REVOCATION_UNKNOWN'],
  [/SELF_SIGNED|UNABLE_TO_|CERT_UNTRUSTED|CERT_SIGNATURE|INVALID_CA|INVALID_PURPOSE|CHAIN_TOO_LONG|CERT_REJECTED/, 'CERTIFICATE_UNTRUSTED'],
  [/PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL/,                        'TLS_VERSION'],
  [/HANDSHAKE_FAILURE|NO_SHARED_CIPHER|INSUFFICIENT_SECURITY/,     'TLS_CIPHER'],
  [/ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE|UNSUPPORTED_CERTIFICATE|ACCESS_DENIED|NO_CERTIFICATE)/, 'OUR_CERTIFICATE_REFUSED'],
  [/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNEXPECTED_MESSAGE|RECORD_LAYER_FAILURE/, 'TLS_NOT_SPOKEN'],
];

function tlsFailure(systemError: string, names = 'nobody'): Said {
  const code = TLS_FAILURES.find(([pattern]) => pattern.test(systemError))?.[1] ?? 'TLS_FAILED';
  return [code, { detail: systemError, names }];
}

/** PS3.8 Table 9-26. */
export function abortText({ source, reason }: NonNullable<Evidence['abort']>): string {
  if (source === 0) return 'by its application, which gives no reason';
  // biome-ignore format: a table
  const reasons = ['no reason given', 'unrecognized PDU', 'unexpected PDU', 'reserved', 'unrecognized PDU parameter',
                   'unexpected PDU parameter', 'invalid PDU parameter value'];
  return `by its protocol machine: ${reasons[reason] ?? `reason ${reason}`}`;
}

export const printable = (text: string): string => text.replace(/[^\x20-\x7e]/g, '.');
