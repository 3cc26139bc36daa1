import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type OutgoingInstance, sendInstances } from '../services/dicom/net/storage-scu.ts';
import { collect } from '../services/main/commands/send.ts';
import { type Orthanc, startOrthanc } from '../test/support/orthanc.ts';
import { type Overread, startOverread } from '../test/support/overread.ts';
import { descendantsOf } from '../test/support/processes.ts';
import { hasProgram, hasSharedData, SHARED_DATA } from '../test/support/programs.ts';
import { peakRssMb } from './peak-rss.ts';

/**
 * Last object received -> report at the PACS, split by stage, on a real chest CT of 133 slices.
 *
 *   npm run bench -- end-to-end [folder of one study]
 */
const RUNS = 3;

export async function endToEnd(folder = join(SHARED_DATA, 'ct/lidc-0063')): Promise<void> {
  if (!hasProgram('Orthanc') || !hasSharedData) throw new Error('needs Orthanc and ../shared/data');
  const { instances } = await collect([folder]);
  console.log(`${instances.length} instances, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(2)}`);
  for (let run = 1; run <= RUNS; run += 1) {
    const orthanc = await startOrthanc();
    // The default quiet time of 2 s after the release: what an operator gets.
    const quiet = { SERIES_QUIET_SECONDS: '20', SERIES_RELEASED_QUIET_SECONDS: '2' };
    const overread = await startOverread({ PACS: orthanc.peer, ...quiet });
    try {
      console.log(`\nrun ${run}`);
      await once(overread, orthanc, instances);
    } finally {
      await overread.stop();
      await orthanc.stop();
      overread.remove();
    }
  }
}

async function once(overread: Overread, orthanc: Orthanc, instances: readonly OutgoingInstance[]): Promise<void> {
  const peer = { AETitle: 'OVERREAD', host: '127.0.0.1', port: overread.dimsePort };
  const sentAt = Date.now();
  const results = await sendInstances(peer, 'BENCH', instances);
  if (results.some(({ taken }) => !taken)) throw new Error('not every instance was taken');
  const receivedAt = Date.now();
  while ((await orthanc.reports()).length === 0) await sleep(20);
  const arrivedAt = Date.now();

  const study = (await overread.worklist()).studies.at(0);
  const result = study && (await overread.ended(study.StudyInstanceUID)).runs.at(0);
  if (result === undefined) throw new Error('no run');
  const [createdAt, startedAt, finishedAt] = [result.createdAt, result.startedAt, result.finishedAt].map((at) =>
    Date.parse(at ?? ''),
  );
  const stages = Object.values(result.stageSeconds).reduce((sum, seconds) => sum + seconds, 0);
  const total = (arrivedAt - receivedAt) / 1000;
  const between = (from = Number.NaN, to = Number.NaN) => (to - from) / 1000;
  const rows: readonly (readonly [string, number])[] = [
    ['quiet time and planning', between(receivedAt, createdAt)],
    ['queued', between(createdAt, startedAt)],
    ...Object.entries(result.stageSeconds),
    ['analysis, everything else', between(startedAt, finishedAt) - stages],
    ['commit and delivery', between(finishedAt, arrivedAt)],
    ['TOTAL', total],
  ];
  console.log(`  ${result.state}; received in ${between(sentAt, receivedAt).toFixed(2)} s`);
  for (const [stage, seconds] of rows) console.log(`  ${stage.padEnd(26)} ${seconds.toFixed(2)} s`);
  console.log(`  graph / total              ${((result.stageSeconds.graph ?? 0) / total).toFixed(2)}`);
  for (const { pid, command } of descendantsOf(overread.supervisorPid())) {
    const role = /(receiver|worker|web|analyzer)\.ts/.exec(command)?.[1];
    if (role !== undefined) console.log(`  peak RSS ${role.padEnd(17)} ${peakRssMb(pid)} MB`);
  }
}
