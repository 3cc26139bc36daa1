import type { Config } from '../config.ts';
import type { Peer } from '../dicom/net/open-association.ts';
import type { TlsIdentity } from '../dicom/net/tls-profile.ts';
import { AppError } from '../domain/errors.ts';
import type { NamedPeer } from '../domain/peer.ts';
import { isCertificateOf, type PeerTable } from '../domain/peer-access.ts';

/** An application entity that can be called. */
export interface CalledPeer extends NamedPeer {
  readonly host: string;
  readonly port: number;
}

/** How a destination is named in the tables and on the screens. */
export const destinationName = ({ AETitle, host, port }: Pick<CalledPeer, 'AETitle' | 'host' | 'port'>): string =>
  `${AETitle}@${host}:${port}`;

/** Where results go: entries of the file that say so, and those of PACS; each place once. */
export function resultPeers(table: PeerTable, config: Config): readonly CalledPeer[] {
  const named = table.peers.filter(isCalled).filter(({ results }) => results);
  const places = new Set(named.map(destinationName));
  const added = config.PACS.filter((peer) => !places.has(destinationName(peer)));
  return [...named, ...added.map((peer) => calledAs(table, peer))];
}

/** Where results may go at all: rules of the site may name any entry that can be called. */
export function everyDestination(table: PeerTable, config: Config): readonly CalledPeer[] {
  return [...resultPeers(table, config), ...table.peers.filter(isCalled)];
}

/**
 * Where C-MOVE may send an AE title to: an entry of MOVE_DESTINATIONS, or one of the file that may itself retrieve — who may
 * fetch images may be sent them.
 */
export function moveDestination(table: PeerTable, config: Config, AETitle: string): CalledPeer | undefined {
  const set = config.MOVE_DESTINATIONS.find((peer) => peer.AETitle === AETitle);
  if (set !== undefined) return calledAs(table, set);
  return table.peers
    .filter(isCalled)
    .find((peer) => peer.AETitle === AETitle && (peer.allow.includes('move') || peer.allow.includes('get')));
}

/** Who can be called, by AE title: entries of the table before MOVE_DESTINATIONS; of one title the first. */
export function callablePeers(table: PeerTable, config: Config): ReadonlyMap<string, CalledPeer> {
  const set = config.MOVE_DESTINATIONS.map((peer) => calledAs(table, peer));
  return new Map([...table.peers.filter(isCalled), ...set].toReversed().map((peer) => [peer.AETitle, peer]));
}

/** How it is called: by TLS where its entry says so, and never in plaintext then. @throws {AppError} TLS_INVALID */
export function addressOf(peer: CalledPeer, identity: TlsIdentity | undefined): Peer {
  const { AETitle, host, port } = peer;
  if (!peer.tls) return { AETitle, host, port };
  if (identity === undefined)
    throw new AppError(
      'TLS_INVALID',
      `${peer.name} is called by TLS: TLS_CERT_FILE, TLS_KEY_FILE and TLS_CA_FILE are not set`,
    );
  return { AETitle, host, port, tls: { identity, isOf: (certificate) => isCertificateOf(peer, certificate) } };
}

/** What it knows us as. */
export const ourTitleFor = (table: PeerTable, { calledAETitle }: Pick<NamedPeer, 'calledAETitle'>): string =>
  calledAETitle ?? table.AETitle;

export const isCalled = (peer: NamedPeer): peer is CalledPeer => peer.host !== undefined && peer.port !== undefined;

/** An address of the settings with what the table says of it: TLS, certificates, our title there. */
function calledAs(table: PeerTable, { AETitle, host, port }: Config['PACS'][number]): CalledPeer {
  const known = table.peers.find((peer) => peer.AETitle === AETitle && peer.host === host && peer.port === port);
  if (known !== undefined) return { ...known, host, port };
  const name = destinationName({ AETitle, host, port });
  return { name, AETitle, host, port, tls: false, allow: [], limits: {}, results: false };
}
