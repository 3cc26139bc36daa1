import { cpus, loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { requestCommitment } from '../../services/dicom/net/commitment-scu.ts';
import { sendInstances } from '../../services/dicom/net/storage-scu.ts';
import { newUid } from '../../test/support/arrivals.ts';
import { fakeContext } from '../../test/support/fake-context.ts';
import { completeStep, notifyAvailable } from '../../test/support/notices.ts';
import { type Orthanc, startOrthanc } from '../../test/support/orthanc.ts';
import { type Overread, startOverread } from '../../test/support/overread.ts';
import { type SyntheticSeries, syntheticSeries } from '../../test/support/synthetic-series.ts';
import { percentile } from '../dicomweb/measured-get.ts';

/** Announcements are what starts a study: the quiet time is longer than anybody waits here. */
const QUIET = { SERIES_QUIET_SECONDS: '120', SERIES_RELEASED_QUIET_SECONDS: '120' };
const SMALL = { slices: 24, rows: 64, columns: 64, spacingMm: 5, sliceSpacingMm: 5 };

interface Node {
  readonly overread: Overread;
  readonly orthanc: Orthanc;
}
type Way = (node: Node, series: SyntheticSeries) => Promise<void>;

const peerOf = ({ overread }: Node) => ({ AETitle: 'OVERREAD', host: '127.0.0.1', port: overread.dimsePort });

async function send(node: Node, { instances }: SyntheticSeries): Promise<void> {
  const results = await sendInstances(peerOf(node), 'MODALITY', instances);
  if (results.some(({ taken }) => !taken)) throw new Error('not taken');
}

// biome-ignore format: a table
const WAYS: readonly (readonly [name: string, way: Way])[] = [
  ['count at the PACS that forwards (C-FIND)', async ({ orthanc }, { instances }) => {
    const ids: string[] = [];
    for (const { file } of instances) {
      const stored = await fetch(`${orthanc.url}/instances`, { method: 'POST', body: Buffer.from(file) });
      ids.push(((await stored.json()) as { ID: string }).ID);
    }
    await fetch(`${orthanc.url}/modalities/overread/store`, { method: 'POST', body: JSON.stringify(ids) });
  }],
  ['performed step completed before the images', async (node, series) => {
    await completeStep(peerOf(node), series);
    await send(node, series);
  }],
  ['performed step completed after them', async (node, series) => {
    await send(node, series);
    await completeStep(peerOf(node), series);
  }],
  ['notification of availability after them', async (node, series) => {
    await send(node, series);
    await notifyAvailable(peerOf(node), series);
  }],
  ['request for commitment after them', async (node, series) => {
    await send(node, series);
    const taken = async () => true;
    const question = { TransactionUID: newUid(), references: series.instances, waitSeconds: 0, taken };
    await requestCommitment(fakeContext(), peerOf(node), 'MODALITY', question);
  }],
];

/** From the last image of a study to the start of its analysis, by what announced it. `npm run bench -- announced [STUDIES]` */
export async function announced(studies = 20): Promise<void> {
  const orthanc = await startOrthanc();
  const overread = await startOverread({ ...QUIET, PACS: orthanc.peer, MODELS: 'blob-log-ct' });
  const node = { overread, orthanc };
  try {
    await fetch(`${orthanc.url}/modalities/overread`, {
      method: 'PUT',
      body: JSON.stringify({ AET: 'OVERREAD', Host: '127.0.0.1', Port: overread.dimsePort }),
    });
    await measured(node, WAYS[0]?.[1] ?? send, 'warm-up');
    console.log(`${studies} studies each; ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}`);
    console.log('\n| announced by | last image to start: median, p95, longest s |\n|---|--:|');
    for (const [name, way] of WAYS) {
      const seconds: number[] = [];
      for (let n = 0; n < studies; n += 1) seconds.push(await measured(node, way, `${name} ${n}`));
      const shown = [percentile(seconds, 0.5), percentile(seconds, 0.95), Math.max(...seconds)];
      console.log(`| ${name} | ${shown.map((each) => each.toFixed(2)).join(', ')} |`);
    }
    console.log(`\nload at the end ${loadavg()[0]?.toFixed(1)}`);
  } finally {
    await overread.stop();
    await orthanc.stop();
    overread.remove();
  }
}

/** Both times are the database's. The next study waits for the end of this one, so that each finds a free worker. */
async function measured(node: Node, way: Way, seed: string): Promise<number> {
  const series = syntheticSeries({ seed: `${seed} ${newUid()}`, ...SMALL });
  await way(node, series);
  const { study, runs } = await node.overread.ended(series.StudyInstanceUID);
  const startedAt = runs[0]?.startedAt;
  if (!startedAt) throw new Error('the study was not analysed');
  // Its report comes back to nobody and its delivery is done: the machine is quiet again.
  await sleep(200);
  return (Date.parse(startedAt) - Date.parse(study.lastArrivalAt)) / 1000;
}
