import type { Peer } from '../config.ts';
import { sendInstances } from '../dicom/net/storage-scu.ts';
import type { EncodedReport } from '../domain/report-source.ts';
import type { SendOutcome } from '../pipeline/deliver-result.ts';

const TIMEOUT_SECONDS = 30;

/** How a destination is named in the tables and on the screens. */
export const destinationName = ({ AETitle, host, port }: Peer): string => `${AETitle}@${host}:${port}`;

/** Sends reports by C-STORE to the peers of the settings; a destination that left the settings is told as an error. */
export function reportSender(peers: readonly Peer[], callingAETitle: string) {
  return async (destination: string, report: EncodedReport, signal: AbortSignal): Promise<SendOutcome> => {
    const peer = peers.find((candidate) => destinationName(candidate) === destination);
    if (peer === undefined) return { taken: false, error: `${destination} is not in the setting PACS any more` };
    const options = { signal, timeoutSeconds: TIMEOUT_SECONDS };
    try {
      const [result] = await sendInstances(peer, callingAETitle, [report], options);
      if (result?.taken) return { taken: true, status: hex(result.status) };
      return { taken: false, error: result?.error ?? 'no answer' };
    } catch (error) {
      return { taken: false, error: error instanceof Error ? error.message : String(error) };
    }
  };
}

const hex = (status: number | undefined): string => (status ?? 0).toString(16).toUpperCase().padStart(4, '0');
