import { join, resolve } from 'node:path';
import type { Config } from '../config.ts';
import type { QueryRetrievePorts } from '../dicom/net/exchange-for.ts';
import type { Context } from '../domain/context.ts';
import type { ImagerPool } from '../imaging/imager-pool.ts';
import { imagerPool } from '../imaging/imager-pool.ts';
import { transcodedFile } from '../imaging/transcoded-file.ts';
import type { Store } from '../store/connect.ts';
import { heldObjects } from '../store/held-objects.ts';
import { addressOf, moveDestination } from './destinations.ts';
import { INSTANCE_FOLDER } from './folders.ts';
import type { PeersInForce } from './peers.ts';

/** What the receiver needs to be queried: the index, where to send, and processes of their own that decode. */
export function queryPorts(
  { log }: Context,
  config: Config,
  store: Store,
  peers: Pick<PeersInForce, 'table' | 'identity'>,
): { readonly queryRetrieve: QueryRetrievePorts; readonly imager: ImagerPool } {
  const imager = imagerPool({
    size: config.IMAGE_PROCESSES,
    deadlineSeconds: config.IMAGE_DEADLINE_SECONDS,
    memoryMb: config.IMAGE_MEMORY_MB,
    entry: join(import.meta.dirname, 'imager.ts'),
    log,
  });
  const instanceDirectory = join(resolve(config.DATA_DIR), INSTANCE_FOLDER);
  const queryRetrieve = {
    held: heldObjects(store, { instanceDirectory }),
    destination(AETitle: string) {
      const peer = moveDestination(peers.table(), config, AETitle);
      return peer && addressOf(peer, peers.identity());
    },
    transcode: async (file: string, uid: string, signal: AbortSignal) =>
      (await transcodedFile(imager, file, uid, signal)).body,
  };
  return { queryRetrieve, imager };
}
