import { sendInstances } from '../dicom/net/storage-scu.ts';
import type { EncodedReport } from '../domain/report-source.ts';
import type { SendOutcome } from '../pipeline/deliver-result.ts';
import { addressOf, type CalledPeer, destinationName, ourTitleFor } from './destinations.ts';
import type { PeersInForce } from './peers.ts';

const TIMEOUT_SECONDS = 30;

/** Sends reports by C-STORE to the peers that get results; a destination that is none any more is told as an error. */
export function reportSender(
  receivers: () => readonly CalledPeer[],
  { table, identity }: Pick<PeersInForce, 'table' | 'identity'>,
) {
  return async (destination: string, report: EncodedReport, signal: AbortSignal): Promise<SendOutcome> => {
    const peer = receivers().find((candidate) => destinationName(candidate) === destination);
    if (peer === undefined)
      return { taken: false, error: `${destination} is not in the setting PACS or PEERS_FILE any more` };
    const options = { signal, timeoutSeconds: TIMEOUT_SECONDS };
    try {
      const [result] = await sendInstances(addressOf(peer, identity()), ourTitleFor(table(), peer), [report], options);
      if (result?.taken) return { taken: true, status: hex(result.status) };
      return { taken: false, error: result?.error ?? 'no answer' };
    } catch (error) {
      return { taken: false, error: error instanceof Error ? error.message : String(error) };
    }
  };
}

const hex = (status: number | undefined): string => (status ?? 0).toString(16).toUpperCase().padStart(4, '0');
