import type { Config } from '../config.ts';
import { examinePeer } from '../dicom/net/examine-peer.ts';
import type { DoctorReport, PeersInfo } from '../domain/contract/peers.ts';
import { AppError } from '../domain/errors.ts';
import type { peerContacts } from '../store/peer-contacts.ts';
import { callablePeer, SENT_RESULTS } from './called-peer.ts';
import type { PeersInForce } from './peers.ts';
import { endOfCertificate } from './tls-identity.ts';

const TIMEOUT_SECONDS = 5;

type Contacts = Awaited<ReturnType<ReturnType<typeof peerContacts>['contacts']>>;

/** The table in force, and how its peers do. */
export function peersInfo(config: Config, peers: PeersInForce, contacts: Contacts): PeersInfo {
  const identity = peers.identity();
  const names = new Set(peers.table().peers.map(({ name }) => name));
  const state = ({ who: _, isPeer: __, ...contact }: Contacts[number]) => contact;
  return {
    loadedAt: peers.loadedAt()?.toISOString() ?? null,
    problem: peers.problem(),
    certificateEndsAt: identity === undefined ? null : endOfCertificate(identity).toISOString(),
    unknownPeers: config.UNKNOWN_PEERS,
    peers: peers.table().peers.map(({ name, AETitle, host, port, tls, addresses, allow, results }) => ({
      ...{ name, AETitle, host: host ?? null, port: port ?? null, tls, allow, results },
      addresses: addresses ?? null,
      contacts: contacts.filter(({ who, isPeer }) => isPeer && who === name).map(state),
    })),
    // An entry that was taken out is a stranger again.
    strangers: contacts.filter(({ who, isPeer }) => !isPeer || !names.has(who)).map(state),
  };
}

/** Examines a peer of the table; each only once at a time. @throws {AppError} PEER_NOT_FOUND, PEER_BUSY */
export function peerDoctor(peers: PeersInForce) {
  const busy = new Set<string>();
  return async (name: string): Promise<DoctorReport> => {
    if (!peers.table().peers.some((peer) => peer.name === name))
      throw new AppError('PEER_NOT_FOUND', `No peer is called ${name}`);
    const { peer, us, results } = callablePeer(name, peers);
    if (busy.has(name)) throw new AppError('PEER_BUSY', `${name} is being examined already`);
    busy.add(name);
    try {
      const needed = results ? SENT_RESULTS : [];
      return await examinePeer(peer, { name, us, needed, timeoutSeconds: TIMEOUT_SECONDS });
    } finally {
      busy.delete(name);
    }
  };
}
