import { constants } from 'node:crypto';
import { connect, createServer, type Server, type TLSSocket, type TlsOptions } from 'node:tls';
import type { CertificateNames } from '../../domain/peer-access.ts';
import { certificateNames } from './certificate-names.ts';

/** Who we are to a peer, and whose word on others we take; PEM, each. */
export interface TlsIdentity {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
  /** Lists of revoked certificates; with any, one of each authority of a chain must be there, and hold today. */
  readonly crl?: string | undefined;
}

/** How a peer is called by TLS. */
export interface TlsClient {
  readonly identity: TlsIdentity;
  /** Is this the certificate of the peer? */
  readonly isOf: (certificate: CertificateNames) => boolean;
}

/**
 * BCP 195 RFC 8996, 9325 TLS Secure Transport Connection Profile — PS3.15 §B.12: never below TLS 1.2, TLS 1.3 preferred, and of
 * TLS 1.2 only the cipher suites that RFC 9325 §4.2 recommends, in order of preference.
 */
// biome-ignore format: a table
export const TLS_CIPHER_SUITES: readonly (readonly [version: string, name: string, openssl: string])[] = [
  ['1.3', 'TLS_AES_256_GCM_SHA384',                  'TLS_AES_256_GCM_SHA384'],
  ['1.3', 'TLS_AES_128_GCM_SHA256',                  'TLS_AES_128_GCM_SHA256'],
  ['1.3', 'TLS_CHACHA20_POLY1305_SHA256',            'TLS_CHACHA20_POLY1305_SHA256'],
  ['1.2', 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384', 'ECDHE-ECDSA-AES256-GCM-SHA384'],
  ['1.2', 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',   'ECDHE-RSA-AES256-GCM-SHA384'],
  ['1.2', 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256', 'ECDHE-ECDSA-AES128-GCM-SHA256'],
  ['1.2', 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',   'ECDHE-RSA-AES128-GCM-SHA256'],
];

const PROFILE = {
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
  ciphers: TLS_CIPHER_SUITES.map(([, , openssl]) => openssl).join(':'),
  honorCipherOrder: true,
  // A session that is resumed would not show its certificate again, and might outlive it.
  secureOptions: constants.SSL_OP_NO_TICKET,
} as const satisfies TlsOptions;

/** Settings of a listener: without a certificate of one of our authorities nobody comes in. */
export const listenerOptions = ({ cert, key, ca, crl }: TlsIdentity): TlsOptions => ({
  ...PROFILE,
  ...{ cert, key, ca, crl, requestCert: true, rejectUnauthorized: true },
});

/** A listener; a handshake that takes longer than `handshakeSeconds` is ended. */
export function tlsServer(identity: TlsIdentity, handshakeSeconds: number): Server {
  return createServer({ ...listenerOptions(identity), handshakeTimeout: handshakeSeconds * 1000 });
}

/** Connects; the socket fails with ERR_TLS_CERT_ALTNAME_INVALID where the certificate is that of another. */
export function connectTls(host: string, port: number, { identity, isOf }: TlsClient): TLSSocket {
  const { cert, key, ca, crl } = identity;
  return connect({
    ...PROFILE,
    ...{ host, port, cert, key, ca, crl, rejectUnauthorized: true },
    // No name of a host is asked for: what counts is the application entity (PS3.15 §B.12).
    checkServerIdentity: (_host, certificate) => {
      const names = certificateNames(certificate);
      if (isOf(names)) return undefined;
      const listed = names.names.join(', ') || 'no names';
      return Object.assign(new Error(`the certificate names ${listed}, not the application entity that was called`), {
        code: 'ERR_TLS_CERT_ALTNAME_INVALID',
        names: listed,
      });
    },
  });
}
