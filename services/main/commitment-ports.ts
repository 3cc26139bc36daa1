import { randomUUID } from 'node:crypto';
import { join, resolve } from 'node:path';
import type { Config } from '../config.ts';
import { reportCommitment, requestCommitment } from '../dicom/net/commitment-scu.ts';
import { countAtPeer, countStudyAtPeer } from '../dicom/net/count-at-peer.ts';
import type { NormalizedPorts } from '../dicom/net/normalized-exchange.ts';
import type { Peer } from '../dicom/net/open-association.ts';
import type { Announcement } from '../domain/announcement.ts';
import type { CommitmentRequest, CommitmentToAsk, OpenCommitment } from '../domain/commitment.ts';
import type { Context } from '../domain/context.ts';
import { AppError } from '../domain/errors.ts';
import { askCommitments } from '../pipeline/ask-commitments.ts';
import { type SilentStudy, senderCounts } from '../pipeline/count-at-senders.ts';
import { reportCommitments } from '../pipeline/report-commitments.ts';
import { announcements } from '../store/announcements.ts';
import { commitmentRequests } from '../store/commitment-requests.ts';
import type { Store } from '../store/connect.ts';
import { deliveryCommitments } from '../store/delivery-commitments.ts';
import { heldImages, silentStudies } from '../store/silent-studies.ts';
import { INSTANCE_FOLDER } from './folders.ts';
import { callablePeers } from './known-peers.ts';
import { destinationName } from './report-sender.ts';
import { every } from './timer.ts';

const TIMEOUT_SECONDS = 30;
/** A peer that commits at once reports on the association of the request. */
const REPORT_WAIT_SECONDS = 2;
const REPORT_PAUSE_MS = 1000;
const ASK_PAUSE_MS = 500;
const COUNT_PAUSE_MS = 250;
const FORGET_PAUSE_MS = 3600 * 1000;

const stores = (config: Config, store: Store) => ({
  requests: commitmentRequests(store, { instanceDirectory: join(resolve(config.DATA_DIR), INSTANCE_FOLDER) }),
  delivered: deliveryCommitments(store, { firstPauseSeconds: config.RETRY_SECONDS }),
  said: announcements(store, { waitSeconds: config.SERIES_QUIET_SECONDS }),
});

/** What the receiver needs for Storage Commitment, performed steps and notifications. */
export function normalizedPorts(config: Config, store: Store): Required<NormalizedPorts> {
  const { requests, delivered, said } = stores(config, store);
  const remember = async (request: CommitmentRequest) => {
    const id = await requests.remember(request);
    if (typeof id === 'number') await said.announceCommitted(request.callingAETitle, request.references);
    return id;
  };
  return { commitment: { ...requests, remember }, reports: delivered, notices: said };
}

/** What the worker does for them: reports, requests, and counts at senders; off the way of what arrives. */
export function startCommitments(context: Context, config: Config, store: Store) {
  const { requests, delivered, said } = stores(config, store);
  const peers = callablePeers(config);
  const destinations = new Map<string, Peer>(config.PACS.map((peer) => [destinationName(peer), peer]));
  const options = (signal: AbortSignal) => ({ signal, timeoutSeconds: TIMEOUT_SECONDS });

  const report = (open: OpenCommitment, signal: AbortSignal) =>
    reportCommitment(peerOf(peers, open.callingAETitle), config.AE_TITLE, open.report, options(signal));
  const ask = ({ destination, ...question }: CommitmentToAsk, signal: AbortSignal) => {
    const { taken } = delivered;
    const waiting = { ...question, waitSeconds: REPORT_WAIT_SECONDS, taken };
    return requestCommitment(context, peerOf(destinations, destination), config.AE_TITLE, waiting, options(signal));
  };
  const count = senderCounts(context, {
    silentStudies: (AETitles) => silentStudies(store, AETitles),
    senders: [...peers.keys()],
    countAt: (study, signal) => countAt(store, peerOf(peers, study.AETitle), config.AE_TITLE, study, signal),
    announce: said.announce,
    nowMs: () => performance.now(),
  });
  const timers = [
    every(context, 'report-commitments', REPORT_PAUSE_MS, () => reportCommitments(context, { ...requests, report })),
    every(context, 'ask-commitments', ASK_PAUSE_MS, () =>
      askCommitments(context, {
        ...delivered,
        ask,
        claimCommitments: () => delivered.claimCommitments((name) => destinations.get(name)?.AETitle, newUid),
      }),
    ),
    every(context, 'count-at-senders', COUNT_PAUSE_MS, count),
    every(context, 'forget-announcements', FORGET_PAUSE_MS, async () => {
      await requests.forgetOld();
      await said.forgetOldAnnouncements();
    }),
  ];
  return {
    async close(): Promise<void> {
      await Promise.all(timers.map((timer) => timer.close()));
    },
  };
}

/** By series; where the peer does not count so, the study as a whole says whether all of it is here. */
async function countAt(
  store: Store,
  peer: Peer,
  AETitle: string,
  { StudyInstanceUID }: SilentStudy,
  signal: AbortSignal,
): Promise<Announcement> {
  const options = { signal, timeoutSeconds: COUNT_TIMEOUT_SECONDS };
  const source = { source: 'query', AETitle: peer.AETitle } as const;
  const series = await countAtPeer(peer, AETitle, StudyInstanceUID, options);
  if (series.length > 0) return { ...source, series };
  const images = await countStudyAtPeer(peer, AETitle, StudyInstanceUID, options);
  const held = await heldImages(store, StudyInstanceUID);
  const isWhole = held.reduce((sum, { instances }) => sum + instances, 0) === images;
  return { ...source, series: isWhole ? held : [] };
}

const COUNT_TIMEOUT_SECONDS = 5;

function peerOf(peers: ReadonlyMap<string, Peer>, name: string): Peer {
  const peer = peers.get(name);
  if (peer === undefined) throw new AppError('PACS_UNREACHABLE', `the settings say no address of ${name}`);
  return peer;
}

const newUid = (): string => `2.25.${BigInt(`0x${randomUUID().replaceAll('-', '')}`)}`;
