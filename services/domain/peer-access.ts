import { isLoopback, isWithin } from './ip-address.ts';
import { type NamedPeer, SENDING, type Service } from './peer.ts';

/** Who may come in that is in no entry: nobody; from this machine's own loopback addresses; from everywhere. */
type UnknownPeers = 'deny' | 'local' | 'store';

/** The peers in force: those of the file, and what the settings add. Made anew when the file changes. */
export interface PeerTable {
  /** Ours, where an entry does not say otherwise. */
  readonly AETitle: string;
  /** Those of PEERS_FILE, and behind them those of PACS whose AE title is not there. */
  readonly peers: readonly NamedPeer[];
  /** QUERY_AE_TITLES; `*` is whoever may come in. */
  readonly queryAETitles: ReadonlySet<string>;
  readonly unknown: UnknownPeers;
}

/** An X.509 certificate as far as it names its holder. */
export interface CertificateNames {
  /** Common name and every subjectAltName, without its kind. */
  readonly names: readonly string[];
  /** SHA-256, in hexadecimal with colons. */
  readonly fingerprint: string;
}

export interface Caller {
  readonly callingAETitle: string;
  /** IPv4 or IPv6. */
  readonly address: string;
  /** None: it came in plaintext. */
  readonly certificate?: CertificateNames | undefined;
}

/** What a caller may do here. */
export interface Access {
  /** Of its entry; none: it is in no entry. */
  readonly peer?: string | undefined;
  /** What it must call us. */
  readonly calledAETitle: string;
  readonly services: ReadonlySet<Service>;
  /** Storage SOP Classes it may send; none: all. */
  readonly sopClasses?: readonly string[] | undefined;
  readonly limits: NamedPeer['limits'];
}

/** Why a caller may not come in, and by which entry, if its AE title has one. */
export interface Refused {
  readonly refused: AccessRefusal;
  readonly peer?: string;
}
export type AccessRefusal = 'unknown caller' | 'other address' | 'plaintext' | 'certificate of another';

const QUERYING: readonly Service[] = ['verification', 'find', 'move', 'get'];

/**
 * What the caller may do, or why it may not come in. An AE title that has entries is let in by the first that fits, or not at
 * all: neither the settings nor UNKNOWN_PEERS open another way for it.
 */
export function accessOf(table: PeerTable, caller: Caller): Access | Refused {
  const entries = table.peers.filter(({ AETitle }) => AETitle === caller.callingAETitle);
  const tried = entries.map((entry) => ({ entry, refused: refusalBy(entry, caller) }));
  const fitting = tried.find(({ refused }) => refused === undefined)?.entry;
  if (fitting !== undefined) {
    const { name, calledAETitle = table.AETitle, allow, sopClasses, limits } = fitting;
    const services = new Set([...allow, ...(mayQuery(table, caller) ? QUERYING : [])]);
    return { peer: name, calledAETitle, services, sopClasses, limits };
  }
  // Of several entries, the one that came nearest.
  const [nearest] = tried.toSorted((a, b) => NEARNESS.indexOf(a.refused) - NEARNESS.indexOf(b.refused));
  if (nearest?.refused === undefined) return accessOfStranger(table, caller);
  return { refused: nearest.refused, peer: nearest.entry.name };
}

/** May the caller use a service with this SOP Class? */
export function mayUse({ services, sopClasses }: Access, service: Service, SOPClassUID: string): boolean {
  if (!services.has(service)) return false;
  if (service !== 'storage' || sopClasses === undefined) return true;
  return sopClasses.some((rule) =>
    rule.endsWith('.*') ? SOPClassUID.startsWith(rule.slice(0, -1)) : rule === SOPClassUID,
  );
}

/** Is the certificate that of the application entity: by what its entry names, or by the AE title? */
export function isCertificateOf(
  { AETitle, certificates = [AETitle] }: Pick<NamedPeer, 'AETitle' | 'certificates'>,
  { names, fingerprint }: CertificateNames,
): boolean {
  return certificates.some((wanted) => names.includes(wanted) || hexOf(wanted) === hexOf(fingerprint));
}

function refusalBy(entry: NamedPeer, { address, certificate }: Caller): AccessRefusal | undefined {
  const { addresses, tls } = entry;
  if (addresses !== undefined && !addresses.some((network) => isWithin(address, network))) return 'other address';
  if (certificate === undefined) return tls ? 'plaintext' : undefined;
  return isCertificateOf(entry, certificate) ? undefined : 'certificate of another';
}

function accessOfStranger(table: PeerTable, caller: Caller): Access | Refused {
  const { callingAETitle, address, certificate } = caller;
  const isLetIn = table.unknown === 'store' || (table.unknown === 'local' && isLoopback(address));
  if (!isLetIn && !table.queryAETitles.has(callingAETitle)) return { refused: 'unknown caller' };
  if (certificate !== undefined && !isCertificateOf({ AETitle: callingAETitle }, certificate))
    return { refused: 'certificate of another' };
  const services = new Set([...(isLetIn ? SENDING : []), ...(mayQuery(table, caller) ? QUERYING : [])]);
  return { calledAETitle: table.AETitle, services, limits: {} };
}

/** `*` opens the door to nobody: it is for whoever comes in by another rule. */
const mayQuery = ({ queryAETitles }: PeerTable, { callingAETitle }: Caller): boolean =>
  queryAETitles.has('*') || queryAETitles.has(callingAETitle);

const NEARNESS: readonly (AccessRefusal | undefined)[] = ['certificate of another', 'plaintext', 'other address'];

const hexOf = (fingerprint: string): string =>
  fingerprint
    .replace(/^sha-?256:/i, '')
    .replaceAll(':', '')
    .toLowerCase();
