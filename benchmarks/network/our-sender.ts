import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { readPart10Meta } from '../../services/dicom/dataset/part10.ts';
import type { OutgoingInstance } from '../../services/dicom/net/outgoing-instance.ts';
import { type SendResult, sendInstances } from '../../services/dicom/net/storage-scu.ts';

/** Our SCU as a program: `node our-sender.ts FOLDER PORT AE PASSES`, an association for each pass. Prints one line of JSON. */
const [folder = '', port, AETitle = '', passes = '1'] = process.argv.slice(2);

/** Looked at as they are needed, each with one look at its head. */
function* objects(): Generator<OutgoingInstance> {
  const head = Buffer.alloc(1024);
  for (const name of readdirSync(folder)) {
    const file = join(folder, name);
    const descriptor = openSync(file, 'r');
    const { datasetOffset, ...meta } = readPart10Meta(head.subarray(0, readSync(descriptor, head)));
    const length = fstatSync(descriptor).size - datasetOffset;
    closeSync(descriptor);
    yield { ...meta, dataset: { file, offset: datasetOffset, length } };
  }
}

const seconds: number[] = [];
const cpuSeconds: number[] = [];
const results: SendResult[] = [];
for (let pass = 0; pass < Number(passes); pass++) {
  const [startedAt, before] = [performance.now(), process.cpuUsage()];
  results.push(...(await sendInstances({ AETitle, host: '127.0.0.1', port: Number(port) }, 'BENCH', objects())));
  seconds.push((performance.now() - startedAt) / 1000);
  const { user, system } = process.cpuUsage(before);
  cpuSeconds.push((user + system) / 1e6);
}
const failures = results.filter(({ taken }) => !taken).length;
const peakMb = Math.round(process.resourceUsage().maxRSS / 1024);
process.stdout.write(`${JSON.stringify({ seconds, cpuSeconds, failures, peakMb })}\n`);
