import type { PeerCertificate } from 'node:tls';
import type { CertificateNames } from '../../domain/peer-access.ts';

/** `DNS:pacs.example.org`, `URI:"a value, quoted as JSON"`. */
const ALTERNATIVE = /\s*([^:,"]+):("(?:[^"\\]|\\.)*"|[^,"]*)(?:,|$)/y;

/** The names in a certificate that was verified: its common name, and every subjectAltName whatever its kind. */
export function certificateNames({ subject, subjectaltname, fingerprint256 }: PeerCertificate): CertificateNames {
  const common: readonly string[] = [subject?.CN ?? []].flat();
  return { names: [...new Set([...common, ...alternatives(subjectaltname ?? '')])], fingerprint: fingerprint256 ?? '' };
}

/** What cannot be read ends the list: half a name is no name. */
function alternatives(text: string): readonly string[] {
  const names: string[] = [];
  const pattern = new RegExp(ALTERNATIVE);
  while (pattern.lastIndex < text.length) {
    const [, kind, value = ''] = pattern.exec(text) ?? [];
    if (kind === undefined) break;
    const name = value.startsWith('"') ? unquoted(value) : value;
    if (name !== undefined) names.push(name);
  }
  return names;
}

function unquoted(text: string): string | undefined {
  try {
    return String(JSON.parse(text));
  } catch {
    return undefined;
  }
}
