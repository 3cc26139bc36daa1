import { monitorEventLoopDelay } from 'node:perf_hooks';
import { part10Header } from '../../services/dicom/dataset/part10.ts';
import { followDataset } from '../../services/dicom/dataset/passing-dataset.ts';
import { readHeader } from '../../services/dicom/dataset/read-header.ts';
import { startStorageScp } from '../../services/dicom/net/storage-scp.ts';
import type { TlsIdentity } from '../../services/dicom/net/tls-profile.ts';
import type { Context, Log } from '../../services/domain/context.ts';
import type { InstanceIndex } from '../../services/domain/ports.ts';
import { receiveInstance } from '../../services/pipeline/receive-instance.ts';
import { connect } from '../../services/store/connect.ts';
import { instanceStore } from '../../services/store/instance-store.ts';
import { seriesIndex } from '../../services/store/series-index.ts';

/**
 * Our receiver as `services/main/receiver.ts` joins it, in a process of its own:
 *
 *   node our-receiver.ts FOLDER PORT NUMBER [URL]
 *
 * With the URL of a database the real index records each instance; without, an index that forgets. Port 0: one of its own;
 * another is shared with receivers of other numbers. Tells its parent the port, and when asked how late its event loop was.
 * With an identity in BENCH_TLS (JSON) it listens by TLS, too.
 */
const [directory = '', port = '0', number = '1', url] = process.argv.slice(2);
const log: Log = {
  info: () => {},
  warn: () => {},
  error: (event, error) => console.error(event, error),
  child: () => log,
};
const context: Context = {
  log,
  metrics: { time: (_stage, work) => work(), observe: () => {}, count: () => {} },
  signal: new AbortController().signal,
};
const forgetful: InstanceIndex = { recordInstance: async () => 'new', associationEnded: async () => {} };
const index =
  url === undefined ? forgetful : seriesIndex(await connect(url, log), { quietSeconds: 20, releasedQuietSeconds: 2 });
const store = instanceStore({
  directory,
  minFreeBytes: 512 * 1024 * 1024,
  maxInstanceBytes: 2 ** 32,
  ...foldersOf(number),
});
await store.sweep();
const ports = {
  createFile: store.create,
  removeFile: store.remove,
  part10Header,
  readHeader,
  followDataset,
  recordInstance: index.recordInstance,
};
const { BENCH_TLS } = process.env;
const identity = BENCH_TLS === undefined ? undefined : (JSON.parse(BENCH_TLS) as TlsIdentity);
const scp = await startStorageScp(
  context,
  {
    ...{ AETitle: 'OVERREAD', host: '127.0.0.1', port: Number(port), sharesPort: port !== '0' },
    tls: identity && { port: 0, identity },
    ...{ maxInstanceBytes: 2 ** 32, maxAssociations: 6000, maxAssociationsPerPeer: 6000 },
  },
  {
    openInstance: (request) => receiveInstance(context, ports, request),
    associationEnded: (series, released) => index.associationEnded(series, released),
  },
);
const late = monitorEventLoopDelay({ resolution: 1 });
late.enable();
process.on('message', () => {
  process.send?.({ p99Ms: late.percentile(99) / 1e6, mostMs: late.max / 1e6 });
  late.reset();
});
process.on('disconnect', () => process.exit());
process.send?.({ port: scp.port, tlsPort: scp.tlsPort });

function foldersOf(one: string) {
  return one === '1' ? {} : { incomingFolder: `incoming-${one}`, folderPrefix: `r${one}-` };
}
