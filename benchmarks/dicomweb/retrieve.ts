import { existsSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { sendInstances } from '../../services/dicom/net/storage-scu.ts';
import { startOrthanc } from '../../test/support/orthanc.ts';
import { startOverread } from '../../test/support/overread.ts';
import { descendantsOf } from '../../test/support/processes.ts';
import { hasProgram } from '../../test/support/programs.ts';
import { cpuSeconds, rssMb } from '../network/process-usage.ts';
import { instanceUid, SERIES, STUDY, slice, sliceFile } from './instances.ts';
import { keepAlive, measuredAll, measuredGet, percentile } from './measured-get.ts';

const PLUGIN = '/usr/share/orthanc/plugins/libOrthancDicomWeb.so';
const FRAMES = 'multipart/related; type="application/octet-stream"; transfer-syntax=*';
const INSTANCES = 'multipart/related; type="application/dicom"; transfer-syntax=*';

/**
 * WADO-RS over loopback: frames, metadata and whole instances of a series of slices of 512 x 512 x 16 bits, beside
 * Orthanc's DICOMweb plug-in with the same series.
 *
 *   npm run bench -- retrieve [SLICES] [ROUNDS]
 */
export async function retrieve(slices = 1000, rounds = 5): Promise<void> {
  console.log(`${slices} slices, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(2)}`);
  const overread = await startOverread();
  const orthanc = hasProgram('Orthanc') && existsSync(PLUGIN) ? await startOrthanc() : undefined;
  try {
    const peer = { AETitle: 'OVERREAD', host: '127.0.0.1', port: overread.dimsePort };
    for (let from = 0; from < slices; from += 100) {
      const some = Array.from({ length: Math.min(100, slices - from) }, (_, at) => slice(from + at));
      const sent = await sendInstances(peer, 'BENCH', some);
      if (sent.some(({ taken }) => !taken)) throw new Error('not every instance was taken');
    }
    const web = descendantsOf(overread.supervisorPid()).find(({ command }) => command.includes('web.ts'))?.pid ?? 0;
    await measureServer('Overread', `${overread.url}/dicomweb`, slices, rounds, web);
    if (orthanc === undefined) return;
    for (let number = 0; number < slices; number += 1) {
      const answer = await fetch(`${orthanc.url}/instances`, {
        method: 'POST',
        body: Uint8Array.from(sliceFile(number)),
      });
      if (!answer.ok) throw new Error(`Orthanc: ${answer.status}`);
    }
    await measureServer('Orthanc', `${orthanc.url}/dicom-web`, slices, Math.min(rounds, 2));
  } finally {
    await orthanc?.stop();
    await overread.stop();
    overread.remove();
  }
}

async function measureServer(name: string, root: string, slices: number, rounds: number, pid?: number): Promise<void> {
  const series = `${root}/studies/${STUDY}/series/${SERIES}`;
  const frames = Array.from({ length: slices }, (_, at) => `${series}/instances/${instanceUid(at)}/frames/1`);
  console.log(`\n${name}`);
  const agent = keepAlive(1);
  const metadata = [];
  for (let round = 0; round <= rounds; round += 1) {
    metadata.push(await measuredGet(`${series}/metadata`, 'application/dicom+json', agent));
  }
  const [first, ...others] = metadata;
  const warm = others.map(({ totalMs }) => totalMs);
  console.log(
    `  metadata, ${((first?.bytes ?? 0) / 1e6).toFixed(1)} MB: first ${first?.totalMs.toFixed(0)} ms, then best ${Math.min(...warm).toFixed(0)}, median ${percentile(warm, 0.5).toFixed(0)} ms; first byte ${percentile(
      others.map(({ firstByteMs }) => firstByteMs),
      0.5,
    ).toFixed(1)} ms`,
  );

  for (const atOnce of [1, 4]) {
    const rates: number[] = [];
    const firsts: number[] = [];
    const [cpuBefore, startedAt] = [pid === undefined ? 0 : cpuSeconds(pid), performance.now()];
    let bytes = 0;
    for (let round = 0; round < rounds; round += 1) {
      const roundAt = performance.now();
      const measured = await measuredAll(frames, FRAMES, atOnce);
      const sum = measured.reduce((total, each) => total + each.bytes, 0);
      bytes += sum;
      rates.push(sum / 1e3 / (performance.now() - roundAt));
      firsts.push(...measured.map(({ firstByteMs }) => firstByteMs));
    }
    const cpu = pid === undefined ? undefined : cpuSeconds(pid) - cpuBefore;
    const usage =
      cpu === undefined
        ? ''
        : `; server CPU ${(cpu / (bytes / 1e9)).toFixed(2)} s/GB, ${((100 * cpu) / ((performance.now() - startedAt) / 1000)).toFixed(0)} % of a core, RSS ${rssMb(pid ?? 0)} MB`;
    console.log(
      `  frames, ${atOnce} at once: best ${Math.max(...rates).toFixed(0)}, median ${percentile(rates, 0.5).toFixed(0)} MB/s; first byte median ${percentile(firsts, 0.5).toFixed(2)}, p95 ${percentile(firsts, 0.95).toFixed(2)} ms${usage}`,
    );
  }
  const whole = [];
  for (let round = 0; round < rounds; round += 1) whole.push(await measuredGet(series, INSTANCES, agent));
  const rates = whole.map(({ bytes, totalMs }) => bytes / 1e3 / totalMs);
  console.log(
    `  the series as instances, ${((whole[0]?.bytes ?? 0) / 1e6).toFixed(0)} MB: best ${Math.max(...rates).toFixed(0)}, median ${percentile(rates, 0.5).toFixed(0)} MB/s`,
  );
  agent.destroy();
  console.log(`  load ${loadavg()[0]?.toFixed(2)}`);
}
