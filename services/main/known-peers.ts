import type { Config } from '../config.ts';
import type { Peer } from '../dicom/net/open-association.ts';

/** Peers by AE title that can be called, and are those of the settings. Nobody is called who is not named there. */
export function callablePeers(config: Pick<Config, 'PACS' | 'MOVE_DESTINATIONS'>): ReadonlyMap<string, Peer> {
  // The first of an AE title counts: results go there.
  return new Map([...config.PACS, ...config.MOVE_DESTINATIONS].toReversed().map((peer) => [peer.AETitle, peer]));
}
