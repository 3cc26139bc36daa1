import { diagnoseError, diagnoseRefusal } from '../dicom/net/diagnose-error.ts';
import { type SendResult, sendInstances } from '../dicom/net/storage-scu.ts';
import type { Contact } from '../domain/contact.ts';
import type { Called } from '../domain/diagnose.ts';
import { type Diagnosis, diagnosisWords } from '../domain/diagnosis.ts';
import { AppError } from '../domain/errors.ts';
import type { EncodedReport } from '../domain/report-source.ts';
import type { SendOutcome } from '../pipeline/deliver-result.ts';
import { addressOf, type CalledPeer, destinationName, ourTitleFor } from './destinations.ts';
import type { PeersInForce } from './peers.ts';

const TIMEOUT_SECONDS = 30;
const SERVICE = 'Comprehensive 3D SR Storage';

/**
 * Sends reports by C-STORE to the peers that get results, and tells each contact; what fails is explained. A destination that is
 * none any more is told as an error.
 */
export function reportSender(
  receivers: () => readonly CalledPeer[],
  { table, identity }: Pick<PeersInForce, 'table' | 'identity'>,
  tell: (contact: Contact) => void,
) {
  return async (destination: string, report: EncodedReport, signal: AbortSignal): Promise<SendOutcome> => {
    const peer = receivers().find((candidate) => destinationName(candidate) === destination);
    if (peer === undefined)
      return { taken: false, error: `${destination} is not in the setting PACS or PEERS_FILE any more` };
    const { name, AETitle, host, port } = peer;
    const us = ourTitleFor(table(), peer);
    const contact = { direction: 'out', peer: name, AETitle, address: `${host}:${port}` } as const;
    try {
      const options = { signal, timeoutSeconds: TIMEOUT_SECONDS };
      const [result] = await sendInstances(addressOf(peer, identity()), us, [report], options);
      const diagnosis = result && diagnosisOf(result, { us, AETitle, host, port });
      // Whoever stops this node stops its deliveries: no word on the peer.
      if (!signal.aborted) tell({ ...contact, diagnosis });
      if (result?.taken) return { taken: true, status: hex(result.status) };
      const words = diagnosis && diagnosisWords(diagnosis).sentence;
      return { taken: false, error: [words, result?.error ?? 'no answer'].filter(Boolean).join(' | ') };
    } catch (error) {
      return { taken: false, error: error instanceof Error ? error.message : String(error) };
    }
  };
}

function diagnosisOf(result: SendResult, called: Called): Diagnosis | undefined {
  if (result.taken) return undefined;
  if (result.refusal !== undefined) return diagnoseRefusal(result.refusal, SERVICE, called);
  return diagnoseError(result.cause ?? new AppError('PACS_REFUSED', result.error), SERVICE, called);
}

const hex = (status: number | undefined): string => (status ?? 0).toString(16).toUpperCase().padStart(4, '0');
