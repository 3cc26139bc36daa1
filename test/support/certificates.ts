import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TlsIdentity } from '../../services/dicom/net/tls-profile.ts';

/** A certificate with its key and the authority it comes from, as files in PEM. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

export interface CertificateOptions {
  /** `DNS:pacs.example.org`, several separated by commas. */
  readonly alternatives?: string;
  /** From now; negative: it has expired. */
  readonly days?: number;
  readonly authority?: string;
}

/** Keys on P-256: an RSA key takes a second. */
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** Authorities and certificates of a test, made by the openssl program in a folder of their own. */
export class Certificates {
  readonly folder = mkdtempSync(join(tmpdir(), 'overread-tls-'));
  readonly #authorities = new Set<string>();

  /** A certificate whose common name is `name`. */
  make(name: string, { alternatives, days = 2, authority = 'hospital' }: CertificateOptions = {}): CertificateFiles {
    this.#authority(authority);
    const stem = `${authority}-${name}-${days}`.replaceAll(/[^A-Za-z0-9-]/g, '_');
    const [cert, key, request, extensions] = ['pem', 'key', 'csr', 'ext'].map((ending) =>
      join(this.folder, `${stem}.${ending}`),
    ) as [string, string, string, string];
    const ca = join(this.folder, `${authority}.pem`);
    openssl('req', ...KEY, '-keyout', key, '-out', request, '-subj', `/CN=${name}`);
    writeFileSync(
      extensions,
      `${alternatives === undefined ? '' : `subjectAltName=${alternatives}\n`}basicConstraints=CA:FALSE\n`,
    );
    const signed = [
      '-CA',
      ca,
      '-CAkey',
      join(this.folder, `${authority}.key`),
      '-CAcreateserial',
      '-extfile',
      extensions,
    ];
    openssl('x509', '-req', '-in', request, ...signed, '-days', String(days), '-sha256', '-out', cert);
    return { cert, key, ca };
  }

  /** What `loadTlsIdentity` would make of the files. */
  identity(files: CertificateFiles): TlsIdentity {
    const text = (file: string) => readFileSync(file, 'utf8');
    return { cert: text(files.cert), key: text(files.key), ca: text(files.ca) };
  }

  /** The authority's list of what it has revoked; `days` negative: it has ended. */
  revoked(of: readonly CertificateFiles[], { days = 2, authority = 'hospital' } = {}): string {
    this.#authority(authority);
    const stem = join(this.folder, `${authority}-list-${of.length}-${days}`);
    const [database, settings, list] = [`${stem}.txt`, `${stem}.cnf`, `${stem}.crl`];
    const key = [
      '-config',
      settings,
      '-keyfile',
      join(this.folder, `${authority}.key`),
      '-cert',
      join(this.folder, `${authority}.pem`),
    ];
    writeFileSync(database, '');
    writeFileSync(settings, `[ca]\ndefault_ca=own\n[own]\ndatabase=${database}\ndefault_md=sha256\n`);
    for (const { cert } of of) openssl('ca', ...key, '-revoke', cert);
    const ends = new Date(Date.now() + days * 86_400_000);
    const stamp = (time: Date) => `${time.toISOString().slice(2, 19).replaceAll(/[-:T]/g, '')}Z`;
    const from = new Date(ends.getTime() - 10 * 86_400_000);
    openssl('ca', ...key, '-gencrl', '-crl_lastupdate', stamp(from), '-crl_nextupdate', stamp(ends), '-out', list);
    return readFileSync(list, 'utf8');
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #authority(name: string): void {
    if (this.#authorities.has(name)) return;
    this.#authorities.add(name);
    const files = ['-keyout', join(this.folder, `${name}.key`), '-out', join(this.folder, `${name}.pem`)];
    const what = ['-addext', 'keyUsage=critical,keyCertSign,cRLSign'];
    openssl('req', '-x509', ...KEY, '-days', '5', '-sha256', ...files, '-subj', `/CN=${name}`, ...what);
  }
}

function openssl(...parameters: string[]): void {
  const { status, stderr } = spawnSync('openssl', parameters, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`openssl ${parameters[0]}: ${stderr}`);
}
