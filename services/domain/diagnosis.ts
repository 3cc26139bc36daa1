import { z } from 'zod';
import { CHINESE } from './diagnosis-zh.ts';

/** What went wrong with an association: a sentence for our operator, and what to write to the one at the other side. */
export interface DiagnosisWords {
  readonly sentence: string;
  readonly request: string;
}

/** `{us}` is our AE title, `{aet}` that of the peer, `{host}`:`{port}` where it is called, `{address}` from where it called. */
// biome-ignore format: a table
const ENGLISH = {
  // we called: the network
  HOST_UNKNOWN:          ['No name server knows {host}.',
                          'Please tell us the address of {aet}: the name {host} cannot be resolved in our network.'],
  UNREACHABLE:           ['No way leads to {host} in the network ({detail}).',
                          'Please check the routes and firewalls between us and {host}, port {port}.'],
  PORT_REFUSED:          ['Nothing listens on port {port} of {host}.',
                          'Please check that {aet} is started and listens on port {port}, and that no firewall refuses us.'],
  CONNECT_TIMEOUT:       ['{host} does not answer on port {port} at all: it is off, or a firewall drops what we send.',
                          'Please let us through to {host}, port {port} (TCP), or tell us where {aet} listens.'],
  NO_ANSWER:             ['Something on port {port} of {host} takes the connection and answers nothing to an association request.',
                          'Please check {aet} on port {port}: it takes connections and does not answer. Does it wait for TLS, or is it stuck?'],
  WEB_SERVER_THERE:      ['A web server answers on port {port} of {host}, not DICOM.',
                          'Please tell us the DICOM port of {aet}: port {port} of {host} is that of a web server.'],
  NOT_DICOM:             ['What answers on port {port} of {host} does not speak DICOM: it said "{received}".',
                          'Please tell us the DICOM port of {aet}: on port {port} of {host} something else answers.'],
  // we called: TLS
  TLS_NEEDED:            ['Port {port} of {host} speaks TLS, and we called it in plaintext: its entry needs "tls": true.',
                          'Please tell us which authority your DICOM TLS certificates come from, and whether {aet} asks for ours.'],
  TLS_NOT_SPOKEN:        ['We called by TLS, and port {port} of {host} speaks plaintext.',
                          'Please switch on TLS for {aet} on port {port}, or tell us its TLS port (often 2762).'],
  TLS_VERSION:           ['No version of TLS in common with {host}: we speak 1.2 and 1.3, as PS3.15 B.12 asks.',
                          'Please switch on TLS 1.2 or 1.3 for {aet}: older versions are not accepted.'],
  TLS_CIPHER:            ['No cipher suite in common with {host}: we speak those of PS3.15 B.12 alone.',
                          'Please allow ECDHE with AES-GCM (RFC 9325 section 4.2) in the TLS settings of {aet}.'],
  CERTIFICATE_EXPIRED:   ['The certificate of {aet} at {host} does not hold today ({detail}).',
                          'Please renew the TLS certificate of {aet} on port {port}: it does not hold today.'],
  CERTIFICATE_REVOKED:   ['The certificate of {aet} at {host} was revoked by its authority.',
                          'Please give {aet} on port {port} a new TLS certificate: the one it shows was revoked.'],
  REVOCATION_UNKNOWN:    ['Whether the certificate of {aet} at {host} was revoked cannot be told from TLS_CRL_FILE ({detail}): it needs a list of each authority that holds today.',
                          'Please send us the current revocation list (CRL) of the authority that signed the certificate of {aet}.'],
  CERTIFICATE_UNTRUSTED: ['The certificate of {aet} at {host} comes from no authority that TLS_CA_FILE names ({detail}).',
                          'Please send us the certificate of the authority that signed that of {aet}, and let {aet} send those between.'],
  CERTIFICATE_OF_ANOTHER: ['{host} shows a certificate that names {names}, and not what the entry of {aet} asks for.',
                          'Please give {aet} a certificate that names it, or confirm to us that "{names}" is the right one.'],
  OUR_CERTIFICATE_REFUSED: ['{host} does not take our certificate ({detail}).',
                          'Please let {aet} trust the authority of our certificate; its holder is {us}.'],
  TLS_FAILED:            ['No TLS connection to {host} could be made ({detail}).',
                          'Please look into the TLS log of {aet}: our handshake on port {port} ends with {detail}.'],
  // we called: the association (PS3.8 Table 9-21)
  CALLED_TITLE_UNKNOWN:  ['{host}:{port} does not answer to the AE title {aet}; some say so to a caller they do not know, here {us}, too.',
                          'Please tell us the AE title that listens on port {port} of {host}: it refuses to be called {aet}. Is {us} entered there?'],
  CALLING_TITLE_UNKNOWN: ['{aet} does not know our AE title {us}, or not from our address.',
                          'Please add the AE title {us} with our address to the AEs that {aet} accepts.'],
  REJECTED_BUSY:         ['{aet} is too busy for another association.',
                          'Please raise the number of associations that {aet} takes at once, or tell us how many we may open.'],
  REJECTED:              ['{aet} rejects the association: {detail}.',
                          'Please look into the log of {aet}: it rejects association requests of {us} ({detail}).'],
  CLOSED_UNANSWERED:     ['{host}:{port} closes the connection without an answer to our association request.',
                          'Please look into the log of {aet}: it closes connections of {us} without an answer. Does it want TLS, or other addresses?'],
  // either side
  ABORTED_BY_PEER:       ['{aet} aborted the association ({detail}).',
                          'Please look into the log of {aet}: it aborted an association with {us} ({detail}).'],
  CONNECTION_LOST:       ['The connection with {aet} broke off in the middle of an association ({detail}).',
                          'Please check whether {aet} was restarted, or a firewall ends long connections between us.'],
  RESPONSE_TIMEOUT:      ['{aet} did not answer in time ({detail}).',
                          'Please check the load of {aet}: a request of {us} was not answered in time.'],
  RULES_BROKEN:          ['{aet} sent what is against the rules of DICOM ({detail}).',
                          'Please report to the maker of {aet}: it sent what DICOM PS3.8 does not allow ({detail}).'],
  ENDED_BY_US:           ['We ended the association with {aet} ourselves ({detail}).',
                          'Nothing needs to be done at {aet}.'],
  // what was asked for
  SERVICE_REFUSED:       ['{aet} does not let us use {service} (refused as by a user).',
                          'Please allow {us} to use {service} at {aet}.'],
  CLASS_NOT_SUPPORTED:   ['{aet} does not support {service}.',
                          'Please switch on {service} at {aet}.'],
  SYNTAX_NOT_SHARED:     ['{aet} supports {service}, and none of the transfer syntaxes we offer for it.',
                          'Please switch on Explicit or Implicit VR Little Endian for {service} at {aet}.'],
  STATUS_FAILED:         ['{aet} answered {service} with a failure ({detail}).',
                          'Please look into the log of {aet}: it answers {service} of {us} with {detail}.'],
  // we were called
  CALLER_UNKNOWN:        ['{aet} called from {address} and is in no entry of the table of peers.',
                          'Your {aet} is not entered at {us} yet; we enter it as soon as you confirm AE title and address {address}.'],
  CALLER_ADDRESS:        ['{aet} called from {address}, and its entry names other addresses.',
                          'Please confirm that {aet} calls from {address}: it is entered at {us} with another address.'],
  CALLER_PLAINTEXT:      ['{aet} called from {address} in plaintext, and its entry asks for TLS.',
                          'Please let {aet} call {us} by TLS, on its TLS port.'],
  CALLER_CERTIFICATE:    ['{aet} called from {address} with a certificate that names {names}, which is not that of its entry.',
                          'Please give {aet} a certificate that names it, or confirm to us that "{names}" is the right one.'],
  CALLED_TITLE_WRONG:    ['{aet} at {address} called us {called}, and our AE title for it is {us}.',
                          'Please correct the called AE title in {aet}: {us} instead of {called}.'],
  TOO_MANY_ASSOCIATIONS: ['{aet} at {address} opened more associations at once than it may.',
                          'Please let {aet} open fewer associations to {us} at once.'],
  CALLER_TOO_SLOW:       ['{aet} at {address} was cut: it sent too slowly, or nothing for too long ({detail}).',
                          'Please check the network between {aet} and {us}, and whether {aet} keeps associations open that it does not use.'],
  CALLER_SPEAKS_PLAINTEXT: ['{address} called our TLS port in plaintext.',
                          'Please switch on TLS for {us} in your settings, or call its other port.'],
  CALLER_SPEAKS_TLS:     ['{address} called our plaintext port by TLS.',
                          'Please call {us} by TLS on its TLS port, which is another one.'],
  CALLER_SPEAKS_HTTP:    ['{address} called our DICOM port as if it were a web server.',
                          'Please check what calls {us} from {address}: it speaks HTTP to a DICOM port.'],
  CALLER_NOT_DICOM:      ['{address} sent to our DICOM port what is no DICOM ({detail}).',
                          'Please check what calls {us} from {address}: it does not speak DICOM.'],
  CALLER_SAID_NOTHING:   ['{address} connected and asked for no association ({detail}).',
                          'Please check what connects to {us} from {address}: it asks for no association. A monitor of ports may do that.'],
  CALLER_NO_CERTIFICATE: ['{address} called our TLS port and showed no certificate.',
                          'Please let your AE show its certificate to {us}: TLS is mutual (PS3.15 B.12).'],
  CALLER_CERTIFICATE_EXPIRED: ['{address} called our TLS port with a certificate that does not hold today.',
                          'Please renew the certificate of your AE at {address}.'],
  CALLER_CERTIFICATE_REVOKED: ['{address} called our TLS port with a certificate that its authority has revoked.',
                          'Please give your AE at {address} a new certificate: the one it shows was revoked.'],
  CALLER_REVOCATION_UNKNOWN: ['{address} called our TLS port, and whether its certificate was revoked cannot be told from TLS_CRL_FILE ({detail}): it needs a list of each authority that holds today.',
                          'Please send us the current revocation list (CRL) of the authority that signed the certificate of your AE at {address}.'],
  CALLER_CERTIFICATE_UNTRUSTED: ['{address} called our TLS port with a certificate of no authority that TLS_CA_FILE names ({detail}).',
                          'Please send us the certificate of the authority that signed that of your AE at {address}.'],
  CALLER_TLS_VERSION:    ['{address} called our TLS port in a version of TLS that is not accepted any more.',
                          'Please switch on TLS 1.2 or 1.3 at {address}: older versions are not accepted.'],
  CALLER_TLS_CIPHER:     ['{address} called our TLS port with no cipher suite in common.',
                          'Please allow ECDHE with AES-GCM (RFC 9325 section 4.2) at {address}.'],
  CALLER_TLS_FAILED:     ['{address} called our TLS port, and left during the handshake ({detail}).',
                          'Please look into the TLS log of your AE at {address}: does it trust the authority of our certificate?'],
  CONTEXTS_REFUSED:      ['{aet} at {address} proposed {all} presentation contexts and {count} were refused, the first for {service}: {detail}.',
                          'Of your {aet}, {us} refused {count} of {all} presentation contexts, the first for {service}: {detail}.'],
} as const satisfies Record<string, readonly [sentence: string, request: string]>;

