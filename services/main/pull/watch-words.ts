import { registeredKeyword } from '../../dicom/dataset/dictionary.ts';
import type { NamedPeer } from '../../domain/peer.ts';
import type { WatchWords } from '../../domain/pull/watch-file.ts';

/** The words of a file of watches: peers, with the ways that lead to them, and keys of a query. */
export function watchWords(peers: readonly NamedPeer[]): WatchWords {
  const ways = peers.map(({ name, port, dicomwebUrl }) => {
    return [name, { dimse: port !== undefined, web: dicomwebUrl !== undefined }] as const;
  });
  return {
    peers: new Map(ways),
    isKey: (keyword) => {
      const entry = registeredKeyword(keyword);
      return entry !== undefined && entry.vr !== 'SQ' && entry.tag >= 0x00080000;
    },
  };
}
