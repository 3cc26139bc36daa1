import { afterAll, expect, it } from 'vitest';
import { sendInstances } from '../../services/dicom/net/storage-scu.ts';
import { type Overread, startOverread } from '../support/overread.ts';
import { syntheticSeries } from '../support/synthetic-series.ts';

/** An analysis that cannot succeed ends, visibly, and can be ordered again. */
const running: Overread[] = [];
afterAll(async () => {
  for (const overread of running) {
    await overread.stop();
    overread.remove();
  }
});

async function analysed(settings: Readonly<Record<string, string>>, seed: string) {
  const overread = await startOverread(settings);
  running.push(overread);
  const { instances, StudyInstanceUID } = syntheticSeries({ seed, slices: 44, rows: 64, columns: 64, spacingMm: 3 });
  await sendInstances({ AETitle: 'OVERREAD', host: '127.0.0.1', port: overread.dimsePort }, 'SENDER', instances);
  const { runs } = await overread.ended(StudyInstanceUID, 120);
  return { overread, StudyInstanceUID, run: runs[0] };
}

it('an analyzer above its memory limit is killed, three times, and the run fails with that reason', async () => {
  const { overread, StudyInstanceUID, run } = await analysed({ ANALYSIS_MEMORY_MB: '60' }, 'memory');
  expect(run).toMatchObject({ state: 'FAILED', reason: { code: 'OUT_OF_MEMORY', params: { limit: 60 } } });
  expect(run?.deliveries).toEqual([]);

  const retry = await fetch(`${overread.url}/api/runs/${run?.runId}/retry`, { method: 'POST' });
  expect(retry.status).toBe(202);
  const again = await overread.ended(StudyInstanceUID, 120);
  expect(again.runs).toMatchObject([{ runId: run?.runId, state: 'FAILED' }]);
}, 300_000);

it('an analysis longer than its deadline is killed and fails with that reason', async () => {
  const { run } = await analysed({ ANALYSIS_DEADLINE_SECONDS: '0.3' }, 'deadline');
  expect(run).toMatchObject({ state: 'FAILED', reason: { code: 'DEADLINE' } });
}, 200_000);
