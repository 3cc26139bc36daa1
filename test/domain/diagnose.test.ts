import { describe, expect, it } from 'vitest';
import { diagnoseCall, type Evidence } from '../../services/domain/diagnose.ts';
import { type CallerEvidence, diagnoseCaller } from '../../services/domain/diagnose-caller.ts';
import { DIAGNOSIS_CODES, diagnosisTemplates, diagnosisWords } from '../../services/domain/diagnosis.ts';

const called = { us: 'OVERREAD', AETitle: 'PACS', host: 'pacs.example.org', port: 104 };
const caller = { us: 'OVERREAD', AETitle: 'CT1', called: 'OVERRAED', address: '10.1.2.3' };
const call = (given: Partial<Evidence>) => diagnoseCall({ stage: 'associating', isTls: false, ...given }, called);
const callOf = (given: Partial<CallerEvidence>) =>
  diagnoseCaller({ stage: 'associating', isTls: false, ...given }, caller);
const rj = (result: number, source: number, reason: number) => ({ rejection: { result, source, reason } });
const tls = (systemError: string, more: Partial<Evidence> = {}) =>
  ({ stage: 'securing', isTls: true, systemError, ...more }) as const;
const said: string[] = [];

// biome-ignore format: a table
const CALLS: readonly (readonly [code: string, evidence: Partial<Evidence>])[] = [
  ['HOST_UNKNOWN',            { stage: 'connecting', systemError: 'ENOTFOUND' }],
  ['PORT_REFUSED',            { stage: 'connecting', systemError: 'ECONNREFUSED' }],
  ['PORT_REFUSED',            { stage: 'connecting', systemError: 'ECONNREFUSED', isTls: true }],
  ['UNREACHABLE',             { stage: 'connecting', systemError: 'EHOSTUNREACH' }],
  ['CONNECT_TIMEOUT',         { stage: 'connecting', systemError: 'ETIMEDOUT' }],
  ['CONNECT_TIMEOUT',         { stage: 'connecting', timedOut: true }],
  ['NO_ANSWER',               { timedOut: true }],
  ['TLS_NEEDED',              { timedOut: true, speaksTls: true }],
  ['TLS_NEEDED',              { systemError: 'ECONNRESET', speaksTls: true }],
  ['TLS_NEEDED',              { received: '\x15\x03\x01\x00\x02\x02\x46' }],
  ['WEB_SERVER_THERE',        { received: 'HTTP/1.1 400 Bad' }],
  ['WEB_SERVER_THERE',        { timedOut: true, speaksHttp: true }],
  ['NOT_DICOM',               { received: '220 mail.example' }],
  ['TLS_NOT_SPOKEN',          tls('ERR_SSL_WRONG_VERSION_NUMBER')],
  ['TLS_NOT_SPOKEN',          tls('ECONNRESET', { speaksPlaintext: true })],
  ['TLS_FAILED',              tls('ECONNRESET', { speaksPlaintext: false })],
  ['TLS_FAILED',              { stage: 'securing', isTls: true, timedOut: true }],
  ['TLS_VERSION',             tls('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION')],
  ['TLS_CIPHER',              tls('ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE')],
  ['CERTIFICATE_EXPIRED',     tls('CERT_HAS_EXPIRED')],
  ['CERTIFICATE_REVOKED',     tls('CERT_REVOKED')],
  ['REVOCATION_UNKNOWN',      tls('UNABLE_TO_GET_CRL')],
  ['REVOCATION_UNKNOWN',      tls('CRL_HAS_EXPIRED')],
  ['CERTIFICATE_UNTRUSTED',   tls('UNABLE_TO_VERIFY_LEAF_SIGNATURE')],
  ['CERTIFICATE_UNTRUSTED',   tls('SELF_SIGNED_CERT_IN_CHAIN')],
  ['CERTIFICATE_OF_ANOTHER',  tls('ERR_TLS_CERT_ALTNAME_INVALID', { names: 'OTHER' })],
  ['OUR_CERTIFICATE_REFUSED', tls('ERR_SSL_TLSV1_ALERT_UNKNOWN_CA')],
  ['OUR_CERTIFICATE_REFUSED', tls('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', { stage: 'associating' })],
  ['OUR_CERTIFICATE_REFUSED', { isTls: true }],
  ['CALLED_TITLE_UNKNOWN',    rj(1, 1, 7)],
  ['CALLING_TITLE_UNKNOWN',   rj(1, 1, 3)],
  ['REJECTED_BUSY',           rj(2, 3, 1)],
  ['REJECTED_BUSY',           rj(2, 3, 2)],
  ['REJECTED',                rj(1, 1, 1)],
  ['REJECTED',                rj(1, 2, 2)],
  ['CLOSED_UNANSWERED',       {}],
  ['CLOSED_UNANSWERED',       { systemError: 'ECONNRESET', speaksTls: false }],
  ['ABORTED_BY_PEER',         { abort: { source: 2, reason: 1 } }],
  ['ABORTED_BY_PEER',         { stage: 'associated', abort: { source: 0, reason: 0 } }],
  ['CONNECTION_LOST',         { stage: 'associated', systemError: 'ECONNRESET' }],
  ['RESPONSE_TIMEOUT',        { stage: 'associated', timedOut: true, ownReason: 'no answer within 30 s: the response' }],
  ['RULES_BROKEN',            { stage: 'associated', ownReason: 'PDU_INVALID: presentation context 9 was not accepted' }],
  ['ENDED_BY_US',             { stage: 'associated', ownReason: 'cancelled' }],
];
// biome-ignore format: a table
const CALLERS: readonly (readonly [code: string, evidence: Partial<CallerEvidence>])[] = [
  ['CALLER_UNKNOWN',          { ...rj(1, 1, 3), refused: 'unknown caller' }],
  ['CALLER_ADDRESS',          { ...rj(1, 1, 3), refused: 'other address' }],
  ['CALLER_PLAINTEXT',        { ...rj(1, 1, 3), refused: 'plaintext' }],
  ['CALLER_CERTIFICATE',      { ...rj(1, 1, 3), refused: 'certificate of another', names: 'CT2' }],
  ['CALLED_TITLE_WRONG',      rj(1, 1, 7)],
  ['TOO_MANY_ASSOCIATIONS',   rj(2, 3, 1)],
  ['RULES_BROKEN',            rj(1, 2, 2)],
  ['CALLER_TOO_SLOW',         { stage: 'associated', ownReason: 'ASSOCIATION_TIMEOUT: idle' }],
  ['CALLER_SPEAKS_TLS',       { received: '\x16\x03\x01\x02\x00\x01', ownReason: 'PDU_UNKNOWN_TYPE: PDU type 0x16' }],
  ['CALLER_SPEAKS_HTTP',      { received: 'GET / HTTP/1.1\r\n' }],
  ['CALLER_NOT_DICOM',        { received: 'SSH-2.0-OpenSSH' }],
  ['CALLER_SAID_NOTHING',     { ownReason: 'ARTIM timer expired' }],
  ['CALLER_SPEAKS_PLAINTEXT', tls('ERR_SSL_WRONG_VERSION_NUMBER')],
  ['CALLER_SPEAKS_HTTP',      tls('ERR_SSL_HTTP_REQUEST')],
  ['CALLER_NO_CERTIFICATE',   tls('ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE')],
  ['CALLER_CERTIFICATE_EXPIRED', tls('CERT_HAS_EXPIRED')],
  ['CALLER_CERTIFICATE_REVOKED', tls('CERT_REVOKED')],
  ['CALLER_REVOCATION_UNKNOWN', tls('CRL_HAS_EXPIRED')],
  ['CALLER_CERTIFICATE_UNTRUSTED', tls('SELF_SIGNED_CERT_IN_CHAIN')],
  ['CALLER_TLS_VERSION',      tls('ERR_SSL_UNSUPPORTED_PROTOCOL')],
  ['CALLER_TLS_CIPHER',       tls('ERR_SSL_NO_SHARED_CIPHER')],
  ['CALLER_TLS_FAILED',       tls('ECONNRESET')],
  ['ABORTED_BY_PEER',         { stage: 'associated', abort: { source: 0, reason: 0 } }],
  ['CONNECTION_LOST',         { stage: 'associated', systemError: 'ECONNRESET' }],
  ['RULES_BROKEN',            { stage: 'associated', ownReason: 'unexpected A-ASSOCIATE-RQ in Sta6' }],
  ['ENDED_BY_US',             { stage: 'associated', ownReason: 'the receiver is shutting down' }],
];

