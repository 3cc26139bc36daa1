import type { Config } from '../config.ts';
import type { Peer } from '../dicom/net/open-association.ts';
import { destinationName } from './report-sender.ts';

/** A peer that can be called, and what we call ourselves there. */
export interface CallablePeer {
  readonly peer: Peer;
  readonly callingAETitle: string;
}

/** Whom the settings let us call, asked each time: nobody is called who is not named there. */
export interface CallablePeers {
  /** For reports on commitment, and to count what a sender has. */
  byAETitle(AETitle: string): CallablePeer | undefined;
  titles(): readonly string[];
  /** Where results were sent, by the name in the tables. */
  byDestination(name: string): CallablePeer | undefined;
}

export function callablePeers({ AE_TITLE, PACS, MOVE_DESTINATIONS }: Config): CallablePeers {
  const called = (peer: Peer | undefined) => peer && { peer, callingAETitle: AE_TITLE };
  // The first of an AE title counts: results go there.
  const all = [...PACS, ...MOVE_DESTINATIONS];
  return {
    byAETitle: (AETitle) => called(all.find((peer) => peer.AETitle === AETitle)),
    titles: () => [...new Set(all.map(({ AETitle }) => AETitle))],
    byDestination: (name) => called(PACS.find((peer) => destinationName(peer) === name)),
  };
}
