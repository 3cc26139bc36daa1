import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Config, Peer } from '../config.ts';
import { AppError } from '../domain/errors.ts';
import { type NamedPeer, PeerList } from '../domain/peer.ts';

/** The peers of the setting PEERS_FILE. @throws {AppError} CONFIG_INVALID when it cannot be read, or is not what it should be. */
export async function namedPeers({ PEERS_FILE }: Pick<Config, 'PEERS_FILE'>): Promise<readonly NamedPeer[]> {
  if (PEERS_FILE === undefined) return [];
  const { data, error } = PeerList.safeParse(await readJson(PEERS_FILE));
  if (error !== undefined) throw new AppError('CONFIG_INVALID', `${PEERS_FILE}\n${z.prettifyError(error)}`);
  return data;
}

/** As an address, where it has one. */
export function addressed({ AETitle, host, port }: NamedPeer): readonly Peer[] {
  return host === undefined || port === undefined ? [] : [{ AETitle, host, port }];
}

/** @throws {AppError} CONFIG_INVALID when there is no such file, or no JSON in it. */
export async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new AppError('CONFIG_INVALID', `${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
