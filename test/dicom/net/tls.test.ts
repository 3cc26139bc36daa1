import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect as connectPlain, createServer } from 'node:net';
import {
  type ConnectionOptions,
  connect,
  createServer as createTlsServer,
  type Server,
  type TlsOptions,
} from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Admission } from '../../../services/dicom/net/admission.ts';
import { certificateNames } from '../../../services/dicom/net/certificate-names.ts';
import { listenTls } from '../../../services/dicom/net/listeners.ts';
import type { Peer } from '../../../services/dicom/net/open-association.ts';
import { sendInstances } from '../../../services/dicom/net/storage-scu.ts';
import type { TlsIdentity } from '../../../services/dicom/net/tls-profile.ts';
import { echo } from '../../../services/dicom/net/verification-scu.ts';
import { PeerList } from '../../../services/domain/peer.ts';
import { accessOf, type CertificateNames, isCertificateOf } from '../../../services/domain/peer-access.ts';
import { type CertificateFiles, Certificates } from '../../support/certificates.ts';
import { associateRQBytes, EXPLICIT_VR_LITTLE_ENDIAN } from '../../support/load-client.ts';
import { hasProgram } from '../../support/programs.ts';
import { ctInstance } from './ct-instance.ts';
import { eventually, type Receiver, startReceiver } from './receiver.ts';

