import { connect as connectPlain } from 'node:net';
import { connect } from 'node:tls';
import type { Evidence } from '../../domain/diagnose.ts';
import { evidenceOf, openAssociation, type Peer } from './open-association.ts';
import { VERIFICATION } from './sop-classes.ts';

const CONTEXT = { id: 1, abstractSyntax: VERIFICATION, transferSyntaxes: ['1.2.840.10008.1.2'] };

/**
 * What a failed association does not tell: whether the peer would have answered the other way, by TLS or in plaintext, or is a web
 * server. Asked once, and only where that may be the cause.
 */
export async function lookAgain(evidence: Evidence, peer: Peer, us: string, timeoutSeconds: number): Promise<Evidence> {
  const { stage, isTls, rejection, received, systemError = '' } = evidence;
  if (rejection !== undefined || received !== undefined) return evidence;
  if (!isTls && stage === 'associating') {
    const [tls, http] = await Promise.all([speaksTls(peer, timeoutSeconds), speaksHttp(peer, timeoutSeconds)]);
    return { ...evidence, speaksTls: tls, speaksHttp: http };
  }
  const isOfCertificates = /CERT|ALERT/.test(systemError);
  if (!isTls || stage === 'connecting' || stage === 'associated' || isOfCertificates) return evidence;
  return { ...evidence, speaksPlaintext: await speaksPlaintext(peer, us, timeoutSeconds) };
}

/** Does a handshake begin? With whom, and whether we may talk on, is no question here: nothing is said after it. */
function speaksTls({ host, port }: Peer, timeoutSeconds: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({
      host,
      port,
      rejectUnauthorized: false,
      minVersion: 'TLSv1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    });
    const done = (answer: boolean) => {
      resolve(answer);
      socket.destroy();
    };
    socket.setTimeout(timeoutSeconds * 1000, () => done(false));
    socket.once('secureConnect', () => done(true));
    // An alert is an answer in TLS.
    socket.on('error', (error: NodeJS.ErrnoException) => done(/_ALERT_/.test(error.code ?? '')));
    socket.once('close', () => done(false));
  });
}

function speaksHttp({ host, port }: Peer, timeoutSeconds: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectPlain({ host, port }, () => socket.write('HEAD / HTTP/1.0\r\n\r\n'));
    socket.setTimeout(timeoutSeconds * 1000, () => socket.destroy());
    socket.once('data', (chunk) => {
      resolve(chunk.toString('latin1').startsWith('HTTP/'));
      socket.destroy();
    });
    socket.on('error', () => {});
    socket.once('close', () => resolve(false));
  });
}

/** Any answer of the protocol will do: a rejection and an abort are some. */
async function speaksPlaintext({ AETitle, host, port }: Peer, us: string, timeoutSeconds: number): Promise<boolean> {
  try {
    const association = await openAssociation({ AETitle, host, port }, us, { contexts: [CONTEXT] }, { timeoutSeconds });
    await association.release();
    return true;
  } catch (error) {
    const evidence = evidenceOf(error);
    return evidence?.rejection !== undefined || evidence?.abort !== undefined;
  }
}
