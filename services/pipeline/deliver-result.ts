import type { Context } from '../domain/context.ts';
import type { DeliveryStore } from '../domain/ports.ts';
import type { EncodedReport } from '../domain/report-source.ts';

/** What a PACS said to one C-STORE: taken, or not and why, in words an operator can act on. */
export type SendOutcome =
  | { readonly taken: true; readonly status: string }
  | { readonly taken: false; readonly error: string };

export interface DeliverPorts extends Pick<DeliveryStore, 'claimDelivery' | 'delivered' | 'postponed'> {
  send(destination: string, report: EncodedReport, signal: AbortSignal): Promise<SendOutcome>;
  readonly firstPauseSeconds: number;
  now(): Date;
}

const LONGEST_PAUSE_SECONDS = 900;

/**
 * Sends one report to one PACS, with the bytes and the UID it always had, until it is taken.
 *
 * Safe to run twice: the PACS sees the same SOP Instance UID. A refusal is never final: a PACS that is down, full or
 * misconfigured today gets the result when it is repaired; the pause doubles up to 15 minutes.
 */
export async function deliverResult(context: Context, ports: DeliverPorts, deliveryId: string): Promise<void> {
  const delivery = await ports.claimDelivery(deliveryId);
  if (delivery === undefined) return;
  const { destination, report, attempts } = delivery;
  const fields = { deliveryId, destination, SOPInstanceUID: report.SOPInstanceUID, attempt: attempts + 1 };
  const outcome = await context.metrics.time('deliver', () => ports.send(destination, report, context.signal));
  if (outcome.taken) {
    await ports.delivered(deliveryId, outcome.status);
    context.metrics.count('deliveries');
    return context.log.info('result.delivered', fields);
  }
  const pauseSeconds = Math.min(LONGEST_PAUSE_SECONDS, ports.firstPauseSeconds * 2 ** Math.min(attempts, 20));
  await ports.postponed(deliveryId, outcome.error, new Date(ports.now().getTime() + pauseSeconds * 1000));
  context.metrics.count('deliveries_postponed');
  context.log.warn('result.not-delivered', { ...fields, pauseSeconds, error: outcome.error });
}
