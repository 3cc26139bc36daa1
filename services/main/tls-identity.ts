import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import type { Config } from '../config.ts';
import type { TlsIdentity } from '../dicom/net/tls-profile.ts';
import { AppError } from '../domain/errors.ts';

type TlsSetting = 'TLS_CERT_FILE' | 'TLS_KEY_FILE' | 'TLS_CA_FILE' | 'TLS_CRL_FILE';
/** Settings of DICOM TLS: all of them, or none. */
const SETTINGS: readonly TlsSetting[] = ['TLS_CERT_FILE', 'TLS_KEY_FILE', 'TLS_CA_FILE'];

export const hasTls = (config: Config): boolean => SETTINGS.some((setting) => config[setting] !== undefined);

/**
 * The certificate of this node, its key, and the authorities whose certificates are believed; `undefined` where no setting names
 * any.
 *
 * @throws {AppError} TLS_INVALID when a file cannot be read or is not what it should be, when the key is that of another
 * certificate, or when a certificate of ours does not hold today.
 */
export async function loadTlsIdentity(config: Config, now = new Date()): Promise<TlsIdentity | undefined> {
  if (!hasTls(config)) {
    if (config.TLS_CRL_FILE !== undefined)
      throw new AppError('TLS_INVALID', `TLS_CRL_FILE is of no use without ${SETTINGS.join(', ')}`);
    if (config.DIMSE_PORT === 0)
      throw new AppError(
        'TLS_INVALID',
        'DIMSE_PORT=0 closes the port in plaintext, and without TLS_CERT_FILE there is no other',
      );
    return undefined;
  }
  const missing = SETTINGS.filter((setting) => config[setting] === undefined);
  if (missing.length > 0)
    throw new AppError('TLS_INVALID', `DICOM TLS needs ${SETTINGS.join(', ')}: ${missing.join(', ')} not set`);
  const [cert, key, ca] = await Promise.all(SETTINGS.map((setting) => pem(setting, config[setting] ?? '')));
  const { TLS_CRL_FILE: list } = config;
  const crl = list === undefined ? {} : { crl: await pem('TLS_CRL_FILE', list) };
  const identity = { cert: cert ?? '', key: key ?? '', ca: ca ?? '', ...crl };
  check(identity, now);
  return identity;
}

/** When the certificate of this node ends. */
export const endOfCertificate = ({ cert }: TlsIdentity): Date => new Date(new X509Certificate(cert).validTo);

async function pem(setting: TlsSetting, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new AppError('TLS_INVALID', `${setting} cannot be read: ${wordsOf(error)}`);
  }
}

function check({ cert, key, ca, crl }: TlsIdentity, now: Date): void {
  const certificate = parsed('TLS_CERT_FILE', 'a certificate in PEM', () => new X509Certificate(cert));
  parsed('TLS_CA_FILE', 'certificates of authorities in PEM', () => new X509Certificate(ca));
  if (crl !== undefined)
    parsed('TLS_CRL_FILE', 'lists of revoked certificates in PEM', () => createSecureContext({ crl }));
  const privateKey: KeyObject = parsed('TLS_KEY_FILE', 'a private key in PEM, without a passphrase', () =>
    createPrivateKey(key),
  );
  if (!certificate.checkPrivateKey(privateKey))
    throw new AppError('TLS_INVALID', 'the key in TLS_KEY_FILE is not that of the certificate in TLS_CERT_FILE');
  const [from, to] = [new Date(certificate.validFrom), new Date(certificate.validTo)];
  if (now > to) throw new AppError('TLS_INVALID', `the certificate in TLS_CERT_FILE expired on ${to.toISOString()}`);
  if (now < from)
    throw new AppError('TLS_INVALID', `the certificate in TLS_CERT_FILE holds only from ${from.toISOString()}`);
}

function parsed<T>(setting: TlsSetting, what: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new AppError('TLS_INVALID', `${setting} does not hold ${what}: ${wordsOf(error)}`);
  }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
