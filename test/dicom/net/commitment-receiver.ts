import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Peer } from '../../../services/dicom/net/open-association.ts';
import { sendInstances } from '../../../services/dicom/net/storage-scu.ts';
import { announcements } from '../../../services/store/announcements.ts';
import { commitmentRequests } from '../../../services/store/commitment-requests.ts';
import type { Store } from '../../../services/store/connect.ts';
import { deliveryCommitments } from '../../../services/store/delivery-commitments.ts';
import { seriesIndex } from '../../../services/store/series-index.ts';
import { startStore } from '../../support/database.ts';
import { type TestObject, testObject } from './queried-receiver.ts';
import { type Receiver, startReceiver } from './receiver.ts';

/** The real receiver over a real index, which takes commitment requests and reports, performed steps and notifications. */
export interface CommitmentReceiver extends Receiver {
  readonly store: Store;
  readonly peer: Peer;
  readonly requests: ReturnType<typeof commitmentRequests>;
  readonly delivered: ReturnType<typeof deliveryCommitments>;
  readonly said: ReturnType<typeof announcements>;
  /** Sends so many images of a study of this name to it, on one association. */
  fill(study: string, images: number): Promise<readonly TestObject[]>;
}

const QUIET = { quietSeconds: 60, releasedQuietSeconds: 60 };

export async function startCommitmentReceiver(): Promise<CommitmentReceiver> {
  const { store, stop } = await startStore();
  const directory = await mkdtemp(join(tmpdir(), 'overread-commitment-'));
  const index = seriesIndex(store, QUIET);
  const requests = commitmentRequests(store, { instanceDirectory: directory });
  const delivered = deliveryCommitments(store, { firstPauseSeconds: 5 });
  const said = announcements(store, { waitSeconds: QUIET.quietSeconds });
  const receiver = await startReceiver({
    isAllowed: () => true,
    recordInstance: index.recordInstance,
    directory,
    ports: { commitment: requests, reports: delivered, notices: said },
  });
  const peer = { AETitle: 'OVERREAD', host: '127.0.0.1', port: receiver.port };
  return Object.assign(receiver, {
    ...{ store, peer, requests, delivered, said },
    async fill(study: string, images: number) {
      const objects = Array.from({ length: images }, (_, at) => testObject(at + 1, { study }));
      const results = await sendInstances(peer, 'MODALITY', objects);
      const refused = results.find(({ taken }) => !taken);
      if (refused !== undefined) throw new Error(`not taken: ${refused.error}`);
      return objects;
    },
    async stop() {
      await receiver.close();
      await stop();
      await rm(directory, { recursive: true, force: true });
    },
  });
}
