import type { ReferencedInstance } from '../../services/domain/commitment.ts';
import type { Store } from '../../services/store/connect.ts';
import { deliveryStore } from '../../services/store/delivery-store.ts';
import { runStore } from '../../services/store/run-store.ts';
import { seriesIndex } from '../../services/store/series-index.ts';
import { arrival, newUid, planOf, resultOf } from './arrivals.ts';

/** A result whose report, of this UID, was taken by `destination`: what commitment is asked for. */
export async function deliveredReport(
  store: Store,
  destination: string,
  { SOPClassUID, SOPInstanceUID }: ReferencedInstance,
): Promise<string> {
  const index = seriesIndex(store, { quietSeconds: 0.001, releasedQuietSeconds: 0.001 });
  const study = newUid();
  await index.recordInstance(arrival({ study }));
  await new Promise((resolve) => setTimeout(resolve, 10));
  const due = await index.studyToPlan(study);
  if (due === undefined) throw new Error('the study is not here');
  const [planned] = await index.savePlan(due, [planOf(due)]);
  const runs = runStore(store, { instanceDirectory: '/' });
  const run = await runs.claimRun(planned?.id ?? '');
  const { report } = resultOf(due, [0.9]);
  if (report === undefined) throw new Error('no report');
  const result = resultOf(due, [0.9], { report: { ...report, SOPClassUID, SOPInstanceUID } });
  const [job] = (await runs.commitResult(planned?.id ?? '', run?.fence ?? -1, result, [destination])) ?? [];
  const deliveries = deliveryStore(store);
  await deliveries.claimDelivery(job?.id ?? '');
  await deliveries.delivered(job?.id ?? '', '0000');
  return job?.id ?? '';
}