export type DiagnosisCode = keyof typeof ENGLISH;
export const DIAGNOSIS_CODES = Object.keys(ENGLISH) as [DiagnosisCode, ...DiagnosisCode[]];

export const Diagnosis = z.strictObject({
  code: z.enum(DIAGNOSIS_CODES),
  /** Names of the network and words of the standard; nothing of a patient ever comes here. */
  params: z.record(z.string(), z.union([z.string().max(300), z.number()])),
});
export type Diagnosis = z.infer<typeof Diagnosis>;

export type DiagnosisLanguage = 'en' | 'zh-CN';

/** The diagnosis in words, its names filled in. */
export function diagnosisWords({ code, params }: Diagnosis, language: DiagnosisLanguage = 'en'): DiagnosisWords {
  const [sentence, request] = diagnosisTemplates(code, language);
  const filled = (text: string) => text.replace(/\{(\w+)\}/g, (_all, name: string) => String(params[name] ?? '?'));
  return { sentence: filled(sentence), request: filled(request) };
}

/** With its words in every language. */
export const toldDiagnosis = (diagnosis: Diagnosis) => ({
  ...diagnosis,
  words: { en: diagnosisWords(diagnosis, 'en'), 'zh-CN': diagnosisWords(diagnosis, 'zh-CN') },
});

export const diagnosisTemplates = (
  code: DiagnosisCode,
  language: DiagnosisLanguage,
): readonly [sentence: string, request: string] => (language === 'en' ? ENGLISH[code] : CHINESE[code]);
