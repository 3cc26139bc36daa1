import { readFile, stat } from 'node:fs/promises';
import type { z } from 'zod';
import type { Config } from '../config.ts';
import type { TlsIdentity } from '../dicom/net/tls-profile.ts';
import type { Context } from '../domain/context.ts';
import { AppError } from '../domain/errors.ts';
import { type NamedPeer, PeerList, SENDING } from '../domain/peer.ts';
import type { PeerTable } from '../domain/peer-access.ts';
import { destinationName } from './destinations.ts';
import { every } from './timer.ts';
import { hasTls, loadTlsIdentity } from './tls-identity.ts';

/** The table of peers in force, and who we are to them: read when it is needed, never kept. */
export interface PeersInForce {
  table(): PeerTable;
  /** None: no DICOM TLS. */
  identity(): TlsIdentity | undefined;
  /** When the file in force was read; `null` without one. */
  loadedAt(): Date | null;
  /** Why the file that is there now is not in force. */
  problem(): string | null;
  close(): Promise<void>;
}

interface PeersOptions {
  /** The certificate was renewed. */
  readonly onIdentity?: (identity: TlsIdentity) => void;
}

const LOOK_PAUSE_MS = 1000;
/** Thousands of peers; what is longer is no list of them. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;

/**
 * Reads the peers of the settings and of PEERS_FILE, the certificate of this node, and the files again whenever one changes. What
 * is wrong then keeps what is in force.
 *
 * @throws {AppError} PEERS_INVALID, with every mistake, and TLS_INVALID at the start.
 */
export async function peersInForce(
  context: Context,
  config: Config,
  { onIdentity }: PeersOptions = {},
): Promise<PeersInForce> {
  const { PEERS_FILE, TLS_CERT_FILE, TLS_KEY_FILE, TLS_CA_FILE, TLS_CRL_FILE } = config;
  const files = [PEERS_FILE, TLS_CERT_FILE, TLS_KEY_FILE, TLS_CA_FILE, TLS_CRL_FILE].filter(
    (file) => file !== undefined,
  );
  const seen = { signature: await signatureOf(files) };
  const state = { ...(await load(config)), problem: null as string | null };
  if (files.length === 0) return { ...view(state, config), close: async () => {} };

  const look = async () => {
    const signature = await signatureOf(files);
    if (signature === seen.signature) return;
    seen.signature = signature;
    try {
      Object.assign(state, await load(config), { problem: null });
      if (state.identity !== undefined) onIdentity?.(state.identity);
      context.log.info('peers.loaded', { peers: state.table.peers.length });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      state.problem = error.message;
      context.log.error('peers.not-loaded', error, { inForceSince: state.loadedAt.toISOString() });
    }
  };
  const looking = every(context, 'peers', LOOK_PAUSE_MS, look);
  return { ...view(state, config), close: () => looking.close() };
}

interface Loaded {
  readonly table: PeerTable;
  readonly identity: TlsIdentity | undefined;
  readonly loadedAt: Date;
}

const load = async (config: Config): Promise<Loaded> => ({
  table: await loadPeers(config),
  identity: await loadTlsIdentity(config),
  loadedAt: new Date(),
});

const view = (state: Loaded & { readonly problem: string | null }, { PEERS_FILE }: Config) => ({
  table: () => state.table,
  identity: () => state.identity,
  loadedAt: () => (PEERS_FILE === undefined ? null : state.loadedAt),
  problem: () => state.problem,
});

/** @throws {AppError} PEERS_INVALID with every mistake of the file. */
export async function loadPeers(config: Config): Promise<PeerTable> {
  const { PEERS_FILE: file } = config;
  const peers = file === undefined ? [] : await readPeers(file, hasTls(config));
  const named = new Set(peers.map(({ AETitle }) => AETitle));
  // An AE title of the file is heard only as the file says.
  const added = config.PACS.map(settingPeer).filter(({ AETitle }) => !named.has(AETitle));
  return {
    AETitle: config.AE_TITLE,
    peers: [...peers, ...added],
    queryAETitles: new Set(config.QUERY_AE_TITLES),
    unknown: config.UNKNOWN_PEERS,
  };
}

/** An entry of PACS: results are sent to it, and it may send here from everywhere. */
function settingPeer({ AETitle, host, port }: Config['PACS'][number]): NamedPeer {
  const address = { AETitle, host, port };
  return { name: destinationName(address), ...address, tls: false, allow: [...SENDING], limits: {}, results: true };
}

async function readPeers(file: string, hasCertificate: boolean): Promise<z.infer<typeof PeerList>> {
  const { data = [], error } = PeerList.safeParse(parsed(file, await contentOf(file)));
  const wrong = (error?.issues ?? []).map(({ path, message }) => `  ${place(path)}: ${message}`);
  const unable = data.flatMap(({ tls }, at) =>
    tls && !hasCertificate ? [`  ${place([at, 'tls'])}: needs TLS_CERT_FILE, TLS_KEY_FILE and TLS_CA_FILE`] : [],
  );
  const mistakes = [...wrong, ...unable];
  if (mistakes.length === 0) return data;
  throw new AppError(
    'PEERS_INVALID',
    `${file} (PEERS_FILE) is wrong in ${mistakes.length} places\n${mistakes.join('\n')}`,
  );
}

async function contentOf(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > MAX_FILE_BYTES)
      throw new AppError('PEERS_INVALID', `${file} (PEERS_FILE) is longer than ${MAX_FILE_BYTES} bytes`);
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof AppError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new AppError('PEERS_INVALID', `PEERS_FILE cannot be read: ${why}`);
  }
}

function parsed(file: string, content: string): unknown {
  try {
    return JSON.parse(content);
  } catch (error) {
    throw new AppError(
      'PEERS_INVALID',
      `${file} (PEERS_FILE) is not JSON: ${error instanceof Error ? error.message : ''}`,
    );
  }
}

/** `entry 3, limits.idleSeconds`, counted from 1. */
function place([at, ...rest]: readonly PropertyKey[]): string {
  if (typeof at !== 'number') return 'the file';
  return [`entry ${at + 1}`, rest.map(String).join('.')].filter((part) => part !== '').join(', ');
}

/** What changes when a file does, and when one cannot be looked at any more. */
async function signatureOf(files: readonly string[]): Promise<string> {
  const found = await Promise.all(files.map((file) => stat(file).catch(() => undefined)));
  return found.map((each) => (each === undefined ? 'none' : `${each.ino} ${each.size} ${each.mtimeMs}`)).join(', ');
}
