import { loadConfig } from '../config.ts';
import type { Peer } from '../dicom/net/open-association.ts';
import { AppError } from '../domain/errors.ts';
import { addressOf, type CalledPeer, isCalled, ourTitleFor } from './destinations.ts';
import { loadPeers, type PeersInForce } from './peers.ts';
import { loadTlsIdentity } from './tls-identity.ts';

/** A peer that is to be called, and who we are to it. */
export interface CallablePeer {
  readonly name: string;
  readonly peer: Peer;
  readonly us: string;
  readonly results: boolean;
}

/**
 * By its name in the table, or as AET@host:port.
 *
 * @throws {AppError} BAD_REQUEST when it is neither, or has no address.
 */
export function callablePeer(
  text: string,
  { table, identity }: Pick<PeersInForce, 'table' | 'identity'>,
  { tls = false } = {},
): CallablePeer {
  const entry = table().peers.find(({ name }) => name === text);
  if (entry !== undefined && !isCalled(entry))
    throw new AppError('BAD_REQUEST', `${text} has no host and port in its entry: it only calls us`);
  const called = entry ?? withoutEntry(text, tls);
  const us = ourTitleFor(table(), called);
  return { name: text, peer: addressOf(called, identity()), us, results: called.results };
}

function withoutEntry(text: string, tls: boolean): CalledPeer {
  const [, AETitle = '', host = '', port = ''] = /^([^@\\]{1,16})@([^@\s]+):(\d{1,5})$/.exec(text) ?? [];
  if (AETitle === '' || Number(port) < 1 || Number(port) > 65_535)
    throw new AppError('BAD_REQUEST', `${text} is no name in the table of peers, and not AET@host:port`);
  const place = { AETitle: AETitle.trim(), host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
  return { name: text, ...place, tls, allow: [], limits: {}, results: false };
}

/** Of the settings: results are Comprehensive 3D SR in Explicit VR Little Endian. */
export const SENT_RESULTS: readonly { readonly SOPClassUID: string; readonly TransferSyntaxUID: string }[] = [
  { SOPClassUID: '1.2.840.10008.5.1.4.1.1.88.34', TransferSyntaxUID: '1.2.840.10008.1.2.1' },
];

const OUR_SCU_TITLE = 'OVERREAD_SCU';

/**
 * A peer of the command line: the settings are read where it is a name, or is called by TLS.
 *
 * @throws {AppError} as `callablePeer`; PEERS_INVALID, TLS_INVALID, CONFIG_INVALID.
 */
export async function calledBySettings(text: string, tls: boolean): Promise<Pick<CallablePeer, 'peer' | 'us'>> {
  if (text.includes('@') && !tls) return { peer: addressOf(withoutEntry(text, false), undefined), us: OUR_SCU_TITLE };
  const config = loadConfig(process.env);
  const [table, identity] = [await loadPeers(config), await loadTlsIdentity(config)];
  const { peer, us } = callablePeer(text, { table: () => table, identity: () => identity }, { tls });
  return { peer, us: text.includes('@') ? OUR_SCU_TITLE : us };
}
