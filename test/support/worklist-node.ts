import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { SystemInfo } from '../../services/domain/contract/system.ts';
import type { StoredFile } from '../../services/domain/ports.ts';
import { createApp } from '../../services/http/app.ts';
import { imagerPool } from '../../services/imaging/imager-pool.ts';
import { dicomwebQueries } from '../../services/store/dicomweb-queries.ts';
import { runStore } from '../../services/store/run-store.ts';
import { studyOrders } from '../../services/store/study-orders.ts';
import { studyQueries } from '../../services/store/study-queries.ts';
import { fakeContext } from './fake-context.ts';
import { unread } from './unread.ts';
import type { Seeded } from './worklist-seed.ts';

export interface WorklistNode {
  readonly url: string;
  /** What the settings say of models; a test may change it. */
  readonly held: { models: SystemInfo['models'] };
  /** Cuts the event streams, as a server that goes away does. */
  dropStreams(): void;
  close(): Promise<void>;
}

/**
 * The web application over a real PostgreSQL and real decoders, without receiver and worker: what the worklist needs.
 * Instances lie below `directory`, or are the files given by their path.
 */
export async function startWorklistNode(
  { store }: Seeded,
  viewerDirectory: string,
  directory = '/',
): Promise<WorklistNode> {
  const { log } = fakeContext();
  const held: WorklistNode['held'] = { models: [] };
  const studies = studyQueries(store, log);
  const runs = runStore(store, { instanceDirectory: directory });
  const imager = imagerPool({
    ...{ size: 1, deadlineSeconds: 20, memoryMb: 1024, log },
    entry: join(import.meta.dirname, '../../services/main/imager.ts'),
  });
  const absent = () => Promise.reject(new Error('not served here'));
  const app = createApp(log, {
    ...unread,
    studies,
    orders: studyOrders(store),
    dicomweb: dicomwebQueries(store, { instanceDirectory: directory }),
    metadataOf: absent,
    bulkDataOf: absent,
    frameOf: absent,
    canTranscode: () => false,
    transcodedFrame: absent,
    transcodedInstance: absent,
    renderedFrame: ({ file }: StoredFile, frame, options, signal) => imager.picture(file, frame, options, signal),
    receiveFile: () => {
      throw new Error('nothing is stored here');
    },
    storeEnded: async () => {},
    storeLimits: { maxBytes: 0, paceSeconds: 30, maxRequests: 0 },
    retryRun: runs.retryRun,
    cancelRun: runs.cancelRun,
    systemInfo: async () => ({
      ...{ version: '0.1.0', AETitle: 'OVERREAD', dimsePort: 11112, destinations: ['PACS-A'], models: held.models },
    }),
    health: async () => ({ status: 'ok', checks: {} }),
    metricsText: async () => '',
    viewerDirectory,
  });
  const server = createServer(app);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    held,
    dropStreams: () => server.closeAllConnections(),
    close: async () => {
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      await closed;
      await imager.close();
    },
  };
}
