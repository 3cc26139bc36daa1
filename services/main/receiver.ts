import { privateStorageRule } from '../dicom/net/service-classes.ts';
import { startStorageScp } from '../dicom/net/storage-scp.ts';
import type { Service } from '../domain/peer.ts';
import { receiveInstance } from '../pipeline/receive-instance.ts';
import { connect } from '../store/connect.ts';
import { queryPorts } from './query-ports.ts';
import { receivePorts } from './receive-ports.ts';
import { required, runRole } from './role.ts';

/** Services that give away what is held: only to whom the settings name. */
const QUERIES: ReadonlySet<Service> = new Set(['find', 'move', 'get']);
const MB = 1024 * 1024;

/** Of `RECEIVER_PROCESSES` on one port, from 1. */
const number = Number(process.argv[2] ?? 1);

await runRole('receiver', async (context, config) => {
  const store = await connect(required(config.DATABASE_URL, 'DATABASE_URL'), context.log);
  const { index, ports, sweeping } = await receivePorts(context, config, store, { receiver: number });
  const { queryRetrieve, imager } = queryPorts(context, config, store);
  const mayQuery = new Set(config.QUERY_AE_TITLES);
  const scp = await startStorageScp(
    context,
    {
      AETitle: config.AE_TITLE,
      host: config.DIMSE_HOST,
      port: config.DIMSE_PORT,
      sharesPort: config.RECEIVER_PROCESSES > 1,
      maxAssociations: config.MAX_ASSOCIATIONS,
      maxAssociationsPerPeer: config.MAX_ASSOCIATIONS_PER_PEER,
      idleSeconds: config.ASSOCIATION_IDLE_SECONDS,
      totalSeconds: config.ASSOCIATION_TOTAL_SECONDS,
      maxInstanceBytes: config.MAX_INSTANCE_MB * MB,
      isPrivateStorage: privateStorageRule(config.PRIVATE_STORAGE_CLASSES),
      isAllowed: (callingAETitle, service) =>
        !QUERIES.has(service) || mayQuery.has('*') || mayQuery.has(callingAETitle),
    },
    {
      openInstance: (request) => receiveInstance(context, ports, request),
      associationEnded: (series, released) => index.associationEnded(series, released),
      queryRetrieve,
    },
  );
  return {
    port: scp.port,
    async close() {
      await scp.close();
      await sweeping.close();
      await imager.close();
      await store.close();
    },
  };
});
