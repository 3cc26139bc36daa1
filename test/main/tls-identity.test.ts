import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../services/config.ts';
import { loadPeers } from '../../services/main/peers.ts';
import { loadTlsIdentity } from '../../services/main/tls-identity.ts';
import { type CertificateFiles, Certificates } from '../support/certificates.ts';
import { hasProgram } from '../support/programs.ts';

const settings = ({ cert, key, ca }: CertificateFiles, more: Readonly<Record<string, string>> = {}) =>
  loadConfig({ TLS_CERT_FILE: cert, TLS_KEY_FILE: key, TLS_CA_FILE: ca, ...more });

describe.runIf(hasProgram('openssl'))('the certificate of this node', () => {
  const certificates = new Certificates();
  const good = certificates.make('OVERREAD');
  const other = certificates.make('OTHER');
  const old = certificates.make('OVERREAD', { days: -1 });
  const none = join(certificates.folder, 'none.pem');
  afterAll(() => certificates.remove());

  it('is read from three files', async () => {
    expect(await loadTlsIdentity(settings(good))).toEqual(certificates.identity(good));
  });

  it.each([
    ['a key that cannot be read', { ...good, key: none }, 'TLS_KEY_FILE cannot be read: ENOENT'],
    ['an authority that cannot be read', { ...good, ca: none }, 'TLS_CA_FILE cannot be read: ENOENT'],
    ['the key of another', { ...good, key: other.key }, 'is not that of the certificate'],
    ['a key in place of the certificate', { ...good, cert: good.key }, 'TLS_CERT_FILE does not hold a certificate'],
    ['a certificate in place of the key', { ...good, key: good.cert }, 'TLS_KEY_FILE does not hold a private key'],
    ['an expired certificate', old, /TLS_CERT_FILE expired on 20\d\d-/],
  ])('%s has a name', async (_, files, message) => {
    const loading = loadTlsIdentity(settings(files));
    await expect(loading).rejects.toMatchObject({ code: 'TLS_INVALID' });
    await expect(loading).rejects.toThrow(message);
  });

  it('that does not hold yet has a name', async () => {
    await expect(loadTlsIdentity(settings(good), new Date('2020-01-01'))).rejects.toThrow('holds only from');
  });

  it('may have lists of revoked certificates; a file that holds none has a name', async () => {
    const list = join(certificates.folder, 'list.pem');
    writeFileSync(list, certificates.revoked([other]));
    const loaded = await loadTlsIdentity(settings(good, { TLS_CRL_FILE: list }));
    expect(loaded?.crl).toContain('BEGIN X509 CRL');
    const wrong = loadTlsIdentity(settings(good, { TLS_CRL_FILE: good.cert }));
    await expect(wrong).rejects.toThrow('TLS_CRL_FILE does not hold lists of revoked certificates');
    await expect(loadTlsIdentity(loadConfig({ TLS_CRL_FILE: list }))).rejects.toThrow(
      'of no use without TLS_CERT_FILE',
    );
  });

  it('needs all of its settings, and a port in plaintext or one of its own', async () => {
    const config = loadConfig({ TLS_CERT_FILE: good.cert });
    await expect(loadTlsIdentity(config)).rejects.toThrow('TLS_KEY_FILE, TLS_CA_FILE not set');
    await expect(loadTlsIdentity(loadConfig({ DIMSE_PORT: '0' }))).rejects.toThrow('there is no other');
    expect(await loadTlsIdentity(settings(good, { DIMSE_PORT: '0' }))).toBeDefined();
    expect(await loadTlsIdentity(loadConfig({}))).toBeUndefined();
  });
});

it('an entry with tls needs a certificate of this node', async () => {
  const file = join(import.meta.dirname, '../support/tls-peer.json');
  await expect(loadPeers(loadConfig({ PEERS_FILE: file }))).rejects.toThrow('entry 1, tls: needs TLS_CERT_FILE');
});
