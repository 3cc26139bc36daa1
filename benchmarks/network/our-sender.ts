import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { readPart10Meta } from '../../services/dicom/dataset/part10.ts';
import type { OutgoingInstance } from '../../services/dicom/net/outgoing-instance.ts';
import { sendInstances } from '../../services/dicom/net/storage-scu.ts';

/** Our SCU as a program: `node our-sender.ts FOLDER PORT AE`. Prints one line of JSON. */
const [folder = '', port, AETitle = ''] = process.argv.slice(2);

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

const startedAt = performance.now();
const before = process.cpuUsage();
const results = await sendInstances({ AETitle, host: '127.0.0.1', port: Number(port) }, 'BENCH', objects());
const { user, system } = process.cpuUsage(before);
process.stdout.write(
  `${JSON.stringify({
    seconds: (performance.now() - startedAt) / 1000,
    instances: results.length,
    failures: results.filter(({ taken }) => !taken).length,
    cpuSeconds: (user + system) / 1e6,
    peakMb: Math.round(process.resourceUsage().maxRSS / 1024),
  })}\n`,
);
