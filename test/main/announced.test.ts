import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requestCommitment } from '../../services/dicom/net/commitment-scu.ts';
import { sendInstances } from '../../services/dicom/net/storage-scu.ts';
import { newUid } from '../support/arrivals.ts';
import { fakeContext } from '../support/fake-context.ts';
import { completeStep, notifyAvailable } from '../support/notices.ts';
import { type Orthanc, startOrthanc } from '../support/orthanc.ts';
import { type Overread, startOverread } from '../support/overread.ts';
import { hasProgram } from '../support/programs.ts';
import { type SyntheticSeries, syntheticObject, syntheticSeries } from '../support/synthetic-series.ts';

const running: { overread?: Overread; orthanc?: Orthanc } = {};
const SMALL = { slices: 24, rows: 64, columns: 64, spacingMm: 5, sliceSpacingMm: 5 };

/** A quiet time that no test waits for: what ends here was started by what somebody said. */
const NEVER = { SERIES_QUIET_SECONDS: '3600', SERIES_RELEASED_QUIET_SECONDS: '3600' };

describe.skipIf(!hasProgram('Orthanc'))('a study is read when others say that it is whole (needs Orthanc)', () => {
  beforeAll(async () => {
    running.orthanc = await startOrthanc();
    running.overread = await startOverread({ ...NEVER, PACS: running.orthanc.peer, MODELS: 'blob-log-ct' });
    await fetch(`${running.orthanc.url}/modalities/overread`, {
      method: 'PUT',
      body: JSON.stringify({ AET: 'OVERREAD', Host: '127.0.0.1', Port: running.overread.dimsePort }),
    });
  }, 120_000);
  afterAll(async () => {
    await running.overread?.stop();
    await running.orthanc?.stop();
    running.overread?.remove();
  });
  const started = () => {
    const { overread, orthanc } = running;
    if (overread === undefined || orthanc === undefined) throw new Error('not started');
    return { overread, orthanc };
  };
  const peer = () => ({ AETitle: 'OVERREAD', host: '127.0.0.1', port: started().overread.dimsePort });
  const send = async (series: Pick<SyntheticSeries, 'instances'>) => {
    const results = await sendInstances(peer(), 'MODALITY', series.instances);
    expect(results.filter(({ taken }) => !taken)).toEqual([]);
  };

  /** A run is planned of this series alone. What comes of it others test. */
  const begins = ({ StudyInstanceUID }: SyntheticSeries) =>
    expect
      .poll(async () => (await started().overread.study(StudyInstanceUID))?.runs.length, {
        timeout: 60_000,
        interval: 200,
      })
      .toBe(1);

  it('by the count at the PACS that forwards it; its report is committed there', async () => {
    const { overread, orthanc } = started();
    const series = syntheticSeries({ seed: 'announced-query', ...SMALL });
    for (const { file } of series.instances)
      await fetch(`${orthanc.url}/instances`, { method: 'POST', body: Buffer.from(file) });
    const ids = (await (await fetch(`${orthanc.url}/studies`)).json()) as string[];
    const stored = await fetch(`${orthanc.url}/modalities/overread/store`, {
      method: 'POST',
      body: JSON.stringify(ids[0]),
    });
    expect(stored.ok).toBe(true);
    // What it ends as others test; too short for the model, it has a report that says so.
    await overread.ended(series.StudyInstanceUID);
    const commitment = async () =>
      (await overread.study(series.StudyInstanceUID))?.runs[0]?.deliveries.map((one) => [one.state, one.commitment]);
    await expect.poll(commitment, { timeout: 120_000, interval: 300 }).toEqual([['DELIVERED', 'committed']]);
  }, 240_000);

  it('by a performed step, a localizer beside it notwithstanding; not before its last image', async () => {
    const { overread } = started();
    const series = syntheticSeries({ seed: 'announced-step', ...SMALL });
    const { StudyInstanceUID, instances } = series;
    await completeStep(peer(), series);
    await send({
      instances: [...instances.slice(12), syntheticObject('localizer', { seed: 'announced-step', ...SMALL })],
    });
    await expect
      .poll(async () => (await overread.study(StudyInstanceUID))?.study.announced)
      .toEqual({ images: instances.length, missing: 12 });
    // Several turns of the planner.
    await sleep(2000);
    expect((await overread.study(StudyInstanceUID))?.runs).toEqual([]);
    await send({ instances: instances.slice(0, 12) });
    await begins(series);
  });

  it('by a notification, and by a request for commitment', async () => {
    const [notified, committed] = ['notified', 'committed'].map((seed) => syntheticSeries({ seed, ...SMALL }));
    if (notified === undefined || committed === undefined) throw new Error('two');
    await send(notified);
    await notifyAvailable(peer(), notified);
    await begins(notified);
    await send(committed);
    const heard: number[] = [];
    await requestCommitment(fakeContext(), peer(), 'MODALITY', {
      TransactionUID: newUid(),
      references: committed.instances,
      waitSeconds: 60,
      taken: async ({ committed: kept, failed }) => heard.push(kept.length, failed.length) > 0,
    });
    expect(heard).toEqual([committed.instances.length, 0]);
    await begins(committed);
  });
});