describe('a call of ours', () => {
  it.each(CALLS)('%s: %j', (code, evidence) => {
    const diagnosis = call(evidence);
    said.push(diagnosis.code);
    expect(diagnosis.code).toBe(code);
    for (const language of ['en', 'zh-CN'] as const) {
      const { sentence, request } = diagnosisWords(diagnosis, language);
      expect(`${sentence}${request}`).not.toContain('?}');
      expect(sentence).not.toMatch(/\{|\(\?\)/);
    }
  });
});

describe('a call to us', () => {
  it.each(CALLERS)('%s: %j', (code, evidence) => {
    const diagnosis = callOf(evidence);
    said.push(diagnosis.code);
    expect(diagnosis.code).toBe(code);
    expect(diagnosisWords(diagnosis).sentence).not.toMatch(/\{|\(\?\)| \? /);
  });
});

it('names who aborted, and why (PS3.8 Table 9-26)', () => {
  const words = (source: number, reason: number) => diagnosisWords(call({ abort: { source, reason } })).sentence;
  expect(words(0, 0)).toBe('PACS aborted the association (by its application, which gives no reason).');
  expect(words(2, 2)).toBe('PACS aborted the association (by its protocol machine: unexpected PDU).');
});

it('every code but those of a service is met above', () => {
  const ofServices = [
    'SERVICE_REFUSED',
    'CLASS_NOT_SUPPORTED',
    'SYNTAX_NOT_SHARED',
    'STATUS_FAILED',
    'CONTEXTS_REFUSED',
  ];
  expect([...new Set(said)].toSorted()).toEqual(
    DIAGNOSIS_CODES.filter((code) => !ofServices.includes(code)).toSorted(),
  );
});

it.each(DIAGNOSIS_CODES)('%s names the same in both languages', (code) => {
  const named = (language: 'en' | 'zh-CN') =>
    diagnosisTemplates(code, language).map((text) => [...new Set(text.match(/\{\w+\}/g) ?? [])].toSorted());
  const [english, chinese] = [named('en'), named('zh-CN')];
  expect(chinese[0]).toEqual(english[0]);
  expect(diagnosisTemplates(code, 'zh-CN').join('')).toMatch(/[\u4e00-\u9fff].*[。？]$/);
});
