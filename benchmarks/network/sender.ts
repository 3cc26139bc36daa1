import { sendLoad } from '../../test/support/load-client.ts';
import { readSlices } from './slices.ts';

/**
 * The load client, a process of its own: `node sender.ts FOLDER PORT AE ASSOCIATIONS TIMES`. One vectored write per
 * message, Nagle off. Prints one line of JSON.
 */
const [folder = '', port, called = '', associations, times] = process.argv.slice(2);
const slices = readSlices(folder);
const instances = Array.from({ length: Number(times) }, () => slices).flat();
const bytes = instances.reduce((sum, { dataset }) => sum + dataset.length, 0);
const before = process.cpuUsage();
const { seconds, failures } = await sendLoad(
  { port: Number(port), called, associations: Number(associations) },
  instances,
);
const { user, system } = process.cpuUsage(before);
process.stdout.write(
  `${JSON.stringify({ instances: instances.length, bytes, seconds, failures, cpuSeconds: (user + system) / 1e6 })}\n`,
);