describe.runIf(hasProgram('openssl'))('DICOM TLS (PS3.15 B.12)', () => {
  const certificates = new Certificates();
  let scp: Receiver;
  const made = {} as Record<'node' | 'scu' | 'named' | 'pinned' | 'old' | 'foreign', CertificateFiles>;
  const identity = (files: CertificateFiles): TlsIdentity => certificates.identity(files);
  const own = (from: keyof typeof made) => identity(made[from]);
  const isOverread: NonNullable<Peer['tls']>['isOf'] = (certificate) =>
    isCertificateOf({ AETitle: 'OVERREAD' }, certificate);
  const at = (from: keyof typeof made, port = scp.tlsPort): Peer => ({
    ...{ AETitle: 'OVERREAD', host: '127.0.0.1', port },
    // The authority that is believed is always ours.
    tls: { identity: { ...own(from), ca: own('node').ca }, isOf: isOverread },
  });
  const accepted = () => scp.context.events.filter((event) => event === 'association.accepted').length;

  beforeAll(async () => {
    made.node = certificates.make('OVERREAD');
    made.scu = certificates.make('SCU');
    made.named = certificates.make('some modality', { alternatives: 'DNS:ct1.example.org,URI:urn:ae:CT1' });
    made.pinned = certificates.make('a device of the maker');
    made.old = certificates.make('SCU', { days: -1 });
    made.foreign = certificates.make('SCU', { authority: 'elsewhere' });
    const { fingerprint256 } = new X509Certificate(readFileSync(made.pinned.cert));
    const peers = PeerList.parse([
      { name: 'scu', AETitle: 'SCU', tls: true },
      { name: 'ct1', AETitle: 'CT1', tls: true, certificates: ['ct1.example.org'] },
      { name: 'pinned', AETitle: 'PINNED', tls: true, certificates: [fingerprint256] },
      { name: 'plain', AETitle: 'PLAIN' },
    ]);
    const table = { AETitle: 'OVERREAD', peers, queryAETitles: new Set<string>(), unknown: 'store' } as const;
    scp = await startReceiver({
      accessOf: (caller) => accessOf(table, caller),
      tls: { port: 0, identity: own('node') },
      artimSeconds: 3,
    });
  });
  afterAll(async () => {
    await scp?.stop();
    certificates.remove();
  });

  it.each([
    ['its AE title as common name', 'SCU', 'scu'],
    ['a name of its entry as alternative name', 'CT1', 'named'],
    ['the fingerprint of its entry', 'PINNED', 'pinned'],
  ] as const)('lets in a certificate with %s', async (_, from, files) => {
    await echo(at(files), from);
  });

  it('carries instances to disk, byte for byte', async () => {
    const object = ctInstance(1, { pixelBytes: 2_000_000 });
    const results = await sendInstances(at('scu'), 'SCU', [
      { ...object, TransferSyntaxUID: EXPLICIT_VR_LITTLE_ENDIAN },
    ]);
    expect(results).toMatchObject([{ taken: true, status: 0 }]);
    const [recorded] = scp.recorded;
    if (recorded === undefined) throw new Error('nothing was recorded');
    expect(Buffer.compare(scp.dataset(recorded), object.dataset)).toBe(0);
  });

  it.each([
    ['an expired certificate', 'old', 'SCU'],
    ['a certificate of another authority', 'foreign', 'SCU'],
  ] as const)('%s: nobody comes in', async (_, files, from) => {
    const before = accepted();
    await expect(echo(at(files), from, { timeoutSeconds: 10 })).rejects.toThrow();
    expect(accepted()).toBe(before);
    await echo(at('scu'), 'SCU');
  });

  it('a revoked certificate comes in until the list is there; a list that has ended lets nobody in', async () => {
    const lists = [certificates.revoked([made.named]), certificates.revoked([], { days: -1 })];
    await echo(at('named'), 'CT1');
    for (const [crl, comesIn] of [
      [lists[0], true],
      [lists[1], false],
    ] as const) {
      scp.renewIdentity({ ...own('node'), crl });
      await expect(echo(at('named'), 'CT1', { timeoutSeconds: 10 })).rejects.toThrow();
      const other = echo(at('scu'), 'SCU', { timeoutSeconds: 10 });
      await (comesIn ? other : expect(other).rejects.toThrow());
    }
    scp.renewIdentity(own('node'));
    await echo(at('named'), 'CT1');
  });

  it.each([
    ['an expired certificate', 'old', 'CERT_HAS_EXPIRED'],
    ['a revoked one', 'named', 'CERT_REVOKED'],
  ] as const)('of who calls with %s the address and the reason are told', async (_, files, cause) => {
    const failures: unknown[] = [];
    const identity = { ...own('node'), crl: certificates.revoked([made.named]) };
    const nothing = { admission: new Admission(8, 8, 8), sharesPort: false, accepted: () => {}, failed: () => {} };
    const ports = { ...nothing, handshakeFailed: (failure: unknown) => void failures.push(failure) };
    const listener = await listenTls('127.0.0.1', 0, { identity, handshakeSeconds: 5 }, ports);
    await expect(echo(at(files, listener.port), 'SCU')).rejects.toThrow();
    await eventually(() => failures.length > 0);
    await listener.close();
    expect(failures).toEqual([{ address: '127.0.0.1', cause }]);
  });

  it('we do not call who shows a revoked certificate', async () => {
    const identity = { ...own('scu'), crl: certificates.revoked([made.node]) };
    await expect(echo({ ...at('scu'), tls: { identity, isOf: isOverread } }, 'SCU')).rejects.toMatchObject({
      cause: { systemError: 'CERT_REVOKED' },
    });
  });

  it.each([
    ['another AE title of the table', 'CT1'],
    ['an AE title that speaks plaintext', 'PLAIN'],
    ['an AE title in no entry, though strangers may come', 'STRANGER'],
  ])('a good certificate does not let in %s', async (_, from) => {
    await expect(echo(at('scu'), from)).rejects.toMatchObject({
      message: 'association rejected: calling AE title not recognized',
    });
  });

  it('an AE title that speaks TLS is not heard in plaintext', async () => {
    await expect(echo({ AETitle: 'OVERREAD', host: '127.0.0.1', port: scp.port }, 'SCU')).rejects.toThrow(
      'calling AE title',
    );
  });

  const client = (options: ConnectionOptions) =>
    new Promise<string>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port: scp.tlsPort, rejectUnauthorized: false, ...options });
      const received: Buffer[] = [];
      socket.on('secureConnect', () => socket.write(associateRQBytes({ called: 'OVERREAD', calling: 'SCU' })));
      socket.on('data', (chunk) => received.push(chunk));
      socket.on('error', () => {});
      socket.on('close', () => resolve(Buffer.concat(received).toString('latin1')));
    });
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
  const scu = () => ({ cert: own('scu').cert, key: own('scu').key });
  it.each([
    ['no certificate, TLS 1.3', () => ({ minVersion: 'TLSv1.3' as const })],
    ['no certificate, TLS 1.2', () => ({ maxVersion: 'TLSv1.2' as const })],
    ['TLS 1.1', () => ({ ...scu(), ...old })],
    [
      'a weak cipher suite: CBC',
      () => ({ ...scu(), maxVersion: 'TLSv1.2' as const, ciphers: 'ECDHE-ECDSA-AES128-SHA' }),
    ],
    [
      'a cipher suite without encryption',
      () => ({ ...scu(), maxVersion: 'TLSv1.2' as const, ciphers: 'eNULL@SECLEVEL=0' }),
    ],
  ])('%s: nobody comes in', async (_, options) => {
    const before = accepted();
    // An answer of DICOM would begin with a PDU type: nothing is answered at all.
    expect(await client(options())).toBe('');
    expect(accepted()).toBe(before);
  });

  it('plaintext on its port is told from TLS and ended at once', async () => {
    const before = scp.context.events.length;
    const socket = connectPlain(scp.tlsPort, '127.0.0.1', () => socket.write(associateRQBytes({ called: 'OVERREAD' })));
    socket.on('error', () => {}).resume();
    await new Promise((resolve) => socket.on('close', resolve));
    expect(scp.context.events.slice(before)).toEqual(['association.none']);
    await echo(at('scu'), 'SCU');
  });

  it('a handshake that does not go on is ended, and sockets of the kind keep nobody out', async () => {
    const sockets = Array.from({ length: 50 }, () =>
      connectPlain(scp.tlsPort, '127.0.0.1')
        .on('error', () => {})
        .resume(),
    );
    await echo(at('scu'), 'SCU');
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.on('close', resolve))));
  });

  it('a certificate that was renewed is shown at the next handshake', async () => {
    const renewed = certificates.make('OVERREAD', { alternatives: 'DNS:renewed.example.org' });
    const seen: string[][] = [];
    const isOf = ({ names }: CertificateNames) => {
      seen.push([...names]);
      return true;
    };
    const asking = () => ({ ...at('scu'), tls: { identity: own('scu'), isOf } });
    await echo(asking(), 'SCU');
    scp.renewIdentity(identity(renewed));
    await echo(asking(), 'SCU');
    scp.renewIdentity(own('node'));
    expect(seen).toEqual([['OVERREAD'], ['OVERREAD', 'renewed.example.org']]);
  });

  describe('as SCU', () => {
    const servers: { close(): unknown }[] = [];
    afterAll(() => {
      for (const server of servers) server.close();
    });
    const listening = async (server: Server | ReturnType<typeof createServer>): Promise<number> => {
      servers.push(server);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const address = server.address();
      return typeof address === 'object' && address !== null ? address.port : 0;
    };
    const heard: string[] = [];
    const tlsPeer = (options: TlsOptions) =>
      listening(
        createTlsServer(options, (socket) => {
          socket.on('error', () => {});
          socket.on('data', (chunk) => heard.push(chunk.toString('latin1')));
        }).on('tlsClientError', () => {}),
      );

    it.each([
      ['an expired certificate', () => own('old'), 'CERT_HAS_EXPIRED'],
      ['a certificate of another authority', () => own('foreign'), /SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_/],
      ['the certificate of another', () => own('scu'), 'ERR_TLS_CERT_ALTNAME_INVALID'],
      ['TLS 1.1 alone', () => ({ ...own('node'), ...old }), 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'],
      [
        'a weak cipher suite alone',
        () => ({ ...own('node'), maxVersion: 'TLSv1.2' as const, ciphers: 'ECDHE-ECDSA-AES128-SHA' }),
        /HANDSHAKE_FAILURE/,
      ],
    ])('says nothing to a peer with %s', async (_, options, code) => {
      heard.length = 0;
      const port = await tlsPeer(options());
      await expect(echo(at('scu', port), 'SCU', { timeoutSeconds: 10 })).rejects.toThrow(code);
      expect(heard).toEqual([]);
    });

    it('says nothing to a peer that speaks plaintext', async () => {
      const got: Buffer[] = [];
      const port = await listening(
        createServer((socket) => {
          socket.on('error', () => {});
          socket.on('data', (chunk) => {
            got.push(chunk);
            socket.end('220 mail.example.org\r\n');
          });
        }),
      );
      await expect(echo(at('scu', port), 'SCU', { timeoutSeconds: 10 })).rejects.toThrow('ERR_SSL');
      expect(Buffer.concat(got).toString('latin1')).not.toContain('OVERREAD');
    });
  });

  it('is the only port where plaintext is closed', async () => {
    const only = await startReceiver({ port: undefined, tls: { port: 0, identity: own('node') } });
    try {
      expect(only.port).toBe(0);
      await echo(at('scu', only.tlsPort), 'SCU');
    } finally {
      await only.stop();
    }
  });

  it('associations are over when nobody is left', async () => {
    await eventually(() => scp.associations === 0);
  });
});

describe('names of a certificate', () => {
  const names = (subjectaltname: string, CN: string | string[] = []) =>
    certificateNames({ subject: { CN }, subjectaltname, fingerprint256: 'AA' } as never).names;
  it.each([
    ['DNS:a.example.org, DNS:b.example.org, IP Address:10.0.0.1', ['a.example.org', 'b.example.org', '10.0.0.1']],
    ['URI:"urn:x, DNS:PACS", DNS:real', ['urn:x, DNS:PACS', 'real']],
    ['othername:<unsupported>, email:a@b', ['<unsupported>', 'a@b']],
    ['URI:"broken', []],
    ['', []],
  ])('%s', (text, expected) => {
    expect(names(text)).toEqual(expected);
  });

  it('come with every common name, once', () => {
    expect(names('DNS:PACS', ['PACS', 'SECOND'])).toEqual(['PACS', 'SECOND']);
  });
});
