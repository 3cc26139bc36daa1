import { readFile, stat } from 'node:fs/promises';
import type { z } from 'zod';
import type { Config } from '../config.ts';
import type { Context } from '../domain/context.ts';
import { AppError } from '../domain/errors.ts';
import { type NamedPeer, PeerList } from '../domain/peer.ts';
import { type PeerTable, SENDING } from '../domain/peer-access.ts';
import { destinationName } from './destinations.ts';
import { every } from './timer.ts';

/** The table of peers in force: read when it is needed, never kept. */
export interface PeersInForce {
  table(): PeerTable;
  /** When the file in force was read; `null` without one. */
  loadedAt(): Date | null;
  /** Why the file that is there now is not in force. */
  problem(): string | null;
  close(): Promise<void>;
}

const LOOK_PAUSE_MS = 1000;
/** Thousands of peers; what is longer is no list of them. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;

/**
 * Reads the peers of the settings and of PEERS_FILE, and the file again whenever it changes. A wrong file keeps the table that
 * is in force.
 *
 * @throws {AppError} PEERS_INVALID at the start, with every mistake.
 */
export async function peersInForce(context: Context, config: Config): Promise<PeersInForce> {
  const { PEERS_FILE: file } = config;
  const state = { table: await loadPeers(config), loadedAt: new Date(), problem: null as string | null, seen: '' };
  if (file === undefined)
    return { table: () => state.table, loadedAt: () => null, problem: () => null, close: async () => {} };
  state.seen = await signatureOf(file);

  const look = async () => {
    const signature = await signatureOf(file);
    if (signature === state.seen) return;
    state.seen = signature;
    try {
      state.table = await loadPeers(config);
      state.loadedAt = new Date();
      state.problem = null;
      context.log.info('peers.loaded', { peers: state.table.peers.length });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      state.problem = error.message;
      context.log.error('peers.not-loaded', error, { inForceSince: state.loadedAt.toISOString() });
    }
  };
  const looking = every(context, 'peers', LOOK_PAUSE_MS, look);
  return {
    table: () => state.table,
    loadedAt: () => state.loadedAt,
    problem: () => state.problem,
    close: () => looking.close(),
  };
}

/** @throws {AppError} PEERS_INVALID with every mistake of the file. */
export async function loadPeers(config: Config): Promise<PeerTable> {
  const { PEERS_FILE: file } = config;
  const peers = file === undefined ? [] : await readPeers(file);
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

async function readPeers(file: string): Promise<z.infer<typeof PeerList>> {
  const { success, data, error } = PeerList.safeParse(parsed(file, await contentOf(file)));
  if (success) return data;
  const mistakes = error.issues.map(({ path, message }) => `  ${place(path)}: ${message}`);
  throw new AppError('PEERS_INVALID', `${file} (PEERS_FILE) has ${mistakes.length} mistakes\n${mistakes.join('\n')}`);
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

/** What changes when the file does; empty when it cannot be looked at, which is a change too. */
async function signatureOf(file: string): Promise<string> {
  const found = await stat(file).catch(() => undefined);
  return found === undefined ? '' : `${found.ino} ${found.size} ${found.mtimeMs}`;
}
